#include "base/test.h"
#include "wire/imap-notify.h"

static bool
parses(struct arena *arena, const char *text, struct wire_imap_notify *notify)
{
	arena_reset(arena);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(slice_of_text(text), arena);
	bool parsed = wire_imap_notify_parse(&cursor, notify);
	assert_true(parsed == !cursor.error);
	return parsed;
}

static void
groups_of_mailboxes_and_events(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_notify notify;
	assert_true(parses(arena,
		" set status (selected-delayed (messagenew (uid "
		"body.peek[header.fields (from to)]) messageexpunge FlagChange)) (SUBTREE "
		"Lists "
		"(MessageNew MessageExpunge)) (mailboxes (inbox \"a b\") (MailboxName "
		"SubscriptionChange)) (personal NONE)",
		&notify));
	assert_true(notify.status);
	assert_int_equal(notify.count, 4);
	assert_int_equal(notify.groups[0].filter, WIRE_IMAP_NOTIFY_SELECTED_DELAYED);
	assert_int_equal(notify.groups[0].item_count, 2);
	assert_int_equal(notify.groups[0].events,
		WIRE_IMAP_EVENT_NEW | WIRE_IMAP_EVENT_EXPUNGE | WIRE_IMAP_EVENT_FLAGS);
	assert_int_equal(notify.groups[1].count, 1);
	assert_slice_is(notify.groups[2].names[0], "INBOX");
	assert_slice_is(notify.groups[2].names[1], "a b");
	assert_int_equal(notify.groups[3].events, 0);
	assert_true(parses(arena, " NONE", &notify));
	assert_int_equal(notify.count, 0);
	assert_true(parses(arena, " SET (PERSONAL (Teapot))", &notify));
	assert_int_equal(notify.events, WIRE_IMAP_EVENT_UNKNOWN);
}

static void
what_does_not_go_together(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", " ", " SET", " SET STATUS", " STATUS",
		" NONE x", " SET (SELECTED)", " SET (SELECTED ())", " SET SELECTED NONE",
		" SET (SELECTED (MessageNew))", " SET (PERSONAL (MessageExpunge))",
		" SET (PERSONAL (FlagChange))", " SET (PERSONAL (AnnotationChange))",
		" SET (SELECTED (MailboxName))",
		" SET (SELECTED (MessageNew MessageExpunge SubscriptionChange))",
		" SET (PERSONAL (MessageNew (UID) MessageExpunge))",
		" SET (SELECTED (MessageNew () MessageExpunge))",
		" SET (SELECTED (MessageNew (ALL) MessageExpunge))",
		" SET (SELECTED NONE) (SELECTED-DELAYED NONE)",
		" SET (SELECTED (MessageNew (UID) MessageNew (UID) MessageExpunge))",
		" SET (SUBTREE (MailboxName))", " SET (MAILBOXES () NONE)",
		" SET (MAILBOXES \"&\" NONE)", " SET (COUSINS NONE)", " SET (PERSONAL NONE",
		" SET (PERSONAL NONE) x", " SET(PERSONAL NONE)"};
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	struct wire_imap_notify notify;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (parses(arena, wrong[i], &notify))
			fail_msg("%s", wrong[i]);
}

static void
events_are_named(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer out = buffer_with(1000);
	wire_imap_put_events(&out, WIRE_IMAP_EVENT_NAME | WIRE_IMAP_EVENT_NEW);
	assert_slice_is(buffer_slice(&out), "MessageNew MailboxName");
}

static void
too_much_is_refused(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 22);
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	struct wire_imap_notify notify;
	buffer_put_text(&text, " SET");
	for (int i = 0; i <= WIRE_IMAP_NOTIFY_GROUPS_MOST; i++)
		buffer_put_text(&text, " (PERSONAL NONE)");
	buffer_put_byte(&text, 0);
	assert_false(parses(arena, text.data, &notify));
	buffer_clear(&text);
	buffer_put_text(&text, " SET (MAILBOXES (a");
	for (int i = 0; i < WIRE_IMAP_NOTIFY_NAMES_MOST; i++)
		buffer_put_text(&text, " a");
	buffer_put(&text, slice_of(") NONE)", 8));
	assert_false(parses(arena, text.data, &notify));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_of_mailboxes_and_events),
		cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(events_are_named),
		cmocka_unit_test(too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
