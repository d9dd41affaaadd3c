/* Search: conditions over a few letters. */
#include "base/test.h"
#include "post/test-post.h"

static const char *const LETTERS[] = {
	/* 1 */
	"From: Anna <anna@troika.test>\r\nTo: b@example.org\r\nSubject: Tea time\r\n"
	"Date: Mon, 02 Jan 2006 23:30:00 -0500\r\n\r\nWould you like\r\nsome tea?\r\n",
	/* 2 */
	"From: =?iso-8859-1?Q?J=F6rg?= <joerg@example.org>\r\n"
	"Subject: =?utf-8?B?w4RwZmVs?= und Birnen\r\n"
	"Date: Tue, 03 Jan 2006 10:00:00 +0100\r\n"
	"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	"Sch=F6ne Gr=FC=\r\n=DFe\r\n",
	/* 3 */
	"From: c@example.org\r\nSubject: parts\r\nMIME-Version: 1.0\r\n"
	"Content-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n"
	"--x\r\nContent-Type: text/html\r\n\r\n<p>Hello "
	"<b>wo</b>rld</p><script>evil</script>\r\n"
	"--x\r\nContent-Type: application/octet-stream\r\n\r\nbinary treasure\r\n"
	"--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	"c2VjcmV0IG1lc3NhZ2U=\r\n"
	"--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner subject\r\n\r\n"
	"inner body\r\n--x--\r\n",
	/* 4 */
	"From: d@example.org\r\nCc: Some <user-cc (a comment)@ (b) example.com>\r\n"
	"Subject:\r\n\r\n",
};
#define COUNT 4

struct fixture {
	struct test_post test;
	struct post_account *account;
	struct post_mailbox *mailbox;
	struct post_view *view;
};

static int
start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	test_post_start(&fixture->test);
	fixture->account = test_account(&fixture->test, "anna@troika.test");
	fixture->mailbox = test_open(fixture->account, "Archive");
	for (int i = 0; i < COUNT; i++) {
		struct post_append append = {
			.has_date = true, .internal_date = 86400 * (1000 + i) + 5};
		struct post_incoming *incoming = test_incoming(&fixture->test, LETTERS[i]);
		assert_int_equal(post_incoming_seal(incoming), BASE_OK);
		struct base_ticket *ticket =
			post_append_messages(fixture->mailbox, &incoming, &append, 1, NULL);
		test_done(ticket);
		post_incoming_destroy(incoming);
	}
	test_flag(fixture->mailbox, 2, 3, "\\Seen", POST_FLAGS_ADD);
	test_flag(fixture->mailbox, 3, 4, "$Junk", POST_FLAGS_ADD);
	fixture->view = post_view_newest(fixture->mailbox);
	*state = fixture;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *fixture = *state;
	post_view_drop(fixture->view);
	post_mailbox_close(fixture->mailbox);
	post_account_close(fixture->account);
	test_post_stop(&fixture->test);
	free(fixture);
	return 0;
}

/* The UIDs found, as digits: "134". */
static void
finds(struct fixture *fixture, const struct post_query *query, const char *wanted)
{
	struct post_uids *found;
	char digits[COUNT + 1] = {0};
	size_t length = 0;
	struct post_search *search = post_search_begin(fixture->view, query);
	while (post_search_step(search))
		continue;
	assert_int_equal(post_search_end(search, &found), BASE_OK);
	for (uint32_t uid = 0; (uid = post_uids_next(found, uid));)
		digits[length++] = (char)('0' + uid);
	post_uids_destroy(found);
	assert_string_equal(digits, wanted);
}

static void
finds_text(struct fixture *fixture, enum post_query_kind kind, const char *name,
	const char *text, const char *wanted)
{
	struct post_query query = {
		.kind = kind, .name = slice_of_text(name), .text = slice_of_text(text)};
	finds(fixture, &query, wanted);
}

