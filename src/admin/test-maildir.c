#include "admin/maildir.h"
#include "base/test.h"

static const struct {
	const char *path, *mailbox, *letters;
	enum admin_path_kind kind;
} cases[] = {
	{"cur/1.2.host:2,FS", "INBOX", "FS", ADMIN_PATH_MAILDIR},
	{"cur/1.2.host,S=512,W=530:2,Sac", "INBOX", "Sac", ADMIN_PATH_MAILDIR},
	{"cur/1.2.host!2,RS", "INBOX", "RS", ADMIN_PATH_MAILDIR},
	{"cur/1.2.host;2,T", "INBOX", "T", ADMIN_PATH_MAILDIR},
	{"cur/1.2.host:2,SZ?9", "INBOX", "S", ADMIN_PATH_MAILDIR},
	{"new/1.2.host,S=512", "INBOX", "", ADMIN_PATH_MAILDIR},
	{"tmp/1.2.host", "", "", ADMIN_PATH_NO_MAIL},
	{"cur/.nfs0001", "", "", ADMIN_PATH_NO_MAIL},
	{".Sent/cur/1:2,RST", "Sent", "RST", ADMIN_PATH_MAILDIR},
	{".Work.Clients/new/1", "Work/Clients", "", ADMIN_PATH_MAILDIR},
	{"Maildir/.Work.Clients/new/1", "Maildir/Work/Clients", "", ADMIN_PATH_MAILDIR},
	{".&BCEEPwQwBDw-/cur/1:2,", "\xd0\xa1\xd0\xbf\xd0\xb0\xd0\xbc", "",
		ADMIN_PATH_MAILDIR},
	{".\xd0\xa1/cur/1:2,", "\xd0\xa1", "", ADMIN_PATH_MAILDIR},
	{".not &utf7/cur/1", "not &utf7", "", ADMIN_PATH_MAILDIR},
	{".line\nbreak/cur/1", "line_break", "", ADMIN_PATH_MAILDIR},
	{"Archive/2019/cur/1:2,S", "Archive/2019", "S", ADMIN_PATH_MAILDIR},
	{".inbox/cur/1:2,S", "INBOX", "S", ADMIN_PATH_MAILDIR},
	{"dovecot-keywords", "", "", ADMIN_PATH_KEYWORDS},
	{".Sent/dovecot-keywords", "", "", ADMIN_PATH_KEYWORDS},
	{".uidvalidity", "", "", ADMIN_PATH_NO_MAIL},
	{".imap/INBOX/dovecot.index", "", "", ADMIN_PATH_NO_MAIL},
	{"a.eml", "INBOX", "", ADMIN_PATH_EML},
	{"Work/A.EML", "Work", "", ADMIN_PATH_EML},
	{"Work/notes.txt", "Work", "", ADMIN_PATH_FILE},
	{"", "", "", ADMIN_PATH_NO_MAIL},
};

static void
paths_mean_mailboxes_and_flags(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct admin_path path;
		admin_path_read(arena, slice_of_text(cases[i].path), &path);
		if (path.kind != cases[i].kind)
			fail_msg("%s: another kind", cases[i].path);
		if (path.kind == ADMIN_PATH_NO_MAIL || path.kind == ADMIN_PATH_KEYWORDS)
			continue;
		assert_slice_equals(path.mailbox, slice_of_text(cases[i].mailbox),
			cases[i].path, (int)i);
		struct slice letters = admin_maildir_flags(
			arena, path.flags, path.flag_count, path.keywords);
		assert_slice_equals(
			letters, slice_of_text(cases[i].letters), cases[i].path, (int)i);
	}
}

static void
an_mbox_is_a_mailbox_of_its_name(void **state)
{
	(void)state;
	static const struct {
		const char *path, *mailbox;
	} boxes[] = {{"inbox", "INBOX"}, {"Work/Sent.mbox", "Work/Sent"}, {"Sent", "Sent"},
		{"Work/Inbox.MBOX", "Work/Inbox"}, {"00001.7c53336b", "INBOX"},
		{"ham/00001.txt", "ham"}};
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
		struct admin_path path;
		admin_path_read(arena, slice_of_text(boxes[i].path), &path);
		assert_slice_equals(path.mbox_mailbox, slice_of_text(boxes[i].mailbox),
			boxes[i].path, (int)i);
	}
}

static void
folders_come_back_as_mailboxes(void **state)
{
	(void)state;
	static const char *const names[] = {"INBOX", "Sent", "Work/Clients",
		"\xd0\xa1\xd0\xbf\xd0\xb0\xd0\xbc/\xd1\x84", "a&b"};
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct slice folder = admin_maildir_folder(arena, slice_of_text(names[i]));
		struct slice parts[] = {folder, SLICE("/cur/1:2,S")};
		struct slice path = arena_join(arena, parts, 2);
		struct admin_path meaning;
		admin_path_read(
			arena, slice_empty(folder) ? slice_from(path, 1) : path, &meaning);
		assert_slice_equals(
			meaning.mailbox, slice_of_text(names[i]), names[i], (int)i);
	}
}

