/* What smtpd decides without a peer: the order of commands, a transaction, a submission. */
#include "base/test.h"
#include "door/test-house.h"
#include "smtpd/smtpd-internal.h"

#define ANNA  "anna@troika.test"
#define BORIS "boris@troika.test"

/* A session as it stands behind AUTH, on the submission port. */
struct scene {
	struct house house;
	struct smtpd_context context;
	struct smtpd_session session;
	struct arena *arena;
};

static int
start(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct post_account_info anna;
	house_open(&scene->house, &(struct house_settings){.clear = true});
	scene->context = (struct smtpd_context){.role = SMTPD_SUBMISSION,
		.post = scene->house.post,
		.door = scene->house.door,
		.clock = scene->house.clock,
		.log = scene->house.log,
		.host_name = SLICE("mail.troika.test"),
		.message_size_most = 100000,
		.metrics = smtpd_metrics_register(scene->house.metrics)};
	house_listen(&scene->house, &smtpd_protocol, &scene->context);
	house_account(&scene->house, ANNA, "troika");
	house_account(&scene->house, BORIS, "troika");
	scene->arena = arena_create(ARENA_NO_CEILING);
	assert_int_equal(
		post_account_find(scene->house.post, SLICE(ANNA), scene->arena, &anna),
		BASE_OK);
	scene->session.context = &scene->context;
	scene->session.account = anna.id;
	*state = scene;
	return 0;
}

static int
stop(void **state)
{
	struct scene *scene = *state;
	smtpd_transaction_end(&scene->session);
	arena_destroy(scene->arena);
	house_close(&scene->house);
	free(scene);
	return 0;
}

static void
begin(struct scene *scene, const struct wire_smtp_mail *mail)
{
	smtpd_transaction_end(&scene->session);
	scene->session.transaction = smtpd_transaction_begin(&scene->session, mail);
}

static const struct wire_smtp_mail from_anna = {
	.from = {.local = SLICE_INIT("anna"), .domain = SLICE_INIT("troika.test")}};

/* --- commands ------------------------------------------------------------------------- */

/* Dispatch leans on it: a command that needs a recipient needs MAIL, and so on. */
static void
commands_need_what_comes_before(void **state)
{
	(void)state;
	assert_null(smtpd_command_of(WIRE_SMTP_UNKNOWN));
	for (int verb = WIRE_SMTP_HELO; verb < WIRE_SMTP_VERBS; verb++) {
		const struct smtpd_command *command =
			smtpd_command_of((enum wire_smtp_verb)verb);
		assert_non_null(command);
		assert_int_equal(command->verb, verb);
		assert_non_null(command->run);
		assert_true(command->help && command->help[0]);
		unsigned needs = command->needs;
		assert_true(!(needs & SMTPD_NEEDS_RECIPIENT) || needs & SMTPD_NEEDS_MAIL);
		assert_true(!(needs & SMTPD_NEEDS_MAIL) || needs & SMTPD_NEEDS_HELLO);
		assert_false(needs & SMTPD_NEEDS_MAIL && needs & SMTPD_NOT_IN_MAIL);
	}
}

static void
nothing_goes_without_a_sign_in_that_moves_mail(void **state)
{
	static const enum wire_smtp_verb moving[] = {
		WIRE_SMTP_MAIL, WIRE_SMTP_RCPT, WIRE_SMTP_DATA, WIRE_SMTP_BDAT};
	(void)state;
	for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
		assert_true(smtpd_command_of(moving[i])->needs & SMTPD_NEEDS_SIGN_IN ||
			    smtpd_command_of(moving[i])->needs & SMTPD_NEEDS_MAIL);
	assert_true(smtpd_command_of(WIRE_SMTP_MAIL)->needs & SMTPD_NEEDS_SIGN_IN);
}

/* --- transactions --------------------------------------------------------------------- */

static struct smtpd_recipient
recipient(struct post_target *targets, size_t count)
{
	return (struct smtpd_recipient){.address = SLICE("list@troika.test"),
		.notify = WIRE_SMTP_NOTIFY_SUCCESS,
		.original_type = SLICE("rfc822"),
		.original = SLICE("old@example.org"),
		.route = {.targets = targets, .count = count}};
}

