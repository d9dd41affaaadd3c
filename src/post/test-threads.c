/* Many threads on one mailbox: deliveries, flags, moves, views, watches, chores. */
#include "base/test.h"
#include "post/test-post.h"
#include <pthread.h>
#include <stdatomic.h>

#define THREADS  6
#define ROUNDS   60
#define MESSAGES (THREADS * ROUNDS)

struct shared {
	struct test_post test;
	struct post_account *account;
	atomic_uint calls; /* of watches */
};

struct player {
	struct shared *shared;
	pthread_t thread;
	unsigned number;
};

static void
count_call(void *argument)
{
	atomic_fetch_add((atomic_uint *)argument, 1);
}

static void
look(struct post_mailbox *inbox)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(inbox);
	SCOPED(post_view_release) struct post_view *held = post_view_hold(view);
	struct post_message message;
	uint32_t uid = post_uids_most(post_view_uids(held));
	if (uid)
		assert_int_equal(post_message_read(held, uid, arena, &message), BASE_OK);
}

static void
flag_and_move(struct post_account *account, struct post_mailbox *inbox, unsigned number)
{
	struct post_mailbox *archive = test_open(account, "Archive");
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(inbox);
	SCOPED(post_uids_release) struct post_uids *one = post_uids_create();
	struct post_copied copied;
	char keyword[16];
	snprintf(keyword, sizeof keyword, "key%u", number);
	test_flag(inbox, 1, UINT32_MAX, keyword, POST_FLAGS_ADD);
	test_flag(inbox, 1, UINT32_MAX, "\\Seen",
		number % 2 ? POST_FLAGS_ADD : POST_FLAGS_REMOVE);
	post_uids_add(one, post_uids_least(post_view_uids(view)));
	struct base_ticket *ticket =
		post_copy(inbox, one, archive, number % 2, arena, &copied, NULL);
	test_done(ticket);
	post_mailbox_close(archive);
}

static void
claim_recent(struct post_mailbox *inbox)
{
	SCOPED(post_view_release) struct post_view *view = post_view_newest(inbox);
	assert_true(post_recent_claim(inbox, view) >= 1);
	assert_true(post_recent_peek(inbox) <= post_view_uid_next(view) + MESSAGES);
}

static void *
play(void *argument)
{
	struct player *player = argument;
	struct shared *shared = player->shared;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct post_mailbox *inbox = test_open(shared->account, "INBOX");
		struct post_watch *watch =
			post_mailbox_watch(inbox, count_call, &shared->calls);
		test_deliver(&shared->test, shared->account, "Subject: x\r\n\r\nhello\r\n");
		look(inbox);
		if (round % 4 == player->number % 4)
			flag_and_move(shared->account, inbox, player->number);
		if (round % 8 == 3)
			claim_recent(inbox);
		if (round % 8 == 5)
			post_chores(shared->test.post);
		post_watch_end(watch);
		post_mailbox_close(inbox);
	}
	return NULL;
}

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_error("%s\n", sentence);
}

static void
agree_in_the_end(void **state)
{
	struct shared *shared = calloc(1, sizeof *shared);
	struct player players[THREADS];
	struct post_verdict verdict;
	(void)state;
	test_post_start(&shared->test);
	shared->account = test_account(&shared->test, "anna@troika.test");
	for (unsigned i = 0; i < THREADS; i++) {
		players[i] = (struct player){.shared = shared, .number = i};
		pthread_create(&players[i].thread, NULL, play, &players[i]);
	}
	assert_int_equal(
		post_check(shared->test.post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(players[i].thread, NULL);
	assert_true(atomic_load(&shared->calls) >= MESSAGES);
	assert_int_equal(
		post_check(shared->test.post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	assert_true(verdict.messages >= MESSAGES);
	post_account_close(shared->account);
	test_post_stop(&shared->test);
	free(shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(agree_in_the_end)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