static const struct {
	enum post_query_kind kind;
	const char *name, *text, *wanted;
} TEXTS[] = {
	{POST_QUERY_HEADER, "subject", "TEA", "1"},
	{POST_QUERY_HEADER, "Subject", "\xc3\xa4pfel", "2"},
	{POST_QUERY_HEADER, "Subject", "A\xcc\x88PFEL UND", "2"}, /* decomposed */
	{POST_QUERY_HEADER, "Subject", "apfel", ""},
	{POST_QUERY_HEADER, "Subject", "", "1234"},
	{POST_QUERY_HEADER, "Date", "", "12"},
	{POST_QUERY_HEADER, "From", "j\xc3\xb6rg", "2"},
	{POST_QUERY_HEADER, "From", "example.org", "234"},
	{POST_QUERY_HEADER, "Cc", "user-cc@example.com", "4"},
	{POST_QUERY_HEADER, "Cc", "(a comment)@", "4"},
	{POST_QUERY_TEXT, NULL, "user-cc@example.com", "4"},
	{POST_QUERY_BODY, NULL, "SOME tea", "1"},
	{POST_QUERY_BODY, NULL, "like some", "1"}, /* over a line's end */
	{POST_QUERY_BODY, NULL,
		"gr\xc3\xbc\xc3\x9f"
		"e",
		"2"},
	{POST_QUERY_BODY, NULL, "SCH\xc3\x96NE", "2"},
	{POST_QUERY_BODY, NULL, "hello world", "3"},
	{POST_QUERY_BODY, NULL, "script", ""},
	{POST_QUERY_BODY, NULL, "evil", ""},
	{POST_QUERY_BODY, NULL, "treasure", ""},
	{POST_QUERY_BODY, NULL, "secret message", "3"},
	{POST_QUERY_BODY, NULL, "inner subject", "3"},
	{POST_QUERY_BODY, NULL, "inner body", "3"},
	{POST_QUERY_BODY, NULL, "parts", ""},
	{POST_QUERY_BODY, NULL, "", "1234"},
	{POST_QUERY_TEXT, NULL, "parts", "3"},
	{POST_QUERY_TEXT, NULL, "tea", "1"},
	{POST_QUERY_TEXT, NULL, "\xc3\x84PFEL", "2"},
	{POST_QUERY_TEXT, NULL, "nowhere", ""},
};

static void
texts(void **state)
{
	for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
		finds_text(*state, TEXTS[i].kind, TEXTS[i].name, TEXTS[i].text,
			TEXTS[i].wanted);
}

static void
finds_number(struct fixture *fixture, enum post_query_kind kind, uint64_t number,
	const char *wanted)
{
	struct post_query query = {.kind = kind, .number = number};
	finds(fixture, &query, wanted);
}

static void
numbers(void **state)
{
	struct fixture *fixture = *state;
	/* 2006-01-02 and 03 as their writers saw the calendar. */
	uint64_t second = 13150, size = strlen(LETTERS[0]);
	finds_number(fixture, POST_QUERY_SENT_ON, second, "1");
	finds_number(fixture, POST_QUERY_SENT_ON, second + 1, "2");
	finds_number(fixture, POST_QUERY_SENT_BEFORE, second + 1, "1");
	finds_number(fixture, POST_QUERY_SENT_SINCE, second, "12");
	finds_number(fixture, POST_QUERY_ON, 1001, "2");
	finds_number(fixture, POST_QUERY_BEFORE, 1001, "1");
	finds_number(fixture, POST_QUERY_SINCE, 1001, "234");
	finds_number(fixture, POST_QUERY_LARGER, size, "23");
	finds_number(fixture, POST_QUERY_SMALLER, size, "4");
}

