#include "base/test.h"
#include "post/attached-internal.h"
#include "post/query-internal.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"
#include "post/test-post.h"
#include <unistd.h>

/* --- which program ----------------------------------------------------------------------
 */

struct kind_case {
	const char *header;
	enum post_attached_kind kind;
	const char *program;
};

static const struct kind_case KINDS[] = {
	{"Content-Type: application/pdf", POST_ATTACHED_PROGRAM, "/usr/bin/pdftotext"},
	{"Content-Type: APPLICATION/PDF", POST_ATTACHED_PROGRAM, "/usr/bin/pdftotext"},
	{"Content-Type: application/octet-stream; name=\"a.b.PDF\"", POST_ATTACHED_PROGRAM,
		"/usr/bin/pdftotext"},
	{"Content-Type: application/octet-stream\r\n"
	 "Content-Disposition: attachment; filename*=utf-8''%D0%AF.odt",
		POST_ATTACHED_PROGRAM, "/usr/bin/bsdtar"},
	{"Content-Type: application/msword; name=a.docx", POST_ATTACHED_PROGRAM,
		"/usr/bin/bsdtar"},
	{"Content-Type: application/msword; name=a", POST_ATTACHED_PROGRAM,
		"/usr/bin/catdoc"},
	{"Content-Type: application/vnd.oasis.opendocument.graphics", POST_ATTACHED_PROGRAM,
		"/usr/bin/bsdtar"},
	{"Content-Type: text/rtf", POST_ATTACHED_PROGRAM, "/usr/bin/catdoc"},
	{"Content-Type: text/plain; name=a.pdf", POST_ATTACHED_TEXT, NULL},
	{"Content-Type: text/html", POST_ATTACHED_HTML, NULL},
	{"Content-Type: application/octet-stream; name=a.htm", POST_ATTACHED_HTML, NULL},
	{"Content-Type: application/json", POST_ATTACHED_TEXT, NULL},
	{"Content-Type: application/octet-stream; name=pdf", POST_ATTACHED_NOTHING, NULL},
	{"Content-Type: application/octet-stream; name=a.", POST_ATTACHED_NOTHING, NULL},
	{"Content-Type: application/octet-stream", POST_ATTACHED_NOTHING, NULL},
	{"Content-Type: image/png; name=a.pdf", POST_ATTACHED_NOTHING, NULL},
	{"Subject: none", POST_ATTACHED_TEXT, NULL},
};

static void
the_table_knows_types_and_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		struct slice text = arena_printf(arena, "%s\r\n\r\nx\r\n", KINDS[i].header);
		struct post_attached_what what =
			post_attached_what(arena, wire_mime_parse(arena, text)->top);
		print_message("%s\n", KINDS[i].header);
		assert_int_equal(what.kind, KINDS[i].kind);
		if (KINDS[i].program)
			assert_string_equal(
				post_attached_programs[what.program].arguments[0],
				KINDS[i].program);
	}
}

static void
rows_come_back(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer value = buffer_with(SIZE_MAX);
	struct post_attached_text texts[] = {{2, SLICE("one")}, {5, SLICE("and two")}};
	struct post_attached attached = {.missing = 5, .texts = texts, .count = 2}, back;
	assert_true(post_attached_pack(&attached, &value));
	assert_true(post_attached_unpack(arena, buffer_slice(&value), &back));
	assert_int_equal(back.count, 2);
	assert_int_equal(back.missing, 5);
	assert_int_equal(back.texts[1].part, 5);
	assert_true(slice_equal(back.texts[0].text, texts[0].text));
	assert_true(slice_equal(back.texts[1].text, texts[1].text));
	for (size_t i = 0; i < value.length; i++)
		assert_false(post_attached_unpack(
			arena, slice_first(buffer_slice(&value), i), &back));
}

/* --- deciding ---------------------------------------------------------------------------
 */

/* Its "program" gives back what goes in, unless told otherwise. */
struct fixture {
	struct test_post test;
	struct post_account *account;
	struct post_mailbox *mailbox;
	bool installed, unavailable;
	enum post_attached_end end;
	unsigned runs;
};

static bool
has(void *argument, unsigned program)
{
	const struct fixture *fixture = argument;
	(void)program;
	return fixture->installed;
}

