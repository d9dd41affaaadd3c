/* What stays and what goes: images, feeds, expunged messages, blobs, the check. */
#include "base/test.h"
#include "post/change.h"
#include "post/due.h"
#include "post/image.h"
#include "post/partial.h"
#include "post/post-internal.h"
#include "post/purge.h"
#include "post/test-post.h"
#include <unistd.h>

#define DAY 86400000

static int
start(void **state)
{
	*state = test_inbox_create(0, 0);
	return 0;
}

static int
start_with_a_day(void **state)
{
	*state = test_inbox_create(DAY, 0);
	return 0;
}

static void
expunge(struct post_mailbox *mailbox, uint32_t first, uint32_t last)
{
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(first, last);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	test_done(post_expunge(mailbox, uids, false, &expunged, NULL));
	assert_int_equal(post_uids_count(expunged), last - first + 1);
}

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_error("%s\n", sentence);
}

static void
check(struct test_inbox *fixture, uint64_t messages)
{
	struct post_verdict verdict;
	struct store_verdict blobs;
	assert_int_equal(
		post_check(fixture->test.post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	assert_int_equal(verdict.messages, messages);
	assert_int_equal(
		store_verify(fixture->test.store, print_problem, NULL, &blobs), BASE_OK);
	assert_int_equal(blobs.missing + blobs.damaged, 0);
}

static uint64_t
references(struct test_inbox *fixture)
{
	struct store_verdict blobs;
	assert_int_equal(store_verify(fixture->test.store, NULL, NULL, &blobs), BASE_OK);
	return blobs.references;
}

static uint32_t
undelete(struct test_inbox *fixture, int64_t after)
{
	uint32_t restored;
	test_done(post_undelete(fixture->inbox, after, &restored, NULL));
	return restored;
}

static void
expunged_ones_come_back(void **state)
{
	struct test_inbox *fixture = *state;
	test_inbox_deliver(fixture, 4);
	test_flag(fixture->inbox, 2, 3, "\\Deleted", POST_FLAGS_ADD);
	test_flag(fixture->inbox, 3, 3, "$Work", POST_FLAGS_ADD);
	expunge(fixture->inbox, 2, 3);
	post_chores(fixture->test.post);
	check(fixture, 2);
	int64_t now = base_clock_wall_ms(fixture->test.clock) / 1000;
	assert_int_equal(undelete(fixture, now + 10), 0);
	assert_int_equal(undelete(fixture, now - 10), 2);
	assert_int_equal(undelete(fixture, now - 10), 0);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	struct post_message message;
	assert_int_equal(post_view_count(view), 4);
	assert_int_equal(post_view_uid(view, 4), 6);
	assert_int_equal(post_message_read(view, 6, fixture->arena, &message), BASE_OK);
	assert_int_equal(message.email_id, 3);
	struct post_flags flags = post_view_flags(view, 6);
	assert_int_equal(flags.words[0], 1u << POST_KEYWORD_FIRST);
	check(fixture, 4);
	post_chores(fixture->test.post);
	check(fixture, 4);
	assert_int_equal(references(fixture), 4);
}

static void
they_are_kept_for_their_time(void **state)
{
	struct test_inbox *fixture = *state;
	test_inbox_deliver(fixture, 3);
	expunge(fixture->inbox, 1, 2);
	base_clock_advance(fixture->test.clock, DAY / 2);
	post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 3);
	base_clock_advance(fixture->test.clock, DAY / 2 + 1000);
	post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 1);
	assert_int_equal(undelete(fixture, 0), 0);
	check(fixture, 1);
}

static void
a_pinned_view_keeps_them(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_message message;
	test_inbox_deliver(fixture, 2);
	struct post_view *view = post_view_newest(fixture->inbox);
	expunge(fixture->inbox, 1, 1);
	post_chores(fixture->test.post);
	assert_int_equal(post_message_read(view, 1, fixture->arena, &message), BASE_OK);
	assert_int_equal(references(fixture), 2);
	post_view_drop(view);
	post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 1);
	check(fixture, 1);
}

static void
a_content_lives_as_long_as_an_entry(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_copied copied;
	struct post_mailbox *archive = test_open(fixture->account, "Archive");
	SCOPED(post_uids_release) struct post_uids *first = test_uids(1, 1);
	test_inbox_deliver(fixture, 1);
	for (int i = 0; i < 2; i++) {
		struct base_ticket *ticket = post_copy(fixture->inbox, first, archive,
			false, fixture->arena, &copied, NULL);
		test_done(ticket);
	}
	expunge(fixture->inbox, 1, 1);
	post_chores(fixture->test.post);
	check(fixture, 2);
	expunge(archive, 1, 1);
	post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 1);
	check(fixture, 1);
	expunge(archive, 2, 2);
	post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 0);
	check(fixture, 0);
	post_mailbox_close(archive);
}

