/* The tree of mailboxes. */
#include "base/test.h"
#include "post/test-post.h"
#include "post/tree.h"

static void
create(struct test_people *people, const char *name)
{
	test_done(post_mailbox_create(
		people->anna, slice_of_text(name), POST_USE_NONE, NULL));
}

static enum base_failure
refused(struct base_ticket *ticket, const struct base_error *error)
{
	assert_null(ticket);
	assert_true(error->text[0]);
	return error->failure;
}

/* All names, one a line; ! before those that can't be selected. */
static struct slice
list(struct test_people *people)
{
	struct post_mailbox_info *infos;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	size_t count = post_mailboxes(people->anna, people->arena, &infos);
	for (size_t i = 0; i < count; i++) {
		buffer_put_text(&text, infos[i].selectable ? "" : "!");
		buffer_put(&text, infos[i].name);
		buffer_put_text(&text, infos[i].has_children ? "+ " : " ");
	}
	return arena_copy(people->arena, buffer_slice(&text));
}

static const struct {
	struct slice given, kept; /* kept absent: refused */
} NAMES[] = {
	{SLICE_INIT("inbox"), SLICE_INIT("INBOX")},
	{SLICE_INIT("InBoX/a"), SLICE_INIT("INBOX/a")},
	{SLICE_INIT("inboxes"), SLICE_INIT("inboxes")},
	{SLICE_INIT("a/inbox"), SLICE_INIT("a/inbox")},
	{SLICE_INIT("a/"), SLICE_INIT("a")},
	{SLICE_INIT("Entw\xc3\xbcrfe & *%"), SLICE_INIT("Entw\xc3\xbcrfe & *%")},
	{SLICE_INIT(""), {NULL, 0}},
	{SLICE_INIT("/"), {NULL, 0}},
	{SLICE_INIT("/a"), {NULL, 0}},
	{SLICE_INIT("a//b"), {NULL, 0}},
	{SLICE_INIT("a\nb"), {NULL, 0}},
	{SLICE_INIT("a\xc2\x85"), {NULL, 0}},
	{SLICE_INIT("a\x7f"), {NULL, 0}},
	{SLICE_INIT("\xff"), {NULL, 0}},
	{SLICE_INIT("1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3"),
		{NULL, 0}},
};

static void
names_are_canonical(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		struct slice name = SLICE_NONE;
		struct base_error error = {0};
		enum base_failure failure =
			post_name_canonical(arena, NAMES[i].given, &name, &error);
		if (slice_absent(NAMES[i].kept)) {
			assert_int_equal(failure, BASE_INVALID);
			assert_true(error.text[0]);
		} else {
			assert_int_equal(failure, BASE_OK);
			assert_true(slice_equal(name, NAMES[i].kept));
		}
	}
}

static void
a_new_account_has_its_mailboxes(void **state)
{
	struct test_people *people = *state;
	struct post_mailbox_info info;
	assert_slice_is(list(people), "INBOX Archive Drafts Junk Sent Trash ");
	assert_int_equal(
		post_mailbox_find(people->anna, SLICE("Sent"), people->arena, &info),
		BASE_OK);
	assert_int_equal(info.use, POST_USE_SENT);
	assert_true(info.subscribed);
}

static void
parents_are_made(void **state)
{
	struct test_people *people = *state;
	struct base_error error = {0};
	create(people, "a/b/c");
	create(people, "a b");
	create(people, "a/a");
	create(people, "inbox/x");
	assert_slice_is(list(people),
		"INBOX+ INBOX/x Archive Drafts Junk Sent Trash a+ a/a a/b+ a/b/c a b ");
	assert_int_equal(refused(post_mailbox_create(
					 people->anna, SLICE("a/b"), POST_USE_NONE, &error),
				 &error),
		BASE_EXISTS);
	assert_int_equal(refused(post_mailbox_create(people->anna, SLICE("a//b"),
					 POST_USE_NONE, &error),
				 &error),
		BASE_INVALID);
}

static void
delete_keeps_a_name_with_children(void **state)
{
	struct test_people *people = *state;
	struct base_error error = {0};
	struct post_mailbox *mailbox;
	create(people, "a/b");
	test_done(post_mailbox_delete(people->anna, SLICE("a"), NULL));
	assert_slice_is(list(people), "INBOX Archive Drafts Junk Sent Trash !a+ a/b ");
	assert_int_equal(
		post_mailbox_open(people->anna, SLICE("a"), &mailbox), BASE_DENIED);
	assert_int_equal(
		refused(post_mailbox_delete(people->anna, SLICE("a"), &error), &error),
		BASE_DENIED);
	create(people, "a");
	test_done(post_mailbox_delete(people->anna, SLICE("a"), NULL));
	test_done(post_mailbox_delete(people->anna, SLICE("a/b"), NULL));
	assert_slice_is(list(people), "INBOX Archive Drafts Junk Sent Trash ");
	assert_int_equal(
		refused(post_mailbox_delete(people->anna, SLICE("inbox"), &error), &error),
		BASE_DENIED);
	assert_int_equal(
		refused(post_mailbox_delete(people->anna, SLICE("no"), &error), &error),
		BASE_NOT_FOUND);
}

