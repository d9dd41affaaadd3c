/* Views, what differs between two, watches, \Recent, keywords, conditional changes. */
#include "base/test.h"
#include "post/test-post.h"
#include <stdatomic.h>

static int
start(void **state)
{
	*state = test_inbox_create(0, 4);
	return 0;
}

static void
assert_only(const struct post_uids *uids, uint32_t first, uint32_t last)
{
	SCOPED(post_uids_release) struct post_uids *wanted = post_uids_create();
	if (first)
		post_uids_add_range(wanted, first, last);
	assert_true(post_uids_equal(uids, wanted));
}

static void
two_views_are_compared(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_difference difference;
	SCOPED(post_uids_release) struct post_uids *first = test_uids(1, 1);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	SCOPED(post_view_release)
	struct post_view *before = post_view_newest(fixture->inbox);
	post_view_compare(before, before, &difference);
	assert_only(difference.flagged, 0, 0);
	assert_false(difference.keywords);
	post_difference_clear(&difference);
	test_flag(fixture->inbox, 1, 3, "$Work", POST_FLAGS_ADD);
	test_flag(fixture->inbox, 4, 4, "\\Seen", POST_FLAGS_ADD);
	test_flag(fixture->inbox, 4, 4, "\\Seen", POST_FLAGS_REMOVE);
	test_done(post_expunge(fixture->inbox, first, false, &expunged, NULL));
	test_deliver(&fixture->test, fixture->account, TEST_LETTER);
	SCOPED(post_view_release)
	struct post_view *after = post_view_newest(fixture->inbox);
	post_view_compare(before, after, &difference);
	assert_only(difference.vanished, 1, 1);
	assert_only(difference.arrived, 5, 5);
	assert_only(difference.flagged, 2, 3);
	assert_true(difference.keywords);
	post_difference_clear(&difference);
}

/* What a client sees that may not be told yet what is gone. */
static void
a_joined_view_keeps_what_is_gone(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_difference difference;
	SCOPED(post_uids_release) struct post_uids *two = test_uids(2, 2);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	test_flag(fixture->inbox, 2, 2, "\\Flagged", POST_FLAGS_ADD);
	SCOPED(post_view_release)
	struct post_view *known = post_view_newest(fixture->inbox);
	test_done(post_expunge(fixture->inbox, two, false, &expunged, NULL));
	test_flag(fixture->inbox, 3, 3, "$Work", POST_FLAGS_ADD);
	test_deliver(&fixture->test, fixture->account, TEST_LETTER);
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(fixture->inbox);
	SCOPED(post_view_release) struct post_view *joined = post_view_join(known, newest);
	assert_only(post_view_uids(joined), 1, 5);
	assert_int_equal(post_view_uid_next(joined), 6);
	assert_only(post_view_flagged(joined, POST_FLAGGED), 2, 2);
	assert_only(post_view_flagged(joined, POST_KEYWORD_FIRST), 3, 3);
	assert_int_equal(post_view_modseq_of(joined, 2), post_view_modseq_of(known, 2));
	assert_int_equal(post_view_modseq_of(joined, 3), post_view_modseq_of(newest, 3));
	assert_int_equal(post_view_modseq(joined), post_view_modseq(known));
	post_view_compare(joined, newest, &difference);
	assert_only(difference.vanished, 2, 2);
	assert_only(difference.arrived, 0, 0);
	assert_only(difference.flagged, 0, 0);
	post_difference_clear(&difference);
}

/* A joined view shows modseqs that are higher than its own. */
static void
rises_are_told_once(void **state)
{
	struct test_inbox *fixture = *state;
	SCOPED(post_uids_release) struct post_uids *two = test_uids(2, 2);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	SCOPED(post_view_release)
	struct post_view *known = post_view_newest(fixture->inbox);
	test_done(post_expunge(fixture->inbox, two, false, &expunged, NULL));
	test_flag(fixture->inbox, 3, 4, "$Work", POST_FLAGS_ADD);
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(fixture->inbox);
	SCOPED(post_uids_release)
	struct post_uids *risen = post_view_renumbered(known, newest);
	assert_only(risen, 3, 4);
	SCOPED(post_view_release) struct post_view *joined = post_view_join(known, newest);
	test_flag(fixture->inbox, 4, 4, "$Work", POST_FLAGS_REMOVE);
	SCOPED(post_view_release)
	struct post_view *after = post_view_newest(fixture->inbox);
	post_uids_release(&risen);
	risen = post_view_renumbered(joined, after);
	assert_only(risen, 4, 4);
}

