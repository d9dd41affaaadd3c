#include "base/buffer.h"
#include "base/test.h"
#include "wire/imap-acl.h"
#include "wire/imap-arguments.h"
#include "wire/imap-store.h"

static struct arena *arena;
static struct wire_imap_cursor cursor;

static void
over(const char *text)
{
	arena_reset(arena);
	cursor = wire_imap_cursor_over(slice_of_text(text), arena);
}

static void
one_and_two_mailboxes(void **state)
{
	(void)state;
	struct slice from, to;
	over(" inbox");
	assert_true(wire_imap_one_mailbox(&cursor, &from));
	assert_slice_is(from, "INBOX");
	over(" \"a b\" c");
	assert_true(wire_imap_two_mailboxes(&cursor, &from, &to));
	assert_slice_is(from, "a b");
	assert_slice_is(to, "c");
	over(" a b");
	assert_false(wire_imap_one_mailbox(&cursor, &from));
	assert_string_equal(cursor.error, "There is something behind the last argument");
	over("");
	assert_false(wire_imap_one_mailbox(&cursor, &from));
	assert_string_equal(cursor.error, "An argument is missing");
}

struct create_case {
	const char *text;
	bool taken;
	unsigned uses;
	bool unknown;
};

static const struct create_case CREATES[] = {
	{" a", true, 0, false},
	{" a (USE (\\Drafts))", true, WIRE_IMAP_USE_DRAFTS, false},
	{" a (use (\\sent \\Junk))", true, WIRE_IMAP_USE_SENT | WIRE_IMAP_USE_JUNK, false},
	{" a (USE (\\Foo))", true, 0, true},
	{" a (USE ())", true, 0, false},
	{" a (USE (Drafts))", false, 0, false},
	{" a (USE (\\Drafts)", false, 0, false},
	{" a (X 1)", false, 0, false},
	{" a b", false, 0, false},
};

static void
create_takes_special_uses(void **state)
{
	(void)state;
	struct wire_imap_create create;
	for (size_t i = 0; i < sizeof CREATES / sizeof *CREATES; i++) {
		over(CREATES[i].text);
		assert_int_equal(
			wire_imap_create_parse(&cursor, &create), CREATES[i].taken);
		if (!CREATES[i].taken)
			continue;
		assert_slice_is(create.name, "a");
		assert_int_equal(create.uses, CREATES[i].uses);
		assert_int_equal(create.unknown_use, CREATES[i].unknown);
	}
	assert_slice_is(wire_imap_special_use_name(WIRE_IMAP_USE_TRASH), "\\Trash");
}

static void
list_and_status(void **state)
{
	(void)state;
	struct wire_imap_list list;
	over(" \"\" \"*\"");
	assert_true(wire_imap_list_parse(&cursor, &list));
	assert_slice_is(list.reference, "");
	assert_slice_is(list.patterns[0], "*");
	assert_false(list.extended);
	over(" a/ %");
	assert_true(wire_imap_list_parse(&cursor, &list));
	assert_slice_is(list.patterns[0], "%");
	over(" \"\"");
	assert_false(wire_imap_list_parse(&cursor, &list));
	over(" \"\" (a b)");
	assert_false(wire_imap_list_plain_parse(&cursor, &list));
	over(" \"\" % return (children)");
	assert_false(wire_imap_list_plain_parse(&cursor, &list));

	struct wire_imap_status status;
	over(" inbox (messages UIDNEXT unseen)");
	assert_true(wire_imap_status_parse(&cursor, &status));
	assert_slice_is(status.name, "INBOX");
	assert_int_equal(status.items, WIRE_IMAP_STATUS_MESSAGES |
					       WIRE_IMAP_STATUS_UIDNEXT |
					       WIRE_IMAP_STATUS_UNSEEN);
	over(" a (RECENT UIDVALIDITY)");
	assert_true(wire_imap_status_parse(&cursor, &status));
	assert_int_equal(
		status.items, WIRE_IMAP_STATUS_RECENT | WIRE_IMAP_STATUS_UIDVALIDITY);
	over(" a (FOO)");
	assert_false(wire_imap_status_parse(&cursor, &status));
	over(" a ()");
	assert_false(wire_imap_status_parse(&cursor, &status));
}