/* By copies of copies: 4,097 messages of one content. */
static struct post_mailbox *
fill(struct test_inbox *fixture, const char *name)
{
	struct post_copied copied;
	struct post_mailbox *mailbox = test_open(fixture->account, name);
	SCOPED(post_uids_release) struct post_uids *first = test_uids(1, 1);
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, UINT32_MAX);
	test_inbox_deliver(fixture, 1);
	for (int i = 0; i < 13; i++)
		test_done(post_copy(i ? mailbox : fixture->inbox, i ? all : first, mailbox,
			false, fixture->arena, &copied, NULL));
	assert_int_equal(copied.count, 2048);
	test_done(post_copy(
		fixture->inbox, first, mailbox, false, fixture->arena, &copied, NULL));
	return mailbox;
}

static uint64_t
modseq_of(struct post_mailbox *mailbox)
{
	struct post_view *view = post_view_newest(mailbox);
	uint64_t modseq = post_view_modseq(view);
	post_view_drop(view);
	return modseq;
}

/* So that a delivery need not wait until thousands are moved; a copy is one change. */
static void
a_large_move_goes_in_slices(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_copied copied;
	struct post_mailbox *large = fill(fixture, "Archive");
	struct post_mailbox *trash = test_open(fixture->account, "Trash");
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, UINT32_MAX);
	uint64_t before = modseq_of(large);
	test_done(post_copy(large, all, trash, true, fixture->arena, &copied, NULL));
	assert_int_equal(copied.count, 4097);
	for (uint32_t i = 0; i < 4097; i++) {
		assert_int_equal(copied.source[i], i + 1);
		assert_int_equal(copied.target[i], i + 1);
	}
	assert_int_equal(modseq_of(large) - before, 3);
	before = modseq_of(large);
	test_done(post_copy(trash, all, large, false, fixture->arena, &copied, NULL));
	assert_int_equal(copied.count, 4097);
	assert_int_equal(modseq_of(large) - before, 1);
	post_mailbox_close(large);
	post_mailbox_close(trash);
	check(fixture, 1 + 2 * 4097);
}

static bool
after_some(void *argument)
{
	int *slices = argument;
	return --*slices <= 0;
}

/* Slice by slice, but whole or not at all: what was copied before the end goes again. */
static void
a_copy_of_many_is_whole_or_nothing(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_copied copied;
	struct post_mailbox *large = fill(fixture, "Archive");
	struct post_mailbox *trash = test_open(fixture->account, "Trash");
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, UINT32_MAX);
	int slices = 2;
	assert_int_equal(post_copy_many(large, all, trash, false, NULL, after_some, &slices,
				 fixture->arena, &copied),
		BASE_CANCELLED);
	check(fixture, 1 + 4097);
	assert_int_equal(post_copy_many(large, all, trash, false, NULL, NULL, NULL,
				 fixture->arena, &copied),
		BASE_OK);
	assert_int_equal(copied.count, 4097);
	assert_int_equal(copied.source[4096], 4097);
	assert_int_equal(copied.target[4096] - copied.target[0], 4096);
	check(fixture, 1 + 2 * 4097);
	/* Into itself: what comes meanwhile is not copied again. */
	assert_int_equal(post_copy_many(large, all, large, false, NULL, NULL, NULL,
				 fixture->arena, &copied),
		BASE_OK);
	check(fixture, 1 + 3 * 4097);
	assert_int_equal(post_expunge_many(large, all, false, NULL, NULL), BASE_OK);
	assert_int_equal(post_copy_many(trash, all, large, true, NULL, NULL, NULL,
				 fixture->arena, &copied),
		BASE_OK);
	assert_int_equal(copied.count, 4097);
	check(fixture, 1 + 4097);
	for (int i = 0; i < 20; i++)
		post_chores(fixture->test.post);
	assert_false(
		post_purge_has_work(fixture->test.post, post_account_id(fixture->account)));
	post_mailbox_close(large);
	post_mailbox_close(trash);
}

