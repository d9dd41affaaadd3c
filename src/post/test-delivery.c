/* Incoming messages and their delivery. */
#include "base/test.h"
#include "post/test-post.h"

#define LETTER "From: boris@example.org\r\nSubject: Tea\r\n\r\nAt five?\r\n"

static int
start(void **state)
{
	*state = test_people_create(10);
	return 0;
}

static struct post_incoming *
sealed(struct test_people *people, const char *text)
{
	struct post_incoming *incoming = test_incoming(&people->test, text);
	post_incoming_set_trace(incoming, SLICE("Received: x\r\n"));
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	return incoming;
}

static enum base_failure
local(struct post_delivery *delivery, const struct post_account *account,
	const char *mailbox)
{
	struct post_delivery_target target = {.account = post_account_id(account),
		.delivered_to = SLICE("x@troika.test"),
		.mailbox = slice_of_text(mailbox)};
	return post_delivery_local(delivery, &target);
}

static uint32_t
messages(struct post_account *account, const char *mailbox)
{
	struct post_status status;
	assert_int_equal(
		post_mailbox_status(account, slice_of_text(mailbox), &status), BASE_OK);
	return status.messages;
}

/* The whole of message 1. */
static struct slice
whole(struct test_people *people, struct post_account *account, const char *name)
{
	struct post_message message;
	struct slice bytes;
	struct post_mailbox *mailbox = test_open(account, name);
	struct post_view *view = post_view_newest(mailbox);
	assert_int_equal(post_message_read(view, 1, people->arena, &message), BASE_OK);
	assert_int_equal(post_message_bytes(view, &message, 0, UINT64_MAX, people->arena,
				 SIZE_MAX, &bytes),
		BASE_OK);
	assert_int_equal(bytes.length, message.size);
	post_view_drop(view);
	post_mailbox_close(mailbox);
	return bytes;
}

static enum base_failure
put_note(void *argument, struct store_turn *turn, struct store_blob *blob)
{
	store_put(turn, SLICE("note"), SLICE("x"));
	store_reference(turn, blob, SLICE("note"));
	return *(enum base_failure *)argument;
}

static bool
has_note(struct store_space *space, struct arena *arena)
{
	struct slice value;
	return store_get(space, SLICE("note"), arena, &value) == BASE_OK;
}

static void
one_set_for_many(void **state)
{
	struct test_people *people = *state;
	enum base_failure outcome = BASE_OK;
	struct store_space *queue =
		store_space_open(people->test.store, POST_SPACE_QUEUE_FIRST);
	struct post_incoming *incoming = sealed(people, LETTER);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE(""));
	assert_int_equal(local(delivery, people->anna, NULL), BASE_OK);
	assert_int_equal(local(delivery, people->boris, "Junk"), BASE_OK);
	assert_int_equal(
		local(delivery, people->anna, "Junk"), BASE_OK); /* once is enough */
	post_delivery_also(delivery, queue, put_note, &outcome);
	test_done(post_delivery_submit(&delivery, NULL));
	assert_null(delivery);
	assert_int_equal(messages(people->anna, "INBOX"), 1);
	assert_int_equal(messages(people->anna, "Junk"), 0);
	assert_int_equal(messages(people->boris, "Junk"), 1);
	assert_int_equal(messages(people->boris, "INBOX"), 0);
	assert_true(has_note(queue, people->arena));
	assert_slice_is(whole(people, people->boris, "Junk"),
		"Return-Path: <>\r\nDelivered-To: x@troika.test\r\nReceived: x\r\n" LETTER);
	post_incoming_destroy(incoming);
	store_space_close(queue);
}

/* More than fit at first where it is noted who has it; nobody is forgotten or taken twice.
 */
