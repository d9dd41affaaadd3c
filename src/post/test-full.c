/*
 * A disk that is full for a while: commits that were numbered already are refused, and
 * what memory had run ahead with is forgotten.
 */
#include "base/test.h"
#include "post/test-post.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define AT_ONCE 5
#define THREADS 4
#define ROUNDS  40

static atomic_bool full;

/* Stands before libc's. The store writes blobs with it, and nothing else. */
ssize_t
pwritev(int fd, const struct iovec *iovec, int count, off_t offset)
{
	if (atomic_load(&full)) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwritev, fd, iovec, count, offset, 0);
}

static struct base_ticket *
submit_delivery(struct test_post *test, struct post_account *account)
{
	struct post_incoming *incoming = test_incoming(test, "Subject: x\r\n\r\nhello\r\n");
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	struct post_delivery *delivery =
		post_delivery_create(incoming, SLICE("boris@example.org"));
	struct post_delivery_target target = {.account = post_account_id(account),
		.delivered_to = SLICE("anna@troika.test")};
	assert_int_equal(post_delivery_local(delivery, &target), BASE_OK);
	struct base_ticket *ticket = post_delivery_submit(&delivery, NULL);
	post_incoming_destroy(incoming);
	return ticket;
}

static enum base_failure
outcome_of(struct base_ticket *ticket)
{
	if (!ticket)
		return BASE_UNAVAILABLE;
	return base_ticket_await(ticket);
}

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_error("%s\n", sentence);
}

static uint64_t
check(struct test_post *test)
{
	struct post_verdict verdict;
	assert_int_equal(post_check(test->post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	return verdict.messages;
}

/* Deliveries, a flag on what they bring and a new mailbox, all on top of one another. */
static void
refuse_some(
	struct test_post *test, struct post_account *account, struct post_mailbox *inbox)
{
	struct base_ticket *tickets[AT_ONCE + 2];
	struct slice seen = SLICE("\\Seen");
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 100);
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = &seen, .count = 1};
	atomic_store(&full, true);
	for (size_t i = 0; i < AT_ONCE; i++)
		tickets[i] = submit_delivery(test, account);
	tickets[AT_ONCE] = post_flags_change(inbox, all, &change, NULL);
	tickets[AT_ONCE + 1] =
		post_mailbox_create(account, SLICE("Refused"), POST_USE_NONE, NULL);
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(outcome_of(tickets[i]), BASE_DISK_FULL);
	/* These need no room for blobs, and may have come too late to be refused. */
	for (size_t i = AT_ONCE; i < AT_ONCE + 2; i++)
		outcome_of(tickets[i]);
	atomic_store(&full, false);
	post_uids_destroy(change.conflicts);
}

static void
goes_on_afterwards(void **state)
{
	struct test_post test = {0};
	(void)state;
	test_post_start(&test);
	struct post_account *account = test_account(&test, "anna@troika.test");
	struct post_mailbox *inbox = test_open(account, "INBOX");
	test_deliver(&test, account, "Subject: first\r\n\r\nhello\r\n");
	refuse_some(&test, account, inbox);
	test_deliver(&test, account, "Subject: second\r\n\r\nhello\r\n");
	test_flag(inbox, 2, 2, "\\Flagged", POST_FLAGS_ADD);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(inbox);
	assert_int_equal(post_view_count(view), 2);
	assert_int_equal(post_view_uid(view, 2), 2);
	assert_int_equal(post_uids_count(post_view_flagged(view, POST_FLAGGED)), 1);
	assert_int_equal(check(&test), 2);
	post_view_release(&view);
	post_mailbox_close(inbox);
	test_post_reopen_account(&test, &account);
	inbox = test_open(account, "INBOX");
	view = post_view_newest(inbox);
	assert_int_equal(post_view_count(view), 2);
	assert_int_equal(check(&test), 2);
	post_view_release(&view);
	post_mailbox_close(inbox);
	post_account_close(account);
	test_post_stop(&test);
}

struct crowd {
	struct test_post test;
	struct post_account *account;
	atomic_uint delivered;
};

static void *
deliver_and_change(void *argument)
{
	struct crowd *crowd = argument;
	struct slice seen = SLICE("\\Seen");
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct post_mailbox *inbox = test_open(crowd->account, "INBOX");
		struct base_ticket *ticket = submit_delivery(&crowd->test, crowd->account);
		SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 1 + round);
		struct post_flag_change change = {
			.action = round % 2 ? POST_FLAGS_ADD : POST_FLAGS_REMOVE,
			.names = &seen,
			.count = 1};
		outcome_of(post_flags_change(inbox, all, &change, NULL));
		post_uids_destroy(change.conflicts);
		if (outcome_of(ticket) == BASE_OK)
			atomic_fetch_add(&crowd->delivered, 1);
		else if (round % 4)
			atomic_store(&full, false);
		post_view_drop(post_view_newest(inbox));
		if (round % 8 == 7)
			atomic_store(&full, true);
		post_mailbox_close(inbox);
	}
	return NULL;
}

static void
keeps_what_it_said_it_has(void **state)
{
	struct crowd *crowd = calloc(1, sizeof *crowd);
	pthread_t threads[THREADS];
	(void)state;
	test_post_start(&crowd->test);
	crowd->account = test_account(&crowd->test, "anna@troika.test");
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, deliver_and_change, crowd);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	atomic_store(&full, false);
	assert_int_equal(check(&crowd->test), atomic_load(&crowd->delivered));
	test_post_reopen_account(&crowd->test, &crowd->account);
	assert_int_equal(check(&crowd->test), atomic_load(&crowd->delivered));
	post_account_close(crowd->account);
	test_post_stop(&crowd->test);
	free(crowd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_afterwards),
		cmocka_unit_test(keeps_what_it_said_it_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