static void
count_call(void *argument)
{
	atomic_fetch_add((atomic_uint *)argument, 1);
}

static void
watches_are_called_until_they_end(void **state)
{
	struct test_inbox *fixture = *state;
	atomic_uint first = 0, second = 0;
	struct post_watch *one = post_mailbox_watch(fixture->inbox, count_call, &first);
	struct post_watch *two = post_mailbox_watch(fixture->inbox, count_call, &second);
	test_deliver(&fixture->test, fixture->account, TEST_LETTER);
	assert_int_equal(atomic_load(&first), 1);
	test_flag(fixture->inbox, 1, 1, "\\Seen", POST_FLAGS_ADD);
	test_flag(fixture->inbox, 1, 1, "\\Seen", POST_FLAGS_ADD); /* no change */
	post_watch_end(one);
	test_deliver(&fixture->test, fixture->account, TEST_LETTER);
	assert_int_equal(atomic_load(&first), 2);
	assert_int_equal(atomic_load(&second), 3);
	post_watch_end(two);
}

static void
recent_ones_are_claimed_once(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_status status;
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_int_equal(post_recent_peek(fixture->inbox), 1);
	assert_int_equal(post_recent_claim(fixture->inbox, view), 1);
	assert_int_equal(post_recent_claim(fixture->inbox, view), 5);
	test_deliver(&fixture->test, fixture->account, TEST_LETTER);
	assert_int_equal(
		post_mailbox_status(fixture->account, SLICE("INBOX"), &status), BASE_OK);
	assert_int_equal(status.recent, 1);
	post_view_release(&view);
	view = post_view_newest(fixture->inbox);
	post_recent_told(fixture->inbox, view);
	assert_int_equal(
		post_mailbox_status(fixture->account, SLICE("INBOX"), &status), BASE_OK);
	assert_int_equal(status.recent, 0);
	post_view_release(&view);
	post_mailbox_close(fixture->inbox);
	test_post_reopen_account(&fixture->test, &fixture->account);
	fixture->inbox = test_open(fixture->account, "INBOX");
	view = post_view_newest(fixture->inbox);
	assert_int_equal(post_recent_peek(fixture->inbox), 5);
	assert_int_equal(post_recent_claim(fixture->inbox, view), 5);
	assert_int_equal(post_recent_peek(fixture->inbox), 6);
}

static void
assert_none_recent(struct test_inbox *fixture)
{
	struct post_status status;
	assert_int_equal(
		post_mailbox_status(fixture->account, SLICE("INBOX"), &status), BASE_OK);
	assert_int_equal(status.recent, 0);
}

/* Claimed and closed: who asks before, during and after the commit finds it claimed. */
static void
a_claim_holds_at_once(void **state)
{
	struct test_inbox *fixture = *state;
	for (int round = 0; round < 50; round++) {
		test_deliver(&fixture->test, fixture->account, TEST_LETTER);
		SCOPED(post_view_release)
		struct post_view *view = post_view_newest(fixture->inbox);
		post_recent_claim(fixture->inbox, view);
		post_view_release(&view);
		post_mailbox_close(fixture->inbox);
		fixture->inbox = NULL;
		for (int ask = 0; ask < 500; ask++)
			assert_none_recent(fixture);
		fixture->inbox = test_open(fixture->account, "INBOX");
		assert_int_equal(post_recent_peek(fixture->inbox), (uint32_t)round + 6);
	}
}

static struct base_ticket *
add_keyword(struct test_inbox *fixture, struct slice name, struct base_error *error)
{
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(1, 1);
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = &name, .count = 1};
	struct base_ticket *ticket =
		post_flags_change(fixture->inbox, uids, &change, error);
	post_uids_destroy(change.conflicts);
	return ticket;
}