static void
a_long_list_has_everybody_once(void **state)
{
	enum { MANY = 200 };
	struct test_people *people = *state;
	struct post_account *readers[MANY];
	struct post_incoming *incoming = sealed(people, LETTER);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE(""));
	for (int i = 0; i < MANY; i++) {
		char address[64];
		snprintf(address, sizeof address, "reader%d@troika.test", i);
		readers[i] = test_account(&people->test, address);
		assert_int_equal(local(delivery, readers[i], NULL), BASE_OK);
		assert_int_equal(local(delivery, readers[i / 2], NULL), BASE_OK);
		/* The second part of its space. */
		assert_int_equal(
			post_delivery_charge(delivery, post_account_id(readers[i]), 1),
			BASE_OK);
	}
	test_done(post_delivery_submit(&delivery, NULL));
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(messages(readers[i], "INBOX"), 1);
		post_account_close(readers[i]);
	}
	post_incoming_destroy(incoming);
}

static void
a_failure_leaves_nothing(void **state)
{
	struct test_people *people = *state;
	enum base_failure outcome = BASE_UNAVAILABLE;
	struct base_error error = {0};
	struct store_space *queue =
		store_space_open(people->test.store, POST_SPACE_QUEUE_FIRST);
	struct post_incoming *incoming = sealed(people, LETTER);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE(""));
	assert_int_equal(local(delivery, people->anna, NULL), BASE_OK);
	post_delivery_also(delivery, queue, put_note, &outcome);
	assert_null(post_delivery_submit(&delivery, &error));
	assert_int_equal(error.failure, BASE_UNAVAILABLE);
	assert_true(error.text[0]);
	assert_int_equal(messages(people->anna, "INBOX"), 0);
	assert_false(has_note(queue, people->arena));
	/* The same message can be tried again. */
	delivery = post_delivery_create(incoming, SLICE(""));
	assert_int_equal(local(delivery, people->anna, "no such mailbox"), BASE_OK);
	test_done(post_delivery_submit(&delivery, NULL));
	assert_int_equal(messages(people->anna, "INBOX"), 1);
	post_incoming_destroy(incoming);
	store_space_close(queue);
}

static void
quota_and_disabled_accounts(void **state)
{
	struct test_people *people = *state;
	struct post_delivery_target nobody = {
		.account = 999999, .delivered_to = SLICE("x")};
	struct post_incoming *incoming = sealed(people, LETTER);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE("b@e.org"));
	test_done(post_account_set_limits(people->test.post, SLICE("anna@troika.test"),
		&(struct post_quota){.bytes = 200}, 0, NULL));
	test_done(post_account_set_enabled(
		people->test.post, SLICE("boris@troika.test"), false, NULL));
	assert_int_equal(post_delivery_local(delivery, &nobody), BASE_NOT_FOUND);
	assert_int_equal(local(delivery, people->boris, NULL), BASE_DENIED);
	assert_int_equal(local(delivery, people->anna, NULL), BASE_OK);
	test_done(post_delivery_submit(&delivery, NULL));
	delivery = post_delivery_create(incoming, SLICE("b@e.org"));
	assert_int_equal(local(delivery, people->anna, NULL), BASE_QUOTA);
	post_delivery_destroy(delivery);
	post_incoming_destroy(incoming);
}

/* Two deliveries that both were told there is room: the turn lets one pass. */
static void
one_of_two_passes(struct test_people *people, struct post_incoming *incoming,
	const struct post_quota *quota)
{
	struct base_error error = {0};
	struct post_delivery *first = post_delivery_create(incoming, SLICE("b@e.org"));
	struct post_delivery *second = post_delivery_create(incoming, SLICE("b@e.org"));
	test_done(post_account_set_limits(
		people->test.post, SLICE("anna@troika.test"), quota, 0, NULL));
	assert_int_equal(local(first, people->anna, NULL), BASE_OK);
	assert_int_equal(local(second, people->anna, NULL), BASE_OK);
	struct base_ticket *ticket = post_delivery_submit(&first, NULL);
	assert_null(post_delivery_submit(&second, &error));
	assert_int_equal(error.failure, BASE_QUOTA);
	test_done(ticket);
}