static void
uid_validity_always_rises(void **state)
{
	struct test_people *people = *state;
	uint32_t before = 0;
	for (int i = 0; i < 4; i++) {
		struct post_status status;
		create(people, "again");
		assert_int_equal(post_mailbox_status(people->anna, SLICE("again"), &status),
			BASE_OK);
		assert_true(status.uid_validity > before);
		before = status.uid_validity;
		test_done(post_mailbox_delete(people->anna, SLICE("again"), NULL));
	}
}

static void
an_open_one_is_gone_but_readable(void **state)
{
	struct test_people *people = *state;
	struct post_message message;
	struct base_error error = {0};
	struct post_append append = {0};
	create(people, "a");
	struct post_mailbox *mailbox = test_open(people->anna, "a");
	struct post_incoming *incoming =
		test_incoming(&people->test, "Subject: x\r\n\r\ny");
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	test_done(post_append_messages(mailbox, &incoming, &append, 1, NULL));
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	assert_false(post_mailbox_gone(mailbox));
	test_done(post_mailbox_delete(people->anna, SLICE("a"), NULL));
	assert_true(post_mailbox_gone(mailbox));
	post_chores(people->test.post);
	assert_int_equal(post_message_read(view, 1, people->arena, &message), BASE_OK);
	assert_int_equal(
		refused(post_append_messages(mailbox, &incoming, &append, 1, &error),
			&error),
		BASE_NOT_FOUND);
	post_incoming_destroy(incoming);
	post_view_release(&view);
	post_mailbox_close(mailbox);
	struct post_account_info info;
	post_chores(people->test.post);
	post_chores(people->test.post);
	assert_int_equal(post_account_find(people->test.post, SLICE("anna@troika.test"),
				 people->arena, &info),
		BASE_OK);
	assert_int_equal(info.used.messages, 0);
	assert_int_equal(info.used.bytes, 0);
}

static void
rename_takes_children_along(void **state)
{
	struct test_people *people = *state;
	struct base_error error = {0};
	create(people, "a/b/c");
	create(people, "ab");
	struct post_mailbox *mailbox = test_open(people->anna, "a/b");
	test_done(post_mailbox_rename(people->anna, SLICE("a"), SLICE("new/place"), NULL));
	assert_slice_is(list(people), "INBOX Archive Drafts Junk Sent Trash ab new+ "
				      "new/place+ new/place/b+ new/place/b/c ");
	struct post_mailbox *again = test_open(people->anna, "new/place/b");
	assert_ptr_equal(mailbox, again);
	post_mailbox_close(mailbox);
	post_mailbox_close(again);
	assert_int_equal(refused(post_mailbox_rename(people->anna, SLICE("new"),
					 SLICE("new/place/d"), &error),
				 &error),
		BASE_INVALID);
	assert_int_equal(refused(post_mailbox_rename(
					 people->anna, SLICE("new"), SLICE("Sent"), &error),
				 &error),
		BASE_EXISTS);
	assert_int_equal(
		refused(post_mailbox_rename(people->anna, SLICE("no"), SLICE("x"), &error),
			&error),
		BASE_NOT_FOUND);
}

static void
renaming_inbox_moves_its_messages(void **state)
{
	struct test_people *people = *state;
	struct post_status status;
	for (int i = 0; i < 3; i++)
		test_deliver(&people->test, people->anna, "Subject: x\r\n\r\ny\r\n");
	create(people, "INBOX/child");
	test_done(
		post_mailbox_rename(people->anna, SLICE("INBOX"), SLICE("old/mail"), NULL));
	assert_int_equal(
		post_mailbox_status(people->anna, SLICE("INBOX"), &status), BASE_OK);
	assert_int_equal(status.messages, 0);
	assert_int_equal(status.uid_next, 4);
	assert_int_equal(
		post_mailbox_status(people->anna, SLICE("old/mail"), &status), BASE_OK);
	assert_int_equal(status.messages, 3);
	assert_slice_is(list(people),
		"INBOX+ INBOX/child Archive Drafts Junk Sent Trash old+ "
		"old/mail ");
}

static void
subscriptions_outlive_mailboxes(void **state)
{
	struct test_people *people = *state;
	struct slice *names;
	create(people, "a");
	test_done(post_mailbox_subscribe(people->anna, SLICE("a"), true, NULL));
	test_done(post_mailbox_subscribe(people->anna, SLICE("ghost"), true, NULL));
	test_done(post_mailbox_delete(people->anna, SLICE("a"), NULL));
	assert_int_equal(post_subscriptions(people->anna, people->arena, &names), 2);
	assert_slice_is(names[0], "a");
	assert_slice_is(names[1], "ghost");
	assert_slice_is(list(people), "INBOX Archive Drafts Junk Sent Trash ");
	create(people, "ghost");
	test_done(post_mailbox_subscribe(people->anna, SLICE("a"), false, NULL));
	test_post_reopen_account(&people->test, &people->anna);
	assert_int_equal(post_subscriptions(people->anna, people->arena, &names), 0);
	struct post_mailbox_info info;
	assert_int_equal(
		post_mailbox_find(people->anna, SLICE("ghost"), people->arena, &info),
		BASE_OK);
	assert_true(info.subscribed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_anna_start, test_people_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_canonical),
		TEST(a_new_account_has_its_mailboxes),
		TEST(parents_are_made),
		TEST(delete_keeps_a_name_with_children),
		TEST(uid_validity_always_rises),
		TEST(an_open_one_is_gone_but_readable),
		TEST(rename_takes_children_along),
		TEST(renaming_inbox_moves_its_messages),
		TEST(subscriptions_outlive_mailboxes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