/* As a kill would leave it: a slice is durable, the end is not. */
static void
half_a_copy_is_taken_back_after_a_crash(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_copied copied;
	struct post_mailbox *large = fill(fixture, "Archive");
	struct post_mailbox *trash = test_open(fixture->account, "Trash");
	SCOPED(post_uids_release) struct post_uids *some = test_uids(1, 1500);
	struct post_partial partial = {
		.mailbox = (uint32_t)post_mailbox_id(trash), .uids = post_uids_create()};
	test_done(post_partial_copy(
		&partial, large, some, trash, fixture->arena, &copied, NULL));
	post_uids_destroy(partial.uids);
	post_mailbox_close(large);
	post_mailbox_close(trash);
	check(fixture, 1 + 4097 + 1500);
	post_mailbox_close(fixture->inbox);
	test_post_reopen_account(&fixture->test, &fixture->account);
	fixture->inbox = test_open(fixture->account, "INBOX");
	test_inbox_deliver(fixture, 1);
	post_chores(fixture->test.post);
	check(fixture, 1 + 4097 + 1);
}

static void
a_deleted_mailbox_is_erased(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_copied copied;
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 9);
	test_done(post_mailbox_create(fixture->account, SLICE("a"), POST_USE_NONE, NULL));
	struct post_mailbox *mailbox = test_open(fixture->account, "a");
	test_inbox_deliver(fixture, 3);
	test_done(post_copy(
		fixture->inbox, all, mailbox, true, fixture->arena, &copied, NULL));
	post_mailbox_close(mailbox);
	assert_int_equal(references(fixture), 3);
	test_done(post_mailbox_delete(fixture->account, SLICE("a"), NULL));
	check(fixture, 0);
	for (int i = 0; i < 3; i++)
		post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 0);
	check(fixture, 0);
}

static void
a_removed_account_is_erased(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_account *boris = test_account(&fixture->test, "boris@troika.test");
	test_deliver(&fixture->test, boris, TEST_LETTER);
	struct post_mailbox *inbox = test_open(boris, "INBOX");
	assert_int_equal(references(fixture), 1);
	struct base_ticket *ticket =
		post_account_remove(fixture->test.post, SLICE("boris@troika.test"), NULL);
	assert_non_null(ticket);
	for (int i = 0; i < 1000 && !post_mailbox_gone(inbox); i++)
		usleep(1000);
	assert_true(post_mailbox_gone(inbox));
	post_chores(fixture->test.post);
	assert_int_equal(references(fixture), 1); /* somebody looks at it */
	post_mailbox_close(inbox);
	post_account_close(boris);
	for (int i = 0; i < 1000 && !base_ticket_done(ticket); i++) {
		post_chores(fixture->test.post);
		usleep(1000);
	}
	test_done(ticket);
	assert_int_equal(references(fixture), 0);
}

/* --- images ------------------------------------------------------------------------- */

static void
write_image(struct test_inbox *fixture)
{
	assert_int_equal(post_image_write(fixture->inbox), BASE_OK);
}

static void
loading_is_image_and_feed(void **state)
{
	struct test_inbox *fixture = *state;
	for (int round = 0; round < 4; round++) {
		test_inbox_deliver(fixture, 2);
		test_flag(fixture->inbox, 1, 1, round % 2 ? "\\Seen" : "$Work",
			POST_FLAGS_ADD);
		write_image(fixture);
		test_inbox_deliver(fixture, 1);
		test_inbox_reopen(fixture);
		check(fixture, 3 * (uint64_t)round + 3);
	}
}

/* Nobody waits for the feed to be read: what a close leaves long, the chores shorten. */
static void
a_long_feed_gets_an_image(void **state)
{
	struct test_inbox *fixture = *state;
	struct base_ticket *last = NULL;
	struct slice seen = SLICE("\\Seen"), value;
	struct post_head head;
	SCOPED(post_uids_release) struct post_uids *one = test_uids(1, 1);
	test_inbox_deliver(fixture, 1);
	for (unsigned i = 0; i < POST_IMAGE_AT_CLOSE; i++) {
		struct post_flag_change change = {
			.action = i % 2 ? POST_FLAGS_REMOVE : POST_FLAGS_ADD,
			.names = &seen,
			.count = 1};
		base_ticket_drop(last);
		last = post_flags_change(fixture->inbox, one, &change, NULL);
		post_uids_destroy(change.conflicts);
	}
	test_done(last);
	post_mailbox_close(fixture->inbox);
	post_chores(fixture->test.post);
	fixture->inbox = test_open(fixture->account, "INBOX");
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	struct post_key key = post_key_head(1);
	assert_int_equal(
		store_get(space, post_key_slice(&key), fixture->arena, &value), BASE_OK);
	assert_int_equal(post_head_unpack(value, &head), BASE_OK);
	assert_int_equal(head.image, POST_IMAGE_AT_CLOSE + 2);
	store_space_close(space);
	check(fixture, 1);
}