static enum post_attached_end
run(void *argument, unsigned program, int input, struct buffer *into)
{
	struct fixture *fixture = argument;
	char bytes[4096];
	ssize_t got = pread(input, bytes, sizeof bytes, 0);
	(void)program;
	assert_true(got >= 0);
	if (fixture->unavailable)
		return POST_ATTACHED_UNAVAILABLE;
	fixture->runs++;
	if (fixture->end != POST_ATTACHED_KILLED)
		buffer_put(into, slice_of(bytes, (size_t)got));
	return fixture->end;
}

static int
start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	fixture->installed = true;
	fixture->test.attached =
		(struct post_attached_runner){.has = has, .run = run, .argument = fixture};
	test_post_start(&fixture->test);
	fixture->account = test_account(&fixture->test, "anna@troika.test");
	fixture->mailbox = test_open(fixture->account, "INBOX");
	*state = fixture;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *fixture = *state;
	post_mailbox_close(fixture->mailbox);
	post_account_close(fixture->account);
	test_post_stop(&fixture->test);
	free(fixture);
	return 0;
}

static void
deliver(struct fixture *fixture, const char *text)
{
	char mail[1024];
	snprintf(mail, sizeof mail,
		"Subject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
		"boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: "
		"application/pdf\r\n\r\n%s\r\n--b--\r\n",
		text);
	test_deliver(&fixture->test, fixture->account, mail);
}

static void
read_attachments(struct fixture *fixture)
{
	post_attached_read(fixture->test.post, post_account_id(fixture->account), 60000);
}

static bool
waits(const struct fixture *fixture)
{
	return post_attached_waits(fixture->test.post, post_account_id(fixture->account));
}

static uint32_t
found(const struct fixture *fixture, const char *text)
{
	struct post_uids *uids;
	const struct post_query query = {
		.kind = POST_QUERY_BODY, .text = slice_of_text(text)};
	struct post_view *view = post_view_newest(fixture->mailbox);
	struct post_search *search = post_search_begin(view, &query);
	while (post_search_step(search))
		continue;
	assert_int_equal(post_search_end(search, &uids), BASE_OK);
	uint32_t count = post_uids_count(uids);
	post_uids_destroy(uids);
	post_view_drop(view);
	return count;
}

static void
settle(struct fixture *fixture)
{
	for (int i = 0; i < 20; i++)
		post_chores(fixture->test.post);
}

static uint64_t
covered(struct fixture *fixture)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	assert_int_equal(
		search_state_read(fixture->account->space, arena, &state), BASE_OK);
	return state.part_count ? state.next : 0;
}

static void
each_is_decided_once(void **state)
{
	struct fixture *fixture = *state;
	deliver(fixture, "the quick fox");
	test_deliver(&fixture->test, fixture->account, "Subject: x\r\n\r\nplain\r\n");
	assert_true(waits(fixture));
	assert_int_equal(found(fixture, "quick"), 0);
	read_attachments(fixture);
	assert_false(waits(fixture));
	assert_int_equal(found(fixture, "the Quick"), 1);
	read_attachments(fixture);
	post_attached_chores(fixture->test.post);
	assert_int_equal(fixture->runs, 1);
	/* Also by who does not remember it. */
	post_mailbox_close(fixture->mailbox);
	test_post_reopen_account(&fixture->test, &fixture->account);
	fixture->mailbox = test_open(fixture->account, "INBOX");
	read_attachments(fixture);
	assert_int_equal(fixture->runs, 1);
	assert_int_equal(found(fixture, "the quick"), 1);
}

static void
failures_are_decided_too(void **state)
{
	struct fixture *fixture = *state;
	fixture->end = POST_ATTACHED_KILLED;
	deliver(fixture, "one");
	read_attachments(fixture);
	assert_false(waits(fixture));
	fixture->end = POST_ATTACHED_FAILED;
	deliver(fixture, "partly");
	read_attachments(fixture);
	fixture->end = POST_ATTACHED_DONE;
	read_attachments(fixture);
	assert_int_equal(fixture->runs, 2);
	assert_int_equal(found(fixture, "one"), 0);
	assert_int_equal(found(fixture, "partly"), 1);
}