static void
folders_that_are_made_are_harmless(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	assert_slice_is(admin_maildir_folder(arena, SLICE("a.b/c")), ".a_b.c");
	assert_slice_is(admin_eml_folder(arena, SLICE("../.ssh/x")), "_./_ssh/x");
	assert_slice_is(admin_eml_folder(arena, SLICE("Work/2019")), "Work/2019");
	assert_slice_is(
		admin_eml_folder(arena, SLICE("new/1.eml/x.mbox")), "_new/1.eml_/x.mbox");
	assert_slice_is(admin_mbox_path(arena, SLICE("../.ssh/.x")), "_./_ssh/_x");
	assert_slice_is(
		admin_mbox_path(arena, SLICE("tmp/a.mbox/b.mbox")), "_tmp/a.mbox_/b.mbox");
	char name[1000];
	for (size_t i = 0; i < sizeof name; i += 2) {
		name[i] = '\xd1';
		name[i + 1] = '\x84';
	}
	struct slice one = admin_eml_folder(arena, slice_of(name, sizeof name));
	struct slice other = admin_eml_folder(arena, slice_of(name, sizeof name - 2));
	assert_true(one.length <= ADMIN_MAILDIR_LEVEL_MOST);
	assert_true(slice_is_utf8(one));
	assert_false(slice_equal(one, other));
	assert_true(admin_maildir_folder(arena, slice_of(name, sizeof name)).length <=
		    ADMIN_MAILDIR_LEVEL_MOST);
}

static void
keywords_have_letters(void **state)
{
	(void)state;
	struct slice names[ADMIN_MAILDIR_KEYWORDS_MOST];
	admin_maildir_keywords(
		SLICE("0 $Label1\n2 NonJunk\r\n26 late\nx y\n-1 no\n3\n25 last"), names);
	assert_slice_is(names[0], "$Label1");
	assert_true(slice_absent(names[1]));
	assert_slice_is(names[2], "NonJunk");
	assert_true(slice_absent(names[3]));
	assert_slice_is(names[25], "last");
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct admin_path path;
	admin_path_read(arena, SLICE("cur/1:2,acz"), &path);
	assert_int_equal(path.keywords, UINT32_C(1) | UINT32_C(1) << 2 | UINT32_C(1) << 25);
}

static void
an_mbox_knows_flags(void **state)
{
	(void)state;
	struct admin_mbox_status status;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	admin_mbox_status(
		SLICE("Subject: x\r\nStatus: RO\r\nX-Status: AF\r\n\r\n"), &status);
	assert_slice_is(
		admin_maildir_flags(arena, status.flags, status.flag_count, 0), "FRS");
	assert_false(status.expunged);
	admin_mbox_status(SLICE("X-Mozilla-Status: 0005\nStatus: R\n"), &status);
	assert_slice_is(
		admin_maildir_flags(arena, status.flags, status.flag_count, 0), "FS");
	admin_mbox_status(SLICE("X-Mozilla-Status: 0009\n"), &status);
	assert_true(status.expunged);
	admin_mbox_status(
		SLICE("X-Mozilla-Status: wxyz\nStatus:\nSubject: Status: R"), &status);
	assert_int_equal(status.flag_count, 0);
	admin_mbox_status(SLICE_NONE, &status);
	assert_int_equal(status.flag_count, 0);
}

static void
mail_begins_with_a_header(void **state)
{
	(void)state;
	assert_true(admin_looks_like_mail(SLICE("Return-Path: <a@b>\n")));
	assert_true(admin_looks_like_mail(SLICE("subject:no blank")));
	assert_false(admin_looks_like_mail(SLICE("{\"name\": 1}")));
	assert_false(admin_looks_like_mail(SLICE("# Title\n\nText: more")));
	assert_false(admin_looks_like_mail(SLICE(": empty")));
	assert_false(admin_looks_like_mail(SLICE("no colon at all")));
	assert_false(admin_looks_like_mail(slice_of("a\0b:", 4)));
	assert_false(admin_looks_like_mail(SLICE_NONE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_mean_mailboxes_and_flags),
		cmocka_unit_test(an_mbox_is_a_mailbox_of_its_name),
		cmocka_unit_test(folders_come_back_as_mailboxes),
		cmocka_unit_test(folders_that_are_made_are_harmless),
		cmocka_unit_test(keywords_have_letters),
		cmocka_unit_test(an_mbox_knows_flags),
		cmocka_unit_test(mail_begins_with_a_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
