#include "admin/maildir.h"
#include "base/test.h"

static const struct {
	const char *path, *mailbox, *flags;
	bool is_mail, is_maildir, is_mbox;
} cases[] = {
	{"cur/1.2.host:2,FS", "INBOX", "FS", true, true, false},
	{"new/1.2.host", "INBOX", "", true, true, false},
	{"tmp/1.2.host", "", "", false, false, false},
	{".Sent/cur/1:2,RST", "Sent", "RST", true, true, false},
	{".Work.Clients/new/1", "Work/Clients", "", true, true, false},
	{".&BCEEPwQwBDw-/cur/1:2,", "\xd0\xa1\xd0\xbf\xd0\xb0\xd0\xbc", "", true, true,
		false},
	{"Archive/2019/cur/1:2,S", "Archive/2019", "S", true, true, false},
	{"dovecot.index.log", "INBOX", "", true, false, false},
	{".uidvalidity", "", "", false, false, false},
	{"a.eml", "INBOX", "", true, false, false},
	{"Work/a.eml", "Work", "", true, false, false},
	{"inbox", "INBOX", "", true, false, true},
	{"Work/Sent.mbox", "Work/Sent", "", true, false, true},
	{"Sent", "Sent", "", true, false, true},
};

static void
paths_mean_mailboxes_and_flags(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct admin_path path;
		bool is_mail = admin_path_read(arena, slice_of_text(cases[i].path), &path);
		assert_int_equal(is_mail, cases[i].is_mail);
		if (!is_mail)
			continue;
		assert_true(slice_equal(path.mailbox, slice_of_text(cases[i].mailbox)));
		assert_true(
			slice_equal(admin_maildir_flags(arena, path.flags, path.flag_count),
				slice_of_text(cases[i].flags)));
		assert_int_equal(path.is_maildir, cases[i].is_maildir);
		assert_int_equal(path.is_mbox, cases[i].is_mbox);
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
		assert_true(admin_path_read(
			arena, slice_empty(folder) ? slice_from(path, 1) : path, &meaning));
		assert_true(slice_equal(meaning.mailbox, slice_of_text(names[i])));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_mean_mailboxes_and_flags),
		cmocka_unit_test(folders_come_back_as_mailboxes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
