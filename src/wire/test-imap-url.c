#include "base/test.h"
#include "wire/imap-url.h"

/* RFC 5092, RFC 4467 3. */

static struct arena *arena;

static int
start(void **state)
{
	(void)state;
	arena = arena_create(1 << 20);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	arena_destroy(arena);
	return 0;
}

static struct wire_imap_url
parsed(const char *text)
{
	struct wire_imap_url url;
	if (!wire_imap_url_parse(slice_of_text(text), arena, &url))
		fail_msg("not taken: %s", text);
	return url;
}

static void
names_messages_and_parts(void **state)
{
	(void)state;
	struct wire_imap_url url = parsed("/INBOX/;uid=7");
	assert_slice_is(url.mailbox, "INBOX");
	assert_int_equal(url.uid, 7);
	assert_true(slice_absent(url.section) && !url.partial && !url.absolute);

	url = parsed("imap://fred;AUTH=*@example.org:143/a/b%20%D0%9F;UIDVALIDITY=385759045"
		     "/;UID=20/;SECTION=1.2.HEADER.FIELDS%20(DATE)/;PARTIAL=0.1024");
	assert_true(url.absolute);
	assert_slice_is(url.user, "fred");
	assert_slice_is(url.host, "example.org:143");
	assert_slice_is(url.mailbox, "a/b \xd0\x9f");
	assert_int_equal(url.uid_validity, 385759045);
	assert_slice_is(url.section, "1.2.HEADER.FIELDS (DATE)");
	assert_int_equal(url.length, 1024);

	url = parsed(";UID=3/;PARTIAL=5");
	assert_true(slice_absent(url.mailbox));
	assert_int_equal(url.offset, 5);
	assert_int_equal(url.length, 0);
	assert_int_equal(parsed("/a;uidvalidity=1/;uid=2").uid_validity, 1);
}

static void
carries_an_authorization(void **state)
{
	(void)state;
	struct wire_imap_url url =
		parsed("imap://joe@example.com/INBOX/;uid=20/;section=1.2"
		       ";urlauth=submit+fred:internal:"
		       "91354a473744909de610943775f92038");
	assert_int_equal(url.access, WIRE_IMAP_ACCESS_SUBMIT);
	assert_slice_is(url.name, "fred");
	assert_slice_is(url.mechanism, "internal");
	assert_slice_is(url.token, "91354a473744909de610943775f92038");
	assert_slice_is(url.rump, "imap://joe@example.com/INBOX/;uid=20/;section=1.2"
				  ";urlauth=submit+fred");
	url = parsed("imap://joe@example.com/INBOX/;uid=20;EXPIRE=2024-02-01T10:00:00Z"
		     ";URLAUTH=anonymous");
	assert_true(url.expires);
	assert_int_equal(url.expires_at, 1706781600);
	assert_true(slice_absent(url.mechanism));
	assert_int_equal(
		parsed("/a/;UID=1;URLAUTH=authuser").access, WIRE_IMAP_ACCESS_AUTHUSER);
}

static void
refuses_what_names_no_message(void **state)
{
	(void)state;
	static const char *const BAD[] = {"", "/", "/INBOX", "/INBOX/", "INBOX/;UID=1",
		"/;UID=1", "/a/;UID=0", "/a/;UID=", "/a/;UID=4294967296", "/a/;UID=1/",
		"/a/;UID=1x", "/a;UIDVALIDITY=0/;UID=1", "imap:///a/;UID=1", "imap://h",
		"imap://h/a", "http://h/a/;UID=1", "/%/;UID=1", "/%4/;UID=1", "/%zz/;UID=1",
		"/a%00/;UID=1", "/a%0d%0a/;UID=1",
		"/a/;UID=1/;SECTION=", "/a/;UID=1/;PARTIAL=", "/a/;UID=1/;PARTIAL=1.0",
		"/a/;UID=1/;PARTIAL=.1", "/a/;UID=1;URLAUTH=", "/a/;UID=1;URLAUTH=nobody",
		"/a/;UID=1;URLAUTH=user+", "/a/;UID=1;URLAUTH=anonymous:INTERNAL",
		"/a/;UID=1;URLAUTH=anonymous:INTERNAL:12",
		"/a/;UID=1;URLAUTH=anonymous:INTERNAL:x1354a473744909de610943775f92038",
		"/a/;UID=1;EXPIRE=2024-02-01T10:00:00Z",
		"/a/;UID=1;EXPIRE=x;URLAUTH=anonymous"};
	struct wire_imap_url url;
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
		if (wire_imap_url_parse(slice_of_text(BAD[i]), arena, &url))
			fail_msg("taken: %s", BAD[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_messages_and_parts),
		cmocka_unit_test(carries_an_authorization),
		cmocka_unit_test(refuses_what_names_no_message),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