static void
messages_are_counted_too(void **state)
{
	struct test_people *people = *state;
	struct post_incoming *incoming = sealed(people, LETTER);
	one_of_two_passes(people, incoming, &(struct post_quota){.messages = 1});
	struct post_delivery *third = post_delivery_create(incoming, SLICE("b@e.org"));
	assert_int_equal(local(third, people->anna, NULL), BASE_QUOTA);
	post_delivery_destroy(third);
	post_incoming_destroy(incoming);
}

static void
quota_is_asked_again_in_the_turn(void **state)
{
	struct test_people *people = *state;
	struct post_incoming *incoming = sealed(people, LETTER);
	one_of_two_passes(people, incoming, &(struct post_quota){.bytes = 200});
	post_incoming_destroy(incoming);
}

static enum base_failure
charge(struct test_people *people, uint32_t letters)
{
	struct post_incoming *incoming = sealed(people, LETTER);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE("a@t.test"));
	enum base_failure failure =
		post_delivery_charge(delivery, post_account_id(people->anna), letters);
	if (!failure)
		test_done(post_delivery_submit(&delivery, NULL));
	post_delivery_destroy(delivery);
	post_incoming_destroy(incoming);
	return failure;
}

/* Of two that were asked, there was room for one. */
static void
letters_are_counted_again_in_the_turn(void **state)
{
	struct test_people *people = *state;
	struct base_error error = {0};
	struct post_incoming *incoming = sealed(people, LETTER);
	struct post_delivery *deliveries[2];
	for (int i = 0; i < 2; i++) {
		deliveries[i] = post_delivery_create(incoming, SLICE("anna@troika.test"));
		assert_int_equal(local(deliveries[i], people->boris, NULL), BASE_OK);
		assert_int_equal(post_delivery_charge(
					 deliveries[i], post_account_id(people->anna), 6),
			BASE_OK);
	}
	struct base_ticket *ticket = post_delivery_submit(&deliveries[0], NULL);
	assert_null(post_delivery_submit(&deliveries[1], &error));
	assert_int_equal(error.failure, BASE_CONFLICT);
	test_done(ticket);
	assert_int_equal(messages(people->boris, "INBOX"), 1);
	post_incoming_destroy(incoming);
}

static void
letters_are_counted_by_the_hour(void **state)
{
	struct test_people *people = *state;
	int64_t hour = 3600000;
	int64_t into = base_clock_wall_ms(people->test.clock) % hour;
	base_clock_advance(people->test.clock, hour - into);
	assert_int_equal(charge(people, 8), BASE_OK);
	assert_int_equal(charge(people, 3), BASE_QUOTA);
	assert_int_equal(charge(people, 2), BASE_OK);
	assert_int_equal(charge(people, 1), BASE_QUOTA);
	/* Half an hour into the next, half of the ten still counts. */
	base_clock_advance(people->test.clock, hour + hour / 2);
	assert_int_equal(charge(people, 7), BASE_QUOTA);
	assert_int_equal(charge(people, 5), BASE_OK);
	base_clock_advance(people->test.clock, 3 * hour);
	assert_int_equal(charge(people, 10), BASE_OK);
	test_done(post_account_set_limits(people->test.post, SLICE("anna@troika.test"),
		&(struct post_quota){0}, 1000, NULL));
	assert_int_equal(charge(people, 900), BASE_OK);
}

static void
a_body_without_header_is_kept_apart(void **state)
{
	struct test_people *people = *state;
	struct post_incoming *incoming = sealed(people, "no header here\r\n");
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE("b@e.org"));
	assert_int_equal(local(delivery, people->anna, NULL), BASE_OK);
	test_done(post_delivery_submit(&delivery, NULL));
	assert_slice_is(whole(people, people->anna, "INBOX"),
		"Return-Path: <b@e.org>\r\nDelivered-To: x@troika.test\r\n"
		"Received: x\r\n\r\nno header here\r\n");
	post_incoming_destroy(incoming);
}

