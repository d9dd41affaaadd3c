/*
 * Many threads on the mailboxes of few accounts: letters to all of them, flags, copies,
 * moves, expunges, mailboxes that come and go, and the chores. What a view shows can be
 * read as long as it is held, and in the end all records agree.
 */
#include "base/test.h"
#include "post/test-post.h"
#include <pthread.h>
#include <stdatomic.h>

#define ACCOUNTS 3
#define THREADS  6
#define ROUNDS   60

struct mix {
	struct test_post test;
	struct post_account *accounts[ACCOUNTS];
	atomic_bool done;
};

struct player {
	struct mix *mix;
	pthread_t thread;
	unsigned number;
};

static const char *const addresses[ACCOUNTS] = {
	"anna@troika.test", "boris@troika.test", "carla@troika.test"};

static enum base_failure
end(struct base_ticket *ticket)
{
	if (!ticket)
		return BASE_NOT_FOUND;
	return base_ticket_await(ticket);
}

static void
deliver_to_all(struct mix *mix)
{
	struct post_incoming *incoming =
		test_incoming(&mix->test, "Subject: x\r\n\r\nhello\r\n");
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	struct post_delivery *delivery =
		post_delivery_create(incoming, SLICE("dora@example.org"));
	for (size_t i = 0; i < ACCOUNTS; i++) {
		struct post_delivery_target target = {
			.account = post_account_id(mix->accounts[i]),
			.delivered_to = slice_of_text(addresses[i])};
		assert_int_equal(post_delivery_local(delivery, &target), BASE_OK);
	}
	test_done(post_delivery_submit(&delivery, NULL));
	post_incoming_destroy(incoming);
}

static void
append(struct mix *mix, struct post_mailbox *mailbox)
{
	struct slice flags[] = {SLICE_INIT("\\Seen"), SLICE_INIT("$Todo")};
	struct post_append append = {.flags = flags, .flag_count = 2};
	struct post_incoming *incoming =
		test_incoming(&mix->test, "Subject: y\r\n\r\nho\r\n");
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	/* The mailbox may be gone by now. */
	(void)end(post_append_messages(mailbox, &incoming, &append, 1, NULL));
	post_incoming_destroy(incoming);
}

static bool
count_entry(void *argument, const struct post_entry *entry)
{
	assert_true(entry->uid);
	++*(uint32_t *)argument;
	return true;
}

static void
assert_readable(const struct post_view *view)
{
	uint32_t count = 0;
	assert_int_equal(post_entries_read(view, post_view_uids(view), count_entry, &count),
		BASE_OK);
	assert_int_equal(count, post_view_count(view));
}

static struct post_uids *
few_of(struct post_mailbox *mailbox, unsigned number)
{
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	struct post_uids *few = post_uids_create();
	uint32_t count = post_view_count(view);
	for (uint32_t i = 0; i < 3 && count; i++)
		post_uids_add(few, post_view_uid(view, 1 + (number + i * 7) % count));
	return few;
}

static void
copy_some(struct post_mailbox *from, struct post_mailbox *to, unsigned number)
{
	struct post_copied copied;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_uids_release) struct post_uids *few = few_of(from, number);
	(void)end(post_copy(from, few, to, number % 2, arena, &copied, NULL));
}

static void
flag_some(struct post_mailbox *mailbox, unsigned number)
{
	static const char *const names[] = {"\\Deleted", "\\Seen", "$Todo", "later"};
	struct slice name = slice_of_text(names[number % 4]);
	SCOPED(post_uids_release) struct post_uids *few = few_of(mailbox, number);
	struct post_flag_change change = {
		.action = number % 3 ? POST_FLAGS_ADD : POST_FLAGS_REPLACE,
		.names = &name,
		.count = 1};
	(void)end(post_flags_change(mailbox, few, &change, NULL));
	post_uids_destroy(change.conflicts);
}

static void
expunge(struct post_mailbox *mailbox)
{
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, UINT32_MAX - 1);
	(void)end(post_expunge(mailbox, all, true, NULL, NULL));
}