/* RFC 5258 6, 5819 4, 6154 6, 8440 3, 9590 3. */
static void
list_extended(void **state)
{
	(void)state;
	struct wire_imap_list list;
	over(" (subscribed RECURSIVEMATCH) \"\" (a \"b c\" {1}\r\nd) RETURN (CHILDREN "
	     "STATUS (SIZE UNSEEN) special-use METADATA (\"/shared/a\" /private/b))");
	assert_true(wire_imap_list_parse(&cursor, &list));
	assert_true(list.extended);
	assert_int_equal(
		list.select, WIRE_IMAP_LIST_SUBSCRIBED | WIRE_IMAP_LIST_RECURSIVEMATCH);
	assert_int_equal(list.pattern_count, 3);
	assert_slice_is(list.patterns[1], "b c");
	assert_slice_is(list.patterns[2], "d");
	assert_int_equal(list.returns, WIRE_IMAP_LIST_CHILDREN | WIRE_IMAP_LIST_STATUS |
					       WIRE_IMAP_LIST_SPECIAL_USE |
					       WIRE_IMAP_LIST_METADATA);
	assert_int_equal(list.status, WIRE_IMAP_STATUS_SIZE | WIRE_IMAP_STATUS_UNSEEN);
	assert_int_equal(list.entry_count, 2);
	assert_slice_is(list.entries[1], "/private/b");
	over(" () \"\" % return ()");
	assert_true(wire_imap_list_parse(&cursor, &list));
	assert_true(list.extended);

	static const char *const BAD[] = {" (RECURSIVEMATCH) \"\" %",
		" (REMOTE RECURSIVEMATCH) \"\" %", " (CHILDREN) \"\" %",
		" (SUBSCRIBED ) \"\" %", " ( SUBSCRIBED) \"\" %", " (SUBSCRIBED)\"\" %",
		" \"\" ()", " \"\" (a b", " \"\" % RETURN", " \"\" % RETURN (",
		" \"\" % RETURN (STATUS)", " \"\" % RETURN (STATUS ())",
		" \"\" % RETURN (REMOTE)", " \"\" % CHILDREN",
		" \"\" % RETURN (METADATA ())", " (SUBSCRIBED) (SUBSCRIBED) \"\" %"};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		over(BAD[i]);
		assert_false(wire_imap_list_parse(&cursor, &list));
	}
}

static void
copy_and_sets(void **state)
{
	(void)state;
	struct wire_imap_copy copy;
	struct wire_imap_set set;
	over(" 1:3,5 Archive");
	assert_true(wire_imap_copy_parse(&cursor, &copy));
	assert_int_equal(copy.set.count, 2);
	assert_slice_is(copy.name, "Archive");
	over(" 1:3");
	assert_false(wire_imap_copy_parse(&cursor, &copy));
	over(" 7");
	assert_true(wire_imap_one_set(&cursor, &set));
	assert_int_equal(set.ranges[0].first, 7);
}

/* RFC 3502, 4469, 8508. */
static void
append_takes_many_and_parts(void **state)
{
	(void)state;
	struct wire_imap_append append;
	over(" a (\\Seen) {1}\n \"1-Jan-1970 00:00:10 +0000\" ~{2}\n"
	     " CATENATE (TEXT {3}\n URL \"/a/;UID=1\" URL b TEXT {4}\n)");
	assert_true(wire_imap_append_parse(&cursor, &append));
	assert_int_equal(append.count, 3);
	assert_true(append.messages[1].binary && append.messages[1].has_date);
	assert_false(append.messages[0].binary || append.messages[0].catenates);
	assert_true(append.messages[2].catenates);
	assert_int_equal(append.messages[2].part_count, 4);
	assert_slice_is(append.messages[2].parts[1].url, "/a/;UID=1");
	assert_true(slice_absent(append.messages[2].parts[3].url));

	assert_true(wire_imap_append_reached(SLICE("t append a catenate (url x text {5}"),
		false, cursor.arena, &append));
	assert_int_equal(append.messages[0].part_count, 1);
	assert_true(wire_imap_append_reached(
		SLICE("t append a {1}\n (\\Seen) {5+}"), false, cursor.arena, &append));
	assert_int_equal(append.count, 2);
	assert_false(wire_imap_append_reached(
		SLICE("t append a catenate (url {5}"), false, cursor.arena, &append));
	assert_false(wire_imap_append_reached(
		SLICE("t append {5}"), false, cursor.arena, &append));
	assert_true(wire_imap_append_reached(
		SLICE("t uid replace 5 a {5}"), false, cursor.arena, &append));
	assert_false(wire_imap_append_reached(
		SLICE("t copy 5 {5}"), false, cursor.arena, &append));

	static const char *const BAD[] = {" a CATENATE", " a CATENATE ()",
		" a CATENATE TEXT {1}\n", " a CATENATE (URL)", " a CATENATE (TEXT x)",
		" a CATENATE (TEXT {1}\n", " a CATENATE (BLOB {1}\n)", " a UTF8 {1}\n",
		" a {1}\n b {1}\n"};
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		over(BAD[i]);
		assert_false(wire_imap_append_parse(&cursor, &append));
	}
	over(" 4 a (\\Draft) {1}\n");
	assert_true(wire_imap_replace_parse(&cursor, &append));
	assert_int_equal(append.replaced.ranges[0].first, 4);
	static const char *const NOT_ONE[] = {
		" 4:5 a {1}\n", " $ a {1}\n", " a {1}\n", " 4 a {1}\n {1}\n", " 4 a"};
	for (size_t i = 0; i < sizeof NOT_ONE / sizeof *NOT_ONE; i++) {
		over(NOT_ONE[i]);
		assert_false(wire_imap_replace_parse(&cursor, &append));
	}
}

