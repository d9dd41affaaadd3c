/* News of an account, and what differs between two lists of names. */
#include "base/test.h"
#include "post/names.h"
#include "post/news.h"
#include "post/test-post.h"
#include <stdatomic.h>

struct fixture {
	struct test_post test;
	struct post_account *account;
	struct arena *arena;
	struct post_news *news;
	atomic_uint calls;
};

static void
happened(void *argument)
{
	atomic_fetch_add((atomic_uint *)argument, 1);
}

static int
start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	test_post_start(&fixture->test);
	fixture->account = test_account(&fixture->test, "anna@troika.test");
	fixture->arena = arena_create(ARENA_NO_CEILING);
	fixture->news = post_news_begin(fixture->account, happened, &fixture->calls);
	*state = fixture;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *fixture = *state;
	post_news_end(fixture->news);
	arena_destroy(fixture->arena);
	post_account_close(fixture->account);
	test_post_stop(&fixture->test);
	free(fixture);
	return 0;
}

static struct post_news_batch
take(struct fixture *fixture)
{
	struct post_news_batch batch;
	post_news_take(fixture->news, fixture->arena, &batch);
	return batch;
}

static void
create(struct fixture *fixture, const char *name)
{
	test_done(post_mailbox_create(
		fixture->account, slice_of_text(name), POST_USE_NONE, NULL));
}

static void
annotate(struct fixture *fixture, const char *mailbox, const char *name, uint64_t *serial)
{
	const struct post_metadata_entry entry = {slice_of_text(name), SLICE("x")};
	struct post_metadata_change change = {.entries = &entry, .count = 1};
	test_done(
		post_metadata_set(fixture->account, slice_of_text(mailbox), &change, NULL));
	*serial = change.serial;
}

static void
messages_are_counted_by_mailbox(void **state)
{
	struct fixture *fixture = *state;
	struct post_mailbox *inbox = test_open(fixture->account, "INBOX");
	SCOPED(post_uids_release) struct post_uids *first = test_uids(1, 1);
	test_deliver(&fixture->test, fixture->account, "a: b\r\n\r\nx");
	test_deliver(&fixture->test, fixture->account, "a: b\r\n\r\ny");
	struct post_news_batch batch = take(fixture);
	assert_int_equal(batch.mailbox_count, 1);
	assert_int_equal(batch.mailboxes[0].id, post_mailbox_id(inbox));
	assert_int_equal(batch.mailboxes[0].arrived, 2);
	assert_false(batch.mailboxes[0].flagged || batch.mailboxes[0].expunged);
	assert_false(batch.names || batch.missed);
	assert_true(atomic_load(&fixture->calls));
	assert_int_equal(take(fixture).mailbox_count, 0);
	test_flag(inbox, 1, 1, "\\Seen", POST_FLAGS_ADD);
	assert_true(take(fixture).mailboxes[0].flagged);
	test_done(post_expunge(inbox, first, false, NULL, NULL));
	batch = take(fixture);
	assert_true(batch.mailboxes[0].expunged && !batch.mailboxes[0].flagged);
	assert_int_equal(batch.mailboxes[0].arrived, 0);
	post_mailbox_close(inbox);
}

static void
annotations_are_told_once_with_their_last_serial(void **state)
{
	struct fixture *fixture = *state;
	uint64_t first, second, own;
	annotate(fixture, "INBOX", "/shared/a", &first);
	annotate(fixture, "INBOX", "/SHARED/A", &second);
	annotate(fixture, "", "/private/b", &own);
	assert_true(first < second && second < own);
	struct post_news_batch batch = take(fixture);
	assert_int_equal(batch.entry_count, 2);
	assert_int_equal(batch.entries[0].mailbox, 1);
	assert_int_equal(batch.entries[0].serial, second);
	assert_int_equal(batch.entries[1].mailbox, 0);
	assert_slice_is(batch.entries[1].name, "/private/b");
	assert_int_equal(batch.mailbox_count, 0);
}