/* What it was given lies in the line of a command, which is gone with the next one. */
static void
a_transaction_keeps_copies(void **state)
{
	struct scene *scene = *state;
	char address[] = BORIS, envelope_id[] = "one";
	struct wire_smtp_mail mail = from_anna;
	struct post_target target = {
		.local = true, .account = 7, .address = slice_of_text(address)};
	mail.envelope_id = slice_of_text(envelope_id);
	begin(scene, &mail);
	struct smtpd_transaction *transaction = scene->session.transaction;
	struct smtpd_recipient given = recipient(&target, 1);
	smtpd_transaction_add(transaction, &given);
	smtpd_transaction_add(transaction, &given);
	memset(address, 'x', sizeof address - 1);
	memset(envelope_id, 'x', sizeof envelope_id - 1);
	assert_slice_is(transaction->sender, ANNA);
	assert_slice_is(transaction->envelope_id, "one");
	assert_int_equal(transaction->recipient_count, 2);
	assert_int_equal(transaction->target_count, 2);
	const struct smtpd_recipient *first = transaction->recipients;
	assert_slice_is(first->route.targets[0].address, BORIS);
	assert_slice_is(first->original, "old@example.org");
	assert_ptr_equal(first->next, transaction->last);
	assert_null(transaction->last->next);
}

static void
a_null_sender_is_empty_and_not_absent(void **state)
{
	struct scene *scene = *state;
	begin(scene, &(struct wire_smtp_mail){.from = {.null = true}});
	assert_true(slice_empty(scene->session.transaction->sender));
	assert_false(slice_absent(scene->session.transaction->sender));
}

static void
recipients_and_what_they_come_to_are_bounded(void **state)
{
	struct scene *scene = *state;
	struct post_target target = {.local = true, .address = SLICE(BORIS)};
	struct smtpd_recipient one = recipient(&target, 1);
	scene->context.recipients_most = 3;
	begin(scene, &from_anna);
	for (int i = 0; i < 3; i++) {
		assert_true(smtpd_transaction_has_room(&scene->session, 1));
		smtpd_transaction_add(scene->session.transaction, &one);
	}
	assert_false(smtpd_transaction_has_room(&scene->session, 1));
	scene->context.recipients_most = 0; /* the usual */
	assert_true(smtpd_transaction_has_room(&scene->session, 1));
	assert_true(smtpd_transaction_has_room(&scene->session, SMTPD_TARGETS_MOST - 3));
	assert_false(smtpd_transaction_has_room(&scene->session, SMTPD_TARGETS_MOST - 2));
}

/* An errand may outlive the session. */
static void
a_held_transaction_outlives_its_session(void **state)
{
	struct scene *scene = *state;
	begin(scene, &from_anna);
	struct smtpd_transaction *held = smtpd_transaction_hold(scene->session.transaction);
	smtpd_transaction_end(&scene->session);
	assert_null(scene->session.transaction);
	assert_slice_is(held->sender, ANNA);
	smtpd_transaction_drop(held);
}

/* --- the bytes of a message ----------------------------------------------------------- */

static struct slice
header_of(struct scene *scene, struct slice message, size_t piece)
{
	begin(scene, &from_anna);
	smtpd_transaction_receive(&scene->session);
	struct smtpd_transaction *transaction = scene->session.transaction;
	struct wire_sink sink = smtpd_transaction_sink(transaction);
	while (message.length) {
		struct slice part = slice_first(message, piece);
		assert_int_equal(sink.write(sink.argument, part), BASE_OK);
		message = slice_from(message, part.length);
	}
	assert_int_equal(smtpd_transaction_received(&scene->session), BASE_OK);
	return post_incoming_header(transaction->incoming);
}

static void
blind_copies_are_taken_out_of_submissions_alone(void **state)
{
	struct scene *scene = *state;
	struct slice message =
		SLICE("From: " ANNA "\r\nBcc: " BORIS "\r\nSubject: x\r\n\r\ntext\r\n");
	for (size_t piece = 1; piece < 12; piece++)
		assert_slice_is(header_of(scene, message, piece),
			"From: " ANNA "\r\nSubject: x\r\n\r\n");
	scene->context.role = SMTPD_EXCHANGE;
	assert_slice_is(header_of(scene, message, 5),
		"From: " ANNA "\r\nBcc: " BORIS "\r\nSubject: x\r\n\r\n");
}