struct append_case {
	const char *text;
	bool taken;
	unsigned flags;
	bool date;
};

static const struct append_case APPENDS[] = {
	{" a {10}\n", true, 0, false},
	{" a (\\Seen $x) {10+}\n", true, WIRE_IMAP_SEEN, false},
	{" a () \" 1-Jan-1970 00:00:10 +0000\" ~{10}\n", true, 0, true},
	{" a \"1-Jan-1970 00:00:10 +0000\" {10}\n", true, 0, true},
	{" a {10}\r\n0123456789", false, 0, false},
	{" a {10}", false, 0, false},
	{" a (\\Recent) {10}\n", false, 0, false},
	{" a {10}\n {10}", false, 0, false},
	{" a UTF8 (~{10}\n)", true, 0, false},
	{" a text", false, 0, false},
	{" a", false, 0, false},
};

static void
append_takes_everything_but_the_message(void **state)
{
	(void)state;
	struct wire_imap_append append;
	for (size_t i = 0; i < sizeof APPENDS / sizeof *APPENDS; i++) {
		over(APPENDS[i].text);
		if (wire_imap_append_parse(&cursor, &append) != APPENDS[i].taken)
			fail_msg("%s: %s", APPENDS[i].text, cursor.error);
		if (!APPENDS[i].taken)
			continue;
		const struct wire_imap_append_message *message = append.messages;
		assert_int_equal(append.count, 1);
		assert_int_equal(message->parts[0].size, 10);
		assert_int_equal(message->flags.system, APPENDS[i].flags);
		assert_int_equal(message->has_date, APPENDS[i].date);
		assert_int_equal(message->date.unix_time, APPENDS[i].date ? 10 : 0);
	}
}

static void
signing_in(void **state)
{
	(void)state;
	struct slice a, b;
	over(" anna@troika.test \"tro ika\"");
	assert_true(wire_imap_login_parse(&cursor, &a, &b));
	assert_slice_is(a, "anna@troika.test");
	assert_slice_is(b, "tro ika");
	over(" PLAIN AGFubmEAdHJvaWth+/==");
	assert_true(wire_imap_authenticate_parse(&cursor, &a, &b));
	assert_slice_is(a, "PLAIN");
	assert_slice_is(b, "AGFubmEAdHJvaWth+/==");
	over(" LOGIN");
	assert_true(wire_imap_authenticate_parse(&cursor, &a, &b));
	assert_true(slice_absent(b));
	over(" PLAIN =");
	assert_true(wire_imap_authenticate_parse(&cursor, &a, &b));
	assert_slice_is(b, "=");
	over(" PLAIN a b");
	assert_false(wire_imap_authenticate_parse(&cursor, &a, &b));
}

static void
enable_and_id(void **state)
{
	(void)state;
	struct slice *names;
	struct wire_imap_id_pair *pairs;
	size_t count;
	over(" CONDSTORE X-GOOD");
	assert_true(wire_imap_enable_parse(&cursor, &names, &count));
	assert_int_equal(count, 2);
	assert_slice_is(names[1], "X-GOOD");
	over("");
	assert_false(wire_imap_enable_parse(&cursor, &names, &count));

	over(" (\"name\" \"Mail\" \"version\" NIL)");
	assert_true(wire_imap_id_parse(&cursor, &pairs, &count));
	assert_int_equal(count, 2);
	assert_slice_is(pairs[0].field, "name");
	assert_slice_is(pairs[0].value, "Mail");
	assert_true(slice_absent(pairs[1].value));
	over(" NIL");
	assert_true(wire_imap_id_parse(&cursor, &pairs, &count));
	assert_int_equal(count, 0);
	over(" ()");
	assert_true(wire_imap_id_parse(&cursor, &pairs, &count));
	over(" (\"name\")");
	assert_false(wire_imap_id_parse(&cursor, &pairs, &count));
	over(" (\"a name that is longer than thirty bytes\" NIL)");
	assert_false(wire_imap_id_parse(&cursor, &pairs, &count));
}

struct store_case {
	const char *text;
	bool taken;
	enum wire_imap_store_act act;
	bool silent;
	unsigned system;
	size_t keywords;
};