static void
who_does_not_ask_misses_some(void **state)
{
	struct fixture *fixture = *state;
	struct post_metadata_entry entries[POST_METADATA_ENTRIES_MOST];
	for (unsigned mailbox = 0; mailbox < 6; mailbox++) {
		struct slice name = arena_printf(fixture->arena, "box%u", mailbox);
		create(fixture, name.data);
		for (size_t i = 0; i < POST_METADATA_ENTRIES_MOST; i++)
			entries[i] = (struct post_metadata_entry){
				arena_printf(fixture->arena, "/shared/%zu", i), SLICE("")};
		struct post_metadata_change change = {
			.entries = entries, .count = POST_METADATA_ENTRIES_MOST};
		test_done(post_metadata_set(fixture->account, name, &change, NULL));
	}
	struct post_news_batch batch = take(fixture);
	assert_true(batch.missed && batch.names);
	assert_int_equal(batch.entry_count, POST_NEWS_ENTRIES_MOST);
	create(fixture, "more");
	batch = take(fixture);
	assert_true(batch.names && !batch.missed);
}

/* --- names ------------------------------------------------------------------------------
 */

/* "created a; renamed b from c" of what changed since. */
static struct slice
changes_since(struct fixture *fixture, struct post_tree *before)
{
	static const char *const events[] = {
		"created ", "deleted ", "renamed ", "subscribed ", "renewed ", "below "};
	struct post_tree *after;
	struct post_name_change *changes;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	assert_int_equal(post_names_now(fixture->account, &after), BASE_OK);
	size_t count = post_names_compare(before, after, fixture->arena, &changes);
	for (size_t i = 0; i < count; i++) {
		buffer_put_text(&text, i ? "; " : "");
		for (size_t bit = 0; bit < sizeof events / sizeof *events; bit++)
			if (changes[i].events & 1U << bit)
				buffer_put_text(&text, events[bit]);
		buffer_put(&text, changes[i].name);
		if (!slice_empty(changes[i].old_name))
			buffer_printf(&text, " from %.*s", SLICE_ARG(changes[i].old_name));
	}
	post_names_drop(after);
	return arena_copy(fixture->arena, buffer_slice(&text));
}

static void
two_lists_of_names_are_compared(void **state)
{
	struct fixture *fixture = *state;
	struct post_account *account = fixture->account;
	struct post_tree *before;
	create(fixture, "a/b");
	create(fixture, "c");
	create(fixture, "d/e");
	assert_int_equal(post_names_now(account, &before), BASE_OK);
	assert_slice_is(changes_since(fixture, before), "");
	create(fixture, "n/m");
	assert_slice_is(changes_since(fixture, before), "created n; created n/m");
	test_done(post_mailbox_delete(account, SLICE("n/m"), NULL));
	test_done(post_mailbox_delete(account, SLICE("n"), NULL));
	assert_slice_is(changes_since(fixture, before), "");
	test_done(post_mailbox_rename(account, SLICE("a"), SLICE("x"), NULL));
	assert_slice_is(changes_since(fixture, before),
		"renamed x from a; renamed below x/b from a/b");
	test_done(post_mailbox_rename(account, SLICE("x/b"), SLICE("x/z"), NULL));
	assert_slice_is(
		changes_since(fixture, before), "renamed x from a; renamed x/z from a/b");
	test_done(post_mailbox_rename(account, SLICE("x"), SLICE("a"), NULL));
	test_done(post_mailbox_rename(account, SLICE("a/z"), SLICE("a/b"), NULL));
	test_done(post_mailbox_delete(account, SLICE("c"), NULL));
	test_done(post_mailbox_subscribe(account, SLICE("d"), true, NULL));
	assert_slice_is(changes_since(fixture, before), "subscribed d; deleted c");
	create(fixture, "c");
	test_done(post_mailbox_delete(account, SLICE("d"), NULL));
	assert_slice_is(
		changes_since(fixture, before), "created renewed c; deleted subscribed d");
	post_names_drop(before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_counted_by_mailbox),
		TEST(annotations_are_told_once_with_their_last_serial),
		TEST(who_does_not_ask_misses_some),
		TEST(two_lists_of_names_are_compared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