/* Larger than what stays in memory: it goes through a file, and comes out the same. */
static void
a_large_one_spills(void **state)
{
	struct test_people *people = *state;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	struct post_incoming *incoming = post_incoming_create(people->test.post);
	struct post_append append = {0};
	buffer_put_text(&text, "Subject: large\r\n\r\nfirst line\r\n");
	for (unsigned i = 0; text.length < 3 * STORE_BLOB_IN_MEMORY_MOST; i++)
		buffer_printf(&text, "line %u of a long letter\r\n", i);
	for (size_t at = 0; at < text.length; at += 100000)
		assert_int_equal(post_incoming_add(incoming,
					 slice_part(buffer_slice(&text), at, 100000)),
			BASE_OK);
	assert_slice_is(post_incoming_header(incoming), "Subject: large\r\n\r\n");
	assert_true(post_incoming_is_large(incoming));
	assert_int_equal(post_incoming_size(incoming), text.length);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	struct post_mailbox *sent = test_open(people->anna, "Sent");
	test_done(post_append_messages(sent, &incoming, &append, 1, NULL));
	assert_true(slice_equal(whole(people, people->anna, "Sent"), buffer_slice(&text)));
	struct post_view *view = post_view_newest(sent);
	struct post_message message;
	assert_int_equal(post_message_read(view, 1, people->arena, &message), BASE_OK);
	assert_true(slice_starts(message.preview, SLICE("first line")));
	post_view_drop(view);
	post_mailbox_close(sent);
	post_incoming_destroy(incoming);
}

/* Records would be larger than a row may be: it is shown as one part, and is whole. */
static void
an_absurd_structure_is_opaque(void **state)
{
	struct test_people *people = *state;
	char backslashes[1001];
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	struct post_incoming *incoming = post_incoming_create(people->test.post);
	struct post_append append = {0};
	struct post_message message;
	memset(backslashes, '\\', 1000);
	backslashes[1000] = 0;
	buffer_put_text(&text, "Content-Type: multipart/mixed; boundary=x\r\n\r\n");
	for (int i = 0; i < 3500; i++)
		buffer_printf(
			&text, "--x\r\nContent-Description: %s\r\n\r\n\r\n", backslashes);
	buffer_put_text(&text, "--x--\r\n");
	assert_int_equal(post_incoming_add(incoming, buffer_slice(&text)), BASE_OK);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	struct post_mailbox *sent = test_open(people->anna, "Sent");
	test_done(post_append_messages(sent, &incoming, &append, 1, NULL));
	struct post_view *view = post_view_newest(sent);
	assert_int_equal(post_message_read(view, 1, people->arena, &message), BASE_OK);
	assert_int_equal(message.structure->parts, 1);
	assert_int_equal(message.size, text.length);
	assert_true(slice_find_nocase(message.body_structure, SLICE("octet-stream")) <
		    message.body_structure.length);
	post_view_drop(view);
	post_mailbox_close(sent);
	post_incoming_destroy(incoming);
}

static void
too_large_is_refused(void **state)
{
	struct test_people *people = *state;
	struct base_error error = {0};
	struct post *post;
	struct post_settings settings = {.store = people->test.store,
		.clock = people->test.clock,
		.message_size_most = 100};
	assert_int_equal(post_open(&settings, &post, &error), BASE_OK);
	struct post_incoming *incoming = post_incoming_create(post);
	char bytes[60] = {0};
	assert_int_equal(post_incoming_add(incoming, slice_of(bytes, 60)), BASE_OK);
	assert_int_equal(post_incoming_add(incoming, slice_of(bytes, 41)), BASE_TOO_LARGE);
	assert_int_equal(post_incoming_add(incoming, slice_of(bytes, 1)), BASE_TOO_LARGE);
	assert_int_equal(post_incoming_seal(incoming), BASE_TOO_LARGE);
	post_incoming_destroy(incoming);
	post_close(post);
}