static const struct store_case STORES[] = {
	{" 1 FLAGS (\\Seen)", true, WIRE_IMAP_STORE_SET, false, WIRE_IMAP_SEEN, 0},
	{" 1 FLAGS ()", true, WIRE_IMAP_STORE_SET, false, 0, 0},
	{" 1:* +flags.silent (\\deleted $Junk $junk x)", true, WIRE_IMAP_STORE_ADD, true,
		WIRE_IMAP_DELETED, 2},
	{" 1 -FLAGS \\Flagged \\Answered \\Draft", true, WIRE_IMAP_STORE_TAKE, false,
		WIRE_IMAP_FLAGGED | WIRE_IMAP_ANSWERED | WIRE_IMAP_DRAFT, 0},
	{" 1 FLAGS", false, 0, false, 0, 0},
	{" 1 FLAG (x)", false, 0, false, 0, 0},
	{" 1 FLAGS (\\Recent)", false, 0, false, 0, 0},
	{" 1 FLAGS (\\Foo)", false, 0, false, 0, 0},
	{" 1 FLAGS (a", false, 0, false, 0, 0},
	{" 1 FLAGS (a) b", false, 0, false, 0, 0},
	{" 1 FLAGS (a]b)", false, 0, false, 0, 0},
};

static void
store_changes_flags(void **state)
{
	(void)state;
	struct wire_imap_store store;
	for (size_t i = 0; i < sizeof STORES / sizeof *STORES; i++) {
		over(STORES[i].text);
		if (wire_imap_store_parse(&cursor, &store) != STORES[i].taken)
			fail_msg("%s: %s", STORES[i].text, cursor.error);
		if (!STORES[i].taken)
			continue;
		assert_int_equal(store.act, STORES[i].act);
		assert_int_equal(store.silent, STORES[i].silent);
		assert_int_equal(store.flags.system, STORES[i].system);
		assert_int_equal(store.flags.keyword_count, STORES[i].keywords);
	}
}

static void
keywords_are_bounded(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(10000);
	struct wire_imap_flags flags;
	buffer_put_text(&text, "(k0");
	for (int i = 1; i <= WIRE_IMAP_KEYWORDS_MOST; i++)
		buffer_printf(&text, " k%d", i);
	buffer_put_text(&text, ")");
	cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	assert_false(wire_imap_flag_list(&cursor, &flags));
	assert_string_equal(cursor.error, "There are too many keywords");
}

static const struct {
	const char *text;
	bool taken, negative;
	enum wire_rights_action action;
	const char *rights; /* as they are told */
} ACLS[] = {
	{" a anna lrs", true, false, WIRE_RIGHTS_REPLACE, "lrs"},
	{" a anna +cd", true, false, WIRE_RIGHTS_ADD, "kxtecd"},
	{" a -anna \"-x\"", true, true, WIRE_RIGHTS_REMOVE, "xc"},
	{" a anna \"\"", true, false, WIRE_RIGHTS_REPLACE, ""},
	{" a anna +", true, false, WIRE_RIGHTS_ADD, ""},
	{" a anna aetxkpiwsrl", true, false, WIRE_RIGHTS_REPLACE, "lrswipkxteacd"},
	{" a anna L", false, false, 0, NULL},
	{" a anna l0", false, false, 0, NULL},
	{" a anna +-l", false, false, 0, NULL},
	{" a - l", false, false, 0, NULL},
	{" a \"\" l", false, false, 0, NULL},
	{" a \"\xff\" l", false, false, 0, NULL},
	{" a anna", false, false, 0, NULL},
	{" a anna l r", false, false, 0, NULL},
};

static void
lists_of_rights(void **state)
{
	(void)state;
	struct wire_imap_acl acl;
	for (size_t i = 0; i < sizeof ACLS / sizeof *ACLS; i++) {
		over(ACLS[i].text);
		assert_int_equal(wire_imap_setacl_parse(&cursor, &acl), ACLS[i].taken);
		if (!ACLS[i].taken)
			continue;
		SCOPED(buffer_free) struct buffer told = buffer_with(64);
		wire_rights_put(&told, acl.change.rights);
		assert_slice_is(acl.who, "anna");
		assert_int_equal(acl.negative, ACLS[i].negative);
		assert_int_equal(acl.change.action, ACLS[i].action);
		assert_true(
			slice_equal(buffer_slice(&told), slice_of_text(ACLS[i].rights)));
	}
	over(" a anna");
	assert_true(wire_imap_acl_parse(&cursor, &acl));
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_create(100000);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_destroy(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_and_two_mailboxes),
		cmocka_unit_test(create_takes_special_uses),
		cmocka_unit_test(list_and_status),
		cmocka_unit_test(list_extended),
		cmocka_unit_test(copy_and_sets),
		cmocka_unit_test(append_takes_everything_but_the_message),
		cmocka_unit_test(append_takes_many_and_parts),
		cmocka_unit_test(signing_in),
		cmocka_unit_test(enable_and_id),
		cmocka_unit_test(store_changes_flags),
		cmocka_unit_test(lists_of_rights),
		cmocka_unit_test(keywords_are_bounded),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