static void
trees(void **state)
{
	struct fixture *fixture = *state;
	SCOPED(post_uids_release) struct post_uids *some = test_uids(2, 100);
	struct post_query all = {.kind = POST_QUERY_ALL};
	struct post_query seen = {.kind = POST_QUERY_FLAG, .text = SLICE("\\seen")};
	struct post_query junk = {.kind = POST_QUERY_FLAG, .text = SLICE("$JUNK")};
	struct post_query none = {.kind = POST_QUERY_FLAG, .text = SLICE("other")};
	struct post_query uids = {.kind = POST_QUERY_UIDS, .uids = some};
	struct post_query inner = {.kind = POST_QUERY_BODY, .text = SLICE("inner")};
	struct post_query from = {.kind = POST_QUERY_HEADER,
		.name = SLICE("from"),
		.text = SLICE("example.org")};
	struct post_query two[2] = {seen, junk};
	struct post_query either = {.kind = POST_QUERY_OR, .children = two, .count = 2};
	struct post_query both = {.kind = POST_QUERY_AND, .children = two, .count = 2};
	struct post_query neither = {
		.kind = POST_QUERY_NOT, .children = &either, .count = 1};
	struct post_query mixed[4] = {inner, from, uids, junk};
	struct post_query every = {.kind = POST_QUERY_AND, .children = mixed, .count = 4};
	struct post_query any[2] = {inner, seen};
	struct post_query some_of = {.kind = POST_QUERY_OR, .children = any, .count = 2};
	struct post_query not_inner = {
		.kind = POST_QUERY_NOT, .children = &inner, .count = 1};
	struct post_query empty = {.kind = POST_QUERY_AND};
	finds(fixture, &all, "1234");
	finds(fixture, &none, "");
	finds(fixture, &either, "234");
	finds(fixture, &both, "3");
	finds(fixture, &neither, "1");
	finds(fixture, &uids, "234");
	finds(fixture, &every, "3");
	finds(fixture, &some_of, "23");
	finds(fixture, &not_inner, "124");
	finds(fixture, &empty, "1234");
}

/* A text of many pieces, with the needle across each border once. */
static void
long_texts_are_read_in_pieces(void **state)
{
	struct fixture *fixture = *state;
	struct post_append append = {0};
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	buffer_put_text(
		&text, "Subject: long\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
	while (text.length < 500000)
		buffer_put_text(&text, "\xc3\xa4ll work and no play\r\n");
	buffer_put_text(&text, "makes Jack\r\n");
	while (text.length < 1000000)
		buffer_put_text(&text, "a dull boy\r\n");
	struct post_incoming *incoming = post_incoming_create(fixture->test.post);
	assert_int_equal(post_incoming_add(incoming, buffer_slice(&text)), BASE_OK);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	test_done(post_append_messages(fixture->mailbox, &incoming, &append, 1, NULL));
	post_incoming_destroy(incoming);
	post_view_drop(fixture->view);
	fixture->view = post_view_newest(fixture->mailbox);
	finds_text(fixture, POST_QUERY_BODY, NULL, "play makes jack a dull", "5");
	finds_text(fixture, POST_QUERY_BODY, NULL, "dull boy \xc3\xa4ll", "");
	SCOPED(buffer_free) struct buffer endless = buffer_with(SIZE_MAX);
	while (endless.length < 100000)
		buffer_put_text(&endless, "a dull boy\r\n");
	finds_text(fixture, POST_QUERY_BODY, NULL, "a dull boy a dull boy a dull boy", "5");
	buffer_put_byte(&endless, 0);
	finds_text(fixture, POST_QUERY_BODY, NULL, endless.data, "");
	finds_text(fixture, POST_QUERY_TEXT, NULL, endless.data, "");
	struct post_query query = {.kind = POST_QUERY_BODY, .text = SLICE("absent")};
	struct post_search *search = post_search_begin(fixture->view, &query);
	assert_true(post_search_step(search));
	post_search_destroy(search); /* in the middle of a body */
}

/* A header that the record does not hold is read from the blob. */
static void
long_headers_are_searched(void **state)
{
	struct fixture *fixture = *state;
	struct post_append append = {0};
	struct post_message message;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	while (text.length < 100000)
		buffer_put_text(&text, "X-Spam: and spam\r\n");
	buffer_put_text(&text, "Subject: late\r\n\r\nbody\r\n");
	struct post_incoming *incoming = post_incoming_create(fixture->test.post);
	assert_int_equal(post_incoming_add(incoming, buffer_slice(&text)), BASE_OK);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	test_done(post_append_messages(fixture->mailbox, &incoming, &append, 1, NULL));
	post_incoming_destroy(incoming);
	post_view_drop(fixture->view);
	fixture->view = post_view_newest(fixture->mailbox);
	assert_int_equal(post_message_read(fixture->view, 5, arena, &message), BASE_OK);
	assert_true(slice_absent(message.header));
	finds_text(fixture, POST_QUERY_HEADER, "subject", "late", "5");
	finds_text(fixture, POST_QUERY_TEXT, NULL, "x-spam: and", "5");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(texts),
		TEST(numbers),
		TEST(trees),
		TEST(long_texts_are_read_in_pieces),
		TEST(long_headers_are_searched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