static void
who_is_not_there_is_asked_again(void **state)
{
	struct fixture *fixture = *state;
	fixture->unavailable = true;
	deliver(fixture, "later");
	read_attachments(fixture);
	assert_true(waits(fixture));
	fixture->unavailable = false;
	read_attachments(fixture);
	assert_false(waits(fixture));
	assert_int_equal(found(fixture, "later"), 1);
}

static void
the_index_waits_for_what_is_undecided(void **state)
{
	struct fixture *fixture = *state;
	for (int i = 0; i < SEARCH_WAITING; i++)
		test_deliver(
			&fixture->test, fixture->account, "Subject: x\r\n\r\nplain\r\n");
	deliver(fixture, "needle");
	for (int i = 0; i < SEARCH_WAITING; i++)
		test_deliver(
			&fixture->test, fixture->account, "Subject: x\r\n\r\nplain\r\n");
	settle(fixture);
	assert_int_equal(covered(fixture), 1 + SEARCH_WAITING);
	assert_int_equal(found(fixture, "plain"), 2 * SEARCH_WAITING);
	read_attachments(fixture);
	settle(fixture);
	assert_int_equal(covered(fixture), 2 + 2 * SEARCH_WAITING);
	assert_int_equal(found(fixture, "needle"), 1);
}

static void
a_program_installed_later_is_used(void **state)
{
	struct fixture *fixture = *state;
	fixture->installed = false;
	for (int i = 0; i < SEARCH_WAITING; i++)
		deliver(fixture, "needle");
	post_attached_chores(fixture->test.post);
	assert_false(waits(fixture));
	settle(fixture);
	assert_int_equal(covered(fixture), 1 + SEARCH_WAITING);
	assert_int_equal(found(fixture, "needle"), 0);
	fixture->installed = true;
	post_attached_chores(fixture->test.post);
	assert_int_equal(fixture->runs, SEARCH_WAITING);
	assert_int_equal(found(fixture, "needle"), SEARCH_WAITING);
	settle(fixture);
	assert_int_equal(covered(fixture), 1 + SEARCH_WAITING);
	assert_int_equal(found(fixture, "needle"), SEARCH_WAITING);
	post_attached_chores(fixture->test.post);
	assert_int_equal(fixture->runs, SEARCH_WAITING);
}

static bool
has_row(struct fixture *fixture, uint64_t email)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_attached(email);
	return !store_get(fixture->account->space, post_key_slice(&key), arena, &value);
}

static void
what_is_purged_takes_its_text_along(void **state)
{
	struct fixture *fixture = *state;
	deliver(fixture, "needle");
	read_attachments(fixture);
	assert_true(has_row(fixture, 1));
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(1, 1);
	test_done(post_expunge(fixture->mailbox, uids, false, NULL, NULL));
	base_clock_advance(fixture->test.clock, 1);
	settle(fixture);
	assert_false(has_row(fixture, 1));
	read_attachments(fixture);
	assert_false(waits(fixture));
}

/* A hostile one: many parts, each of which would cost all that it may. */
static void
a_message_has_limits(void **state)
{
	struct fixture *fixture = *state;
	SCOPED(buffer_free) struct buffer mail = buffer_with(SIZE_MAX);
	buffer_put_text(&mail, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < 50; i++)
		buffer_put_text(&mail, "--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n");
	buffer_put_byte(&mail, '\0');
	fixture->end = POST_ATTACHED_KILLED;
	test_deliver(&fixture->test, fixture->account, mail.data);
	read_attachments(fixture);
	assert_int_equal(fixture->runs, 3);
	fixture->end = POST_ATTACHED_DONE;
	test_deliver(&fixture->test, fixture->account, mail.data);
	read_attachments(fixture);
	assert_int_equal(fixture->runs, 3 + 32);
	assert_false(waits(fixture));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_knows_types_and_names),
		cmocka_unit_test(rows_come_back),
		TEST(each_is_decided_once),
		TEST(failures_are_decided_too),
		TEST(who_is_not_there_is_asked_again),
		TEST(the_index_waits_for_what_is_undecided),
		TEST(a_program_installed_later_is_used),
		TEST(what_is_purged_takes_its_text_along),
		TEST(a_message_has_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
