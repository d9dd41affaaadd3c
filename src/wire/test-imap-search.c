#include "base/test.h"
#include "wire/imap-search.h"

struct search_case {
	const char *text;
	const char *normal; /* as written back; NULL: wrong */
};

static const struct search_case CASES[] = {
	{" ALL", "ALL"},
	{" 1:5", "1:5"},
	{" $", "$"},
	{" *", "*"},
	{" UID 7,3", "UID 3,7"},
	{" SEEN UNSEEN", "SEEN NOT SEEN"},
	{" unanswered undeleted undraft unflagged",
		"NOT ANSWERED NOT DELETED NOT DRAFT NOT FLAGGED"},
	{" NEW", "(RECENT NOT SEEN)"},
	{" OLD RECENT", "NOT RECENT RECENT"},
	{" KEYWORD $Junk UNKEYWORD x", "KEYWORD $Junk NOT KEYWORD x"},
	{" FROM anna", "HEADER \"FROM\" \"anna\""},
	{" HEADER X-Spam \"\"", "HEADER \"X-Spam\" \"\""},
	{" BODY {5}\r\na\r\nbc", "BODY {5}\r\na\r\nbc"},
	{" TEXT \"a \\\"b\\\"\"", "TEXT \"a \\\"b\\\"\""},
	{" BEFORE 1-Feb-1994 SINCE \"01-Feb-1994\"", "BEFORE 1-Feb-1994 SINCE 1-Feb-1994"},
	{" ON 2-Mar-2020 SENTON 3-Mar-2020", "ON 2-Mar-2020 SENTON 3-Mar-2020"},
	{" SENTBEFORE 3-Mar-2020 SENTSINCE 4-Mar-2020",
		"SENTBEFORE 3-Mar-2020 SENTSINCE 4-Mar-2020"},
	{" LARGER 1000 SMALLER 0", "LARGER 1000 SMALLER 0"},
	{" NOT NOT SEEN", "NOT NOT SEEN"},
	{" OR SEEN (FLAGGED 1)", "OR SEEN (FLAGGED 1)"},
	{" OR OR SEEN DRAFT ALL", "OR OR SEEN DRAFT ALL"},
	{" ((SEEN))", "((SEEN))"},
	{" CHARSET UTF-8 SUBJECT \"\xc3\xa9\"", "HEADER \"SUBJECT\" {2}\r\n\xc3\xa9"},
	{" YOUNGER 60 OLDER 61", "YOUNGER 60 OLDER 61"},
	{" MODSEQ 7 MODSEQ \"/flags/\\\\Seen\" priv 8", "MODSEQ 7 MODSEQ 8"},
	{" EMAILID M1 THREADID T1 FILTER a", "EMAILID M1 THREADID T1 FILTER a"},
	{" SAVEDON 2-Mar-2020 SAVEDATESUPPORTED", "SAVEDON 2-Mar-2020 ALL"},
	{" FUZZY (SUBJECT x)", "FUZZY (HEADER \"SUBJECT\" \"x\")"},
	{" RETURN () ALL", "ALL"},
	{" RETURN (MIN SAVE PARTIAL -1:-9) CHARSET UTF-8 SEEN", "SEEN"},
	{" RETURN (MIN", NULL},
	{" RETURN (MIN MIN) ALL", NULL},
	{" RETURN (PARTIAL 1:2 ALL) ALL", NULL},
	{" RETURN (PARTIAL 1:-2) ALL", NULL},
	{" RETURN (PARTIAL 0:2) ALL", NULL},
	{" RETURN (PARTIAL 1:*) ALL", NULL},
	{" YOUNGER 0", NULL},
	{" MODSEQ x", NULL},
	{" MODSEQ \"/flags/\\\\Seen\" 8", NULL},
	{" FUZZY", NULL},
	{"", NULL},
	{" ", NULL},
	{" CHARSET UTF-8", NULL},
	{" FOO", NULL},
	{" NOT", NULL},
	{" OR SEEN", NULL},
	{" OR SEEN  SEEN", NULL},
	{" (SEEN", NULL},
	{" ()", NULL},
	{" SEEN)", NULL},
	{" FROM", NULL},
	{" LARGER x", NULL},
	{" SEENX", NULL},
	{" UIDAFTER 7 UIDBEFORE 9", "UID 8:4294967294 UID 1:8"},
	{" UIDBEFORE 1 UIDAFTER 4294967295", "UID 4294967294 UID 4294967294"},
	{" UIDAFTER 0", NULL},
	{" UIDAFTER 1:2", NULL},
	{" UIDBEFORE *", NULL},
	{" ON 30-Feb-2020", NULL},
};

static void
keys_are_read_and_written_back(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		struct wire_imap_cursor cursor =
			wire_imap_cursor_over(slice_of_text(CASES[i].text), arena);
		struct wire_imap_search search;
		if (wire_imap_search_parse(&cursor, &search) != (CASES[i].normal != NULL))
			fail_msg("%s: %s", CASES[i].text, cursor.error);
		if (!CASES[i].normal)
			continue;
		SCOPED(buffer_free) struct buffer text = buffer_with(1000);
		assert_true(wire_imap_search_put(&text, &search));
		if (!slice_equal_nocase(
			    buffer_slice(&text), slice_of_text(CASES[i].normal)))
			fail_msg("%.*s", SLICE_ARG(buffer_slice(&text)));
	}
}

static void
the_charset_is_told(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(SLICE(" charset \"koi8-r\" 1 SEEN"), arena);
	struct wire_imap_search search;
	assert_true(wire_imap_search_parse(&cursor, &search));
	assert_slice_is(search.charset, "koi8-r");
	assert_int_equal(search.keys, 3);
	const struct wire_imap_search_key *key = search.key->child;
	assert_int_equal(key->kind, WIRE_IMAP_SEARCH_SET);
	assert_int_equal(key->next->kind, WIRE_IMAP_SEARCH_FLAG);
	assert_null(key->next->next);
}

/* " NOT NOT … SEEN" with so many NOTs. */
static const char *
nest(size_t depth, const char *piece, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1000000);
	for (size_t i = 0; i < depth; i++)
		buffer_put_text(&text, piece);
	buffer_put_text(&text, "SEEN");
	struct wire_imap_cursor cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	struct wire_imap_search search;
	(void)!wire_imap_search_parse(&cursor, &search);
	return cursor.error;
}

static void
depth_and_number_are_bounded(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(10000000);
	const char *error = nest(100000, " NOT", arena);
	assert_string_equal(error, "The search is nested too deeply");
	error = nest(100000, " SEEN (", arena);
	assert_non_null(error);
	SCOPED(buffer_free) struct buffer text = buffer_with(1000000);
	for (int i = 0; i < WIRE_IMAP_SEARCH_KEYS_MOST; i++)
		buffer_put_text(&text, " SEEN");
	struct wire_imap_cursor cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	struct wire_imap_search search;
	assert_false(wire_imap_search_parse(&cursor, &search));
	assert_string_equal(cursor.error, "The search has too many keys");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_read_and_written_back),
		cmocka_unit_test(the_charset_is_told),
		cmocka_unit_test(depth_and_number_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