/* As RFC 3030 allows "BDAT 0 LAST": what is held back at the end belongs to the message. */
static void
a_message_may_end_anywhere(void **state)
{
	struct scene *scene = *state;
	assert_slice_is(header_of(scene, SLICE(""), 1), "");
	assert_slice_is(header_of(scene, SLICE("Subject: x\r\nBc"), 1), "Subject: x\r\nBc");
}

/* --- before a sign-in ---------------------------------------------------------------- */

static void
say(struct peer *peer, const char *command, const char *start)
{
	peer_say(peer, command);
	peer_expect_start(peer, start);
}

static void
greeted(struct scene *scene, struct peer *peer)
{
	peer_dial(peer, scene->house.port);
	peer_expect_start(peer, "220 ");
	say(peer, "HELO client", "250 ");
}

static void
expect_timeout(struct peer *peer)
{
	peer_expect_start(peer, "421 4.4.2 ");
	assert_true(peer_at_end(peer));
	peer_hang_up(peer);
}

static void
commands_buy_no_time(void **state)
{
	struct scene *scene = *state;
	struct peer peer;
	greeted(scene, &peer);
	for (int i = 0; i < 4; i++) {
		house_advance(&scene->house, SMTPD_SIGN_IN_DEADLINE / 5);
		say(&peer, "NOOP", "250 ");
	}
	say(&peer, "AUTH PLAIN", "334 ");
	house_advance(&scene->house, SMTPD_SIGN_IN_DEADLINE / 5 + 1);
	expect_timeout(&peer);
}

static void
nor_does_a_chunk_that_was_refused(void **state)
{
	enum { STEP = 20 * 1000 };
	static char drip[SMTPD_LEAST_RATE * 60];
	struct scene *scene = *state;
	struct peer peer;
	greeted(scene, &peer);
	peer_say(&peer, "BDAT 1000000000000");
	for (int at = STEP; at <= SMTPD_SIGN_IN_DEADLINE; at += STEP) {
		peer_send(&peer, slice_of(drip, sizeof drip));
		house_advance(&scene->house, STEP);
	}
	house_advance(&scene->house, 1);
	expect_timeout(&peer);
}

static void
who_has_signed_in_or_need_not_has_time_for_each(void **state)
{
	static const char sign_in[] = "AUTH PLAIN AGFubmFAdHJvaWthLnRlc3QAdHJvaWth";
	struct scene *scene = *state;
	for (int with = 0; with < 2; with++) {
		struct peer peer;
		scene->context.role = with ? SMTPD_SUBMISSION : SMTPD_EXCHANGE;
		greeted(scene, &peer);
		if (with)
			say(&peer, sign_in, "235 ");
		for (int i = 0; i < 3; i++) {
			house_advance(&scene->house, SMTPD_COMMAND_DEADLINE - 60 * 1000);
			say(&peer, "NOOP", "250 ");
		}
		peer_hang_up(&peer);
	}
}

/* --- chunks --------------------------------------------------------------------------- */

static void
begin_mail(struct scene *scene, struct peer *peer)
{
	scene->context.role = SMTPD_EXCHANGE;
	peer_dial(peer, scene->house.port);
	peer_expect_start(peer, "220 ");
	peer_say(peer, "HELO client");
	peer_expect_start(peer, "250 ");
	peer_say(peer, "MAIL FROM:<>");
	peer_expect_start(peer, "250 ");
	peer_say(peer, "RCPT TO:<" ANNA ">");
	peer_expect_start(peer, "250 ");
}