static void
keywords_are_limited(void **state)
{
	struct test_inbox *fixture = *state;
	struct base_error error = {0};
	char name[POST_KEYWORD_MOST + 2];
	for (int i = 0; i < POST_KEYWORDS_MOST; i++) {
		snprintf(name, sizeof name, "key%d", i);
		test_done(add_keyword(fixture, slice_of_text(name), NULL));
	}
	assert_null(add_keyword(fixture, SLICE("one-more"), &error));
	assert_int_equal(error.failure, BASE_TOO_LARGE);
	test_done(add_keyword(fixture, SLICE("KEY119"), NULL));
	memset(name, 'x', sizeof name);
	assert_null(add_keyword(fixture, slice_of(name, sizeof name), &error));
	assert_int_equal(error.failure, BASE_INVALID);
	assert_null(add_keyword(fixture, SLICE("two words"), &error));
	assert_int_equal(error.failure, BASE_INVALID);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_int_equal(post_view_keywords(view), POST_KEYWORDS_MOST);
	assert_slice_is(post_flag_name(view, POST_KEYWORD_FIRST + 119), "key119");
	assert_slice_is(post_flag_name(view, POST_DRAFT), "\\Draft");
	assert_int_equal(post_view_flag_number(view, SLICE("one-more")), -1);
}

static void
unchanged_since_protects(void **state)
{
	struct test_inbox *fixture = *state;
	struct slice seen = SLICE("\\Seen");
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 4);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	struct post_flag_change change = {.action = POST_FLAGS_ADD,
		.names = &seen,
		.count = 1,
		.conditional = true,
		.unchanged_since = post_view_modseq(view)};
	test_flag(fixture->inbox, 2, 3, "$Work", POST_FLAGS_ADD);
	test_done(post_flags_change(fixture->inbox, all, &change, NULL));
	assert_only(change.conflicts, 2, 3);
	post_uids_destroy(change.conflicts);
	SCOPED(post_view_release)
	struct post_view *after = post_view_newest(fixture->inbox);
	assert_int_equal(post_uids_count(post_view_flagged(after, POST_SEEN)), 2);
	assert_int_equal(post_view_modseq_of(after, 1), change.modseq);
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_changed_since(after, post_view_modseq(view));
	assert_only(changed, 1, 4);
	assert_true(post_view_modseq_of(after, 2) < change.modseq);
}

/* Commands one behind the other, without a wait: each sees what those before it did. */
static void
changes_follow_one_another(void **state)
{
	struct test_inbox *fixture = *state;
	struct slice deleted = SLICE("\\Deleted");
	struct base_ticket *tickets[3];
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = &deleted, .count = 1};
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 3);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL, *none = NULL;
	tickets[0] = post_flags_change(fixture->inbox, all, &change, NULL);
	tickets[1] = post_expunge(fixture->inbox, all, true, &expunged, NULL);
	tickets[2] = post_expunge(fixture->inbox, all, true, &none, NULL);
	assert_only(expunged, 1, 3);
	assert_only(none, 0, 0);
	test_done(base_ticket_all(tickets, 3));
	post_uids_destroy(change.conflicts);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_only(post_view_uids(view), 4, 4);
}

/* Opened while commits are under way: none may be missed, none be shown too early. */
static void
opening_sees_what_is_under_way(void **state)
{
	struct test_inbox *fixture = *state;
	struct slice names[2] = {SLICE("\\Seen"), SLICE("\\Flagged")};
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 4);
	for (int round = 0; round < 50; round++) {
		struct post_flag_change change = {
			.action = round % 2 ? POST_FLAGS_REMOVE : POST_FLAGS_ADD,
			.names = names,
			.count = 2};
		struct base_ticket *ticket =
			post_flags_change(fixture->inbox, all, &change, NULL);
		post_uids_destroy(change.conflicts);
		post_mailbox_close(fixture->inbox);
		fixture->inbox = test_open(fixture->account, "INBOX");
		test_done(ticket);
		SCOPED(post_view_release)
		struct post_view *view = post_view_newest(fixture->inbox);
		assert_int_equal(post_view_modseq(view), change.modseq);
		const struct post_uids *seen = post_view_flagged(view, POST_SEEN);
		assert_true(round % 2 ? !seen : post_uids_count(seen) == 4);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, test_inbox_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_views_are_compared),
		TEST(a_joined_view_keeps_what_is_gone),
		TEST(rises_are_told_once),
		TEST(watches_are_called_until_they_end),
		TEST(recent_ones_are_claimed_once),
		TEST(a_claim_holds_at_once),
		TEST(keywords_are_limited),
		TEST(unchanged_since_protects),
		TEST(changes_follow_one_another),
		TEST(opening_sees_what_is_under_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