static void
come_and_go(struct post_account *account, unsigned number)
{
	char from[32], to[32];
	snprintf(from, sizeof from, "Box/%u", number % 4);
	snprintf(to, sizeof to, "Moved/%u", number % 4);
	struct slice old_name = slice_of_text(from), name = slice_of_text(to);
	(void)end(post_mailbox_create(account, old_name, POST_USE_NONE, NULL));
	if (number % 3 == 0)
		(void)end(post_mailbox_rename(account, old_name, name, NULL));
	if (number % 3 == 1)
		(void)end(post_mailbox_delete(account, number % 2 ? old_name : name, NULL));
}

static struct post_mailbox *
some_mailbox(struct post_account *account, unsigned number)
{
	static const char *const names[] = {
		"INBOX", "Archive", "Box/1", "Moved/0", "Box/2"};
	struct post_mailbox *mailbox;
	if (post_mailbox_open(account, slice_of_text(names[number % 5]), &mailbox))
		return test_open(account, "INBOX");
	return mailbox;
}

static void
play_round(struct mix *mix, unsigned number)
{
	struct post_account *account = mix->accounts[number % ACCOUNTS];
	struct post_mailbox *one = some_mailbox(account, number / 3);
	struct post_mailbox *two = some_mailbox(account, number / 5);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(one);
	deliver_to_all(mix);
	append(mix, two);
	flag_some(one, number);
	copy_some(one, two, number);
	come_and_go(account, number);
	flag_some(two, number / 2);
	expunge(number % 2 ? one : two);
	assert_readable(view);
	post_mailbox_close(one);
	post_mailbox_close(two);
}

static void *
play(void *argument)
{
	struct player *player = argument;
	for (unsigned round = 0; round < ROUNDS; round++)
		play_round(player->mix, round * 31 + player->number * 7);
	return NULL;
}

/* Looks, holds for as short as can be, and reads: what is purged meanwhile is not in it. */
static void *
look(void *argument)
{
	struct mix *mix = argument;
	for (unsigned i = 0; !atomic_load(&mix->done); i++) {
		struct post_mailbox *mailbox =
			test_open(mix->accounts[i % ACCOUNTS], "INBOX");
		struct post_view *view = post_view_newest(mailbox);
		assert_readable(view);
		post_view_drop(view);
		post_mailbox_close(mailbox);
	}
	return NULL;
}

static void *
do_chores(void *argument)
{
	struct mix *mix = argument;
	while (!atomic_load(&mix->done))
		post_chores(mix->test.post);
	return NULL;
}

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_error("%s\n", sentence);
}

static void
assert_agreed(struct mix *mix)
{
	struct post_verdict verdict;
	assert_int_equal(
		post_check(mix->test.post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	assert_int_equal(verdict.accounts, ACCOUNTS);
}

static void
play_all(struct mix *mix)
{
	struct player players[THREADS];
	pthread_t chores, looker;
	pthread_create(&chores, NULL, do_chores, mix);
	pthread_create(&looker, NULL, look, mix);
	for (unsigned i = 0; i < THREADS; i++) {
		players[i] = (struct player){.mix = mix, .number = i};
		pthread_create(&players[i].thread, NULL, play, &players[i]);
	}
	assert_agreed(mix);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(players[i].thread, NULL);
	atomic_store(&mix->done, true);
	pthread_join(chores, NULL);
	pthread_join(looker, NULL);
}

static void
all_at_once(void **state)
{
	struct mix *mix = calloc(1, sizeof *mix);
	(void)state;
	test_post_start(&mix->test);
	for (size_t i = 0; i < ACCOUNTS; i++)
		mix->accounts[i] = test_account(&mix->test, addresses[i]);
	play_all(mix);
	assert_agreed(mix);
	for (size_t i = 0; i < ACCOUNTS; i++)
		post_account_close(mix->accounts[i]);
	test_post_reopen(&mix->test);
	assert_agreed(mix);
	test_post_stop(&mix->test);
	free(mix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_at_once)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