static uint64_t
image_of(struct test_inbox *fixture, uint32_t mailbox)
{
	struct slice value;
	struct post_head head;
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	struct post_key key = post_key_head(mailbox);
	assert_int_equal(
		store_get(space, post_key_slice(&key), fixture->arena, &value), BASE_OK);
	assert_int_equal(post_head_unpack(value, &head), BASE_OK);
	store_space_close(space);
	return head.image;
}

/* Copies of many are few rows, and yet much to apply. */
static void
many_messages_get_an_image(void **state)
{
	struct test_inbox *fixture = *state;
	test_inbox_deliver(fixture, 1);
	for (uint32_t have = 1; have < POST_IMAGE_MESSAGES; have *= 2) {
		struct post_copied copied;
		assert_int_equal(image_of(fixture, 1), 0);
		SCOPED(post_uids_release) struct post_uids *all = test_uids(1, have);
		test_done(post_copy(fixture->inbox, all, fixture->inbox, false,
			fixture->arena, &copied, NULL));
		post_mailbox_close(fixture->inbox);
		post_chores(fixture->test.post);
		fixture->inbox = test_open(fixture->account, "INBOX");
	}
	assert_true(image_of(fixture, 1) > 1);
}

static void
spoil(struct test_inbox *fixture, const struct post_key *key)
{
	struct store_turn *turn;
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	assert_int_equal(store_begin(space, STORE_CHANGE, &turn), BASE_OK);
	store_put(turn, post_key_slice(key), SLICE("\x01spoiled"));
	test_done(store_submit(&turn));
	store_space_close(space);
}

static void
a_damaged_image_is_not_the_end(void **state)
{
	struct test_inbox *fixture = *state;
	test_inbox_deliver(fixture, 2);
	write_image(fixture);
	test_inbox_deliver(fixture, 2);
	write_image(fixture);
	test_inbox_deliver(fixture, 1);
	struct post_key key = post_key_image(1, 5, 0);
	spoil(fixture, &key);
	test_inbox_reopen(fixture);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_int_equal(post_view_count(view), 5);
	assert_int_equal(post_view_modseq(view), 6);
	check(fixture, 5);
}

static void
a_damaged_feed_is_damage(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_mailbox *mailbox;
	struct post_verdict verdict;
	test_inbox_deliver(fixture, 3);
	struct post_key key = post_key_feed(1, 3);
	spoil(fixture, &key);
	post_mailbox_close(fixture->inbox);
	test_post_reopen_account(&fixture->test, &fixture->account);
	assert_int_equal(post_mailbox_open(fixture->account, SLICE("INBOX"), &mailbox),
		BASE_DAMAGED);
	fixture->inbox = NULL;
	assert_int_equal(post_check(fixture->test.post, NULL, NULL, &verdict), BASE_OK);
	assert_true(verdict.problems > 0);
}

static void
the_check_finds_what_is_wrong(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_verdict verdict;
	struct post_key keys[] = {
		post_key_entry(1, 2), post_key_content(1), post_key_head(1)};
	test_inbox_deliver(fixture, 3);
	check(fixture, 3);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		uint64_t before = i ? verdict.problems : 0;
		spoil(fixture, &keys[i]);
		assert_int_equal(
			post_check(fixture->test.post, NULL, NULL, &verdict), BASE_OK);
		assert_true(verdict.problems > before || i == 2);
		assert_true(verdict.problems > 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, test_inbox_stop)
#define TEST_A_DAY(name) \
	cmocka_unit_test_setup_teardown(name, start_with_a_day, test_inbox_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_A_DAY(expunged_ones_come_back),
		TEST_A_DAY(they_are_kept_for_their_time),
		TEST(a_pinned_view_keeps_them),
		TEST(a_content_lives_as_long_as_an_entry),
		TEST(a_large_move_goes_in_slices),
		TEST(a_copy_of_many_is_whole_or_nothing),
		TEST(half_a_copy_is_taken_back_after_a_crash),
		TEST(a_deleted_mailbox_is_erased),
		TEST(a_removed_account_is_erased),
		TEST(loading_is_image_and_feed),
		TEST(a_long_feed_gets_an_image),
		TEST(many_messages_get_an_image),
		TEST(a_damaged_image_is_not_the_end),
		TEST(a_damaged_feed_is_damage),
		TEST(the_check_finds_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
