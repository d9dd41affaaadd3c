#include "base/test.h"
#include "post/account-internal.h"
#include "post/change.h"
#include "post/mailbox.h"
#include "post/message.h"
#include "post/test-post.h"

/* Many messages' records at once say what each says alone. */

enum { MESSAGES = 40 };

struct fixture {
	struct test_post test;
	struct post_account *account;
	struct arena *arena, *message;
};

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	test_post_start(&fixture->test);
	fixture->account = test_account(&fixture->test, "anna@troika.test");
	fixture->arena = arena_create(ARENA_NO_CEILING);
	fixture->message = arena_create(ARENA_NO_CEILING);
	for (int i = 1; i <= MESSAGES; i++) {
		char text[64];
		snprintf(text, sizeof text, "Subject: letter %d\r\n\r\ntext", i);
		test_deliver(&fixture->test, fixture->account, text);
	}
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	arena_destroy(fixture->message);
	arena_destroy(fixture->arena);
	post_account_close(fixture->account);
	test_post_stop(&fixture->test);
	free(fixture);
	return 0;
}

/* --- what is seen ----------------------------------------------------------------------
 */

struct seeing {
	struct fixture *fixture;
	const struct post_view *view;
	enum post_depth depth;
	uint32_t last, count, most;
};

static void
assert_alike(struct seeing *seeing, const struct post_message *message)
{
	struct post_message alone;
	assert_int_equal(post_message_read(seeing->view, message->uid,
				 seeing->fixture->arena, &alone),
		BASE_OK);
	assert_int_equal(message->email_id, alone.email_id);
	assert_int_equal(message->size, alone.size);
	assert_int_equal(message->save_date, alone.save_date);
	assert_true(slice_equal(message->envelope, alone.envelope));
	assert_true(slice_equal(message->body_structure, alone.body_structure));
	assert_true(slice_equal(message->preview, alone.preview));
	assert_memory_equal(message->blob, alone.blob, sizeof alone.blob);
	if (seeing->depth == POST_RENDERED)
		return;
	assert_true(slice_equal(message->head, alone.head));
	assert_int_equal(wire_mime_part_size(message->structure->top),
		wire_mime_part_size(alone.structure->top));
}

static bool
see(void *argument, const struct post_message *message)
{
	struct seeing *seeing = argument;
	assert_true(message->uid > seeing->last);
	seeing->last = message->uid;
	assert_alike(seeing, message);
	return ++seeing->count < seeing->most;
}

static enum base_failure
read_all(struct fixture *fixture, const char *mailbox, uint32_t most, struct seeing *seeing)
{
	struct post_mailbox *opened = test_open(fixture->account, mailbox);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(opened);
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(1, 10 * MESSAGES);
	*seeing = (struct seeing){fixture, view, seeing->depth, 0, 0, most};
	enum base_failure failure = post_messages_read(
		view, uids, seeing->depth, fixture->message, see, seeing);
	post_mailbox_close(opened);
	return failure;
}

static void
copy_to_archive(struct fixture *fixture, uint32_t first, uint32_t last)
{
	struct post_mailbox *from = test_open(fixture->account, "INBOX");
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(first, last);
	struct post_mailbox *into = test_open(fixture->account, "Archive");
	struct post_copied copied;
	test_done(post_copy(from, uids, into, false, fixture->arena, &copied, NULL));
	post_mailbox_close(into);
	post_mailbox_close(from);
}

/* --- tests -----------------------------------------------------------------------------
 */

static void
a_run_of_them(void **state)
{
	struct seeing seeing = {.depth = POST_RENDERED};
	assert_int_equal(read_all(*state, "INBOX", UINT32_MAX, &seeing), BASE_OK);
	assert_int_equal(seeing.count, MESSAGES);
	seeing.depth = POST_WHOLE;
	assert_int_equal(read_all(*state, "INBOX", UINT32_MAX, &seeing), BASE_OK);
	assert_int_equal(seeing.count, MESSAGES);
}

static void
ends_when_told(void **state)
{
	struct seeing seeing = {.depth = POST_WHOLE};
	assert_int_equal(read_all(*state, "INBOX", 7, &seeing), BASE_OK);
	assert_int_equal(seeing.count, 7);
	assert_int_equal(seeing.last, 7);
}

/* The same message twice in a row, and email ids that fall. */
static void
in_any_order(void **state)
{
	struct fixture *fixture = *state;
	struct seeing seeing = {.depth = POST_WHOLE};
	copy_to_archive(fixture, 3, 5);
	copy_to_archive(fixture, 5, 9);
	assert_int_equal(read_all(fixture, "Archive", UINT32_MAX, &seeing), BASE_OK);
	assert_int_equal(seeing.count, 8);
	copy_to_archive(fixture, 1, 2);
	copy_to_archive(fixture, MESSAGES, MESSAGES);
	assert_int_equal(read_all(fixture, "Archive", UINT32_MAX, &seeing), BASE_OK);
	assert_int_equal(seeing.count, 11);
	assert_int_equal(read_all(fixture, "Archive", 9, &seeing), BASE_OK);
	assert_int_equal(seeing.last, 9);
}

static void
remove_content(struct fixture *fixture, uint64_t email)
{
	struct store_turn *turn;
	struct post_key key = post_key_content(email);
	assert_int_equal(
		store_begin(fixture->account->space, STORE_CHANGE, &turn), BASE_OK);
	store_delete(turn, post_key_slice(&key));
	test_done(store_submit(&turn));
}

/* Whose record is gone has no row, and all others do. */
static void
damage_is_left_out(void **state)
{
	struct fixture *fixture = *state;
	struct seeing seeing = {.depth = POST_RENDERED};
	remove_content(fixture, 5);
	remove_content(fixture, MESSAGES);
	assert_int_equal(read_all(fixture, "INBOX", UINT32_MAX, &seeing), BASE_DAMAGED);
	assert_int_equal(seeing.count, MESSAGES - 2);
	copy_to_archive(fixture, 8, 9);
	copy_to_archive(fixture, 4, 6);
	assert_int_equal(read_all(fixture, "Archive", UINT32_MAX, &seeing), BASE_DAMAGED);
	assert_int_equal(seeing.count, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_of_them, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_when_told, setup, teardown),
		cmocka_unit_test_setup_teardown(in_any_order, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_left_out, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