static void
chunks_that_are_empty_are_bounded(void **state)
{
	struct peer peer = {0};
	begin_mail(*state, &peer);
	for (int i = 1; i < SMTPD_IDLE_MOST; i++) { /* HELO was one */
		peer_say(&peer, "BDAT 0");
		peer_expect_start(&peer, "250 ");
		peer_send(&peer, SLICE("BDAT 1\r\nx"));
		peer_expect_start(&peer, "250 ");
	}
	peer_say(&peer, "BDAT 0");
	peer_expect_start(&peer, "250 ");
	peer_expect_start(&peer, "421 ");
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

/* As slow as DATA may be, and no slower: each pause is shorter than a deadline. */
static void
chunks_together_have_a_least_rate(void **state)
{
	struct scene *scene = *state;
	static char chunk[SMTPD_LEAST_RATE * 240];
	struct peer peer = {0};
	begin_mail(scene, &peer);
	memset(chunk, 'x', sizeof chunk);
	for (int i = 0; i < 10; i++) {
		char command[32];
		snprintf(command, sizeof command, "BDAT %zu", sizeof chunk);
		peer_say(&peer, command);
		peer_send(&peer, slice_of(chunk, sizeof chunk));
		peer_expect_start(&peer, "250 ");
		house_advance(&scene->house, 240 * 1000);
	}
	for (int i = 0; i < 3; i++) {
		peer_send(&peer, SLICE("BDAT 1\r\nx"));
		peer_expect_start(&peer, i < 2 ? "250 " : "421 ");
		house_advance(&scene->house, 280 * 1000);
	}
	assert_true(peer_at_end(&peer));
	peer_hang_up(&peer);
}

/* --- submissions ---------------------------------------------------------------------- */

static void
what_is_missing_is_added_and_nothing_else(void **state)
{
	struct scene *scene = *state;
	char wanted_id[128];
	begin(scene, &from_anna);
	struct smtpd_transaction *transaction = scene->session.transaction;
	snprintf(wanted_id, sizeof wanted_id, "Message-ID: <%.*s@mail.troika.test>\r\n",
		BASE_ID_LENGTH, transaction->id);
	struct slice both = smtpd_submission_fields(
		&scene->session, transaction, SLICE("From: " ANNA "\r\n"));
	assert_true(slice_starts(both, SLICE("Date: ")));
	assert_true(slice_ends(both, slice_of_text(wanted_id)));
	struct slice date = smtpd_submission_fields(
		&scene->session, transaction, SLICE("MESSAGE-id: <a@b>\r\n"));
	assert_true(slice_starts(date, SLICE("Date: ")));
	assert_int_equal(slice_find_byte(date, '\n'), date.length - 1);
	assert_slice_equals(smtpd_submission_fields(&scene->session, transaction,
				    SLICE("DATE: then\r\nSubject: x\r\n")),
		slice_of_text(wanted_id), __FILE__, __LINE__);
	assert_slice_is(smtpd_submission_fields(&scene->session, transaction,
				SLICE("Date: then\r\nMessage-Id: <a@b>\r\n")),
		"");
}

static int
checked(struct scene *scene, const char *header)
{
	begin(scene, &from_anna);
	return smtpd_submission_check(
		&scene->session, scene->session.transaction, slice_of_text(header))
		.code;
}

static void
from_and_sender_are_ones_own(void **state)
{
	struct scene *scene = *state;
	struct slice targets[] = {SLICE(ANNA)};
	house_done(post_alias_add(
		scene->house.post, SLICE("office@troika.test"), targets, 1, NULL));
	static const struct {
		const char *header;
		int code;
	} cases[] = {
		{"From: " ANNA "\r\n", 0},
		{"from: Anna <ANNA@Troika.Test>\r\n", 0},
		{"From: Anna <anna+x@troika.test>\r\nSender: " ANNA "\r\n", 0},
		{"From: office@troika.test\r\n", 0},
		{"From: " BORIS "\r\n", 550},
		{"From: " ANNA ", " BORIS "\r\n", 550},
		{"From: " ANNA "\r\nSender: " BORIS "\r\n", 550},
		{"From: " ANNA "\r\nFrom: " ANNA "\r\n", 550},
		{"From: nobody\r\n", 550},
		{"From:\r\n", 550},
		{"Sender: " ANNA "\r\n", 550},
		{"", 550},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (checked(scene, cases[i].header) != cases[i].code)
			fail_msg("%s", cases[i].header);
}

int
main(void)
{
#define SCENE(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_need_what_comes_before),
		cmocka_unit_test(nothing_goes_without_a_sign_in_that_moves_mail),
		SCENE(a_transaction_keeps_copies),
		SCENE(a_null_sender_is_empty_and_not_absent),
		SCENE(recipients_and_what_they_come_to_are_bounded),
		SCENE(a_held_transaction_outlives_its_session),
		SCENE(blind_copies_are_taken_out_of_submissions_alone),
		SCENE(a_message_may_end_anywhere),
		SCENE(commands_buy_no_time),
		SCENE(nor_does_a_chunk_that_was_refused),
		SCENE(who_has_signed_in_or_need_not_has_time_for_each),
		SCENE(chunks_that_are_empty_are_bounded),
		SCENE(chunks_together_have_a_least_rate),
		SCENE(what_is_missing_is_added_and_nothing_else),
		SCENE(from_and_sender_are_ones_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