/* MULTIAPPEND: all or nothing, flags and dates kept. */
static void
several_are_appended_at_once(void **state)
{
	struct test_people *people = *state;
	struct slice flags[3] = {SLICE("\\Seen"), SLICE("$Work"), SLICE("\\Recent")};
	struct slice wrong = SLICE("\\Wrong");
	struct post_incoming *incoming[2] = {
		sealed(people, LETTER), sealed(people, "a: b\r\n\r\n")};
	struct post_append appends[2] = {
		{.flags = flags, .flag_count = 3, .has_date = true, .internal_date = 86400},
		{.uid = 0}};
	struct base_error error = {0};
	struct post_mailbox *drafts = test_open(people->anna, "Drafts");
	test_done(post_append_messages(drafts, incoming, appends, 2, NULL));
	assert_int_equal(appends[1].uid, 2);
	assert_int_equal(appends[1].uid_validity, post_mailbox_uid_validity(drafts));
	struct post_view *view = post_view_newest(drafts);
	struct post_message message;
	assert_int_equal(post_message_read(view, 1, people->arena, &message), BASE_OK);
	assert_int_equal(message.internal_date, 86400);
	assert_int_equal(post_view_modseq_of(view, 1), post_view_modseq_of(view, 2));
	struct post_flags first = post_view_flags(view, 1),
			  second = post_view_flags(view, 2);
	assert_int_equal(first.words[0], 1u << POST_SEEN | 1u << POST_KEYWORD_FIRST);
	assert_int_equal(second.words[0], 0);
	appends[1].flags = &wrong;
	appends[1].flag_count = 1;
	assert_null(post_append_messages(drafts, incoming, appends, 2, &error));
	assert_int_equal(error.failure, BASE_INVALID);
	assert_int_equal(messages(people->anna, "Drafts"), 2);
	post_view_drop(view);
	post_mailbox_close(drafts);
	post_incoming_destroy(incoming[0]);
	post_incoming_destroy(incoming[1]);
}

static void
pieces_of_a_message(void **state)
{
	struct test_people *people = *state;
	struct post_message message;
	struct slice bytes;
	test_deliver(&people->test, people->anna, LETTER);
	struct slice all = whole(people, people->anna, "INBOX");
	struct post_mailbox *inbox = test_open(people->anna, "INBOX");
	struct post_view *view = post_view_newest(inbox);
	assert_int_equal(post_message_read(view, 1, people->arena, &message), BASE_OK);
	for (uint64_t offset = 0; offset < message.size + 3; offset += 7) {
		assert_int_equal(post_message_bytes(view, &message, offset, 20,
					 people->arena, 20, &bytes),
			BASE_OK);
		assert_true(slice_equal(bytes, slice_part(all, (size_t)offset, 20)));
	}
	assert_int_equal(
		post_message_bytes(view, &message, 0, 21, people->arena, 20, &bytes),
		BASE_TOO_LARGE);
	post_view_drop(view);
	post_mailbox_close(inbox);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, test_people_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_set_for_many),
		TEST(a_long_list_has_everybody_once),
		TEST(a_failure_leaves_nothing),
		TEST(quota_and_disabled_accounts),
		TEST(messages_are_counted_too),
		TEST(quota_is_asked_again_in_the_turn),
		TEST(letters_are_counted_again_in_the_turn),
		TEST(letters_are_counted_by_the_hour),
		TEST(a_body_without_header_is_kept_apart),
		TEST(a_large_one_spills),
		TEST(an_absurd_structure_is_opaque),
		TEST(too_large_is_refused),
		TEST(several_are_appended_at_once),
		TEST(pieces_of_a_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
