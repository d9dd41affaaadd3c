/* Annotations: kept with their mailbox, whole or not at all. */
#include "base/test.h"
#include "post/metadata.h"
#include "post/test-post.h"

struct fixture {
	struct test_post test;
	struct post_account *account;
	struct arena *arena;
};

static int
start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	test_post_start(&fixture->test);
	fixture->account = test_account(&fixture->test, "anna@troika.test");
	fixture->arena = arena_create(ARENA_NO_CEILING);
	*state = fixture;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *fixture = *state;
	arena_destroy(fixture->arena);
	post_account_close(fixture->account);
	test_post_stop(&fixture->test);
	free(fixture);
	return 0;
}

static struct base_ticket *
set(struct fixture *fixture, const char *mailbox, const char *name, struct slice value,
	struct base_error *error)
{
	const struct post_metadata_entry entry = {slice_of_text(name), value};
	struct post_metadata_change change = {.entries = &entry, .count = 1};
	return post_metadata_set(fixture->account, slice_of_text(mailbox), &change, error);
}

/* "name=value name=value". */
static struct slice
all(struct fixture *fixture, const char *mailbox)
{
	struct post_metadata_entry *entries;
	size_t count;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	assert_int_equal(post_metadata_read(fixture->account, slice_of_text(mailbox),
				 fixture->arena, &entries, &count),
		BASE_OK);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "%s%.*s=%.*s", i ? " " : "",
			SLICE_ARG(entries[i].name), SLICE_ARG(entries[i].value));
	return arena_copy(fixture->arena, buffer_slice(&text));
}

static void
check(struct fixture *fixture)
{
	struct post_verdict verdict;
	assert_int_equal(post_check(fixture->test.post, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
}

static void
values_are_kept_by_name(void **state)
{
	struct fixture *fixture = *state;
	test_done(set(fixture, "INBOX", "/shared/b", SLICE("2"), NULL));
	test_done(set(fixture, "INBOX", "/shared/A", SLICE("1"), NULL));
	test_done(set(fixture, "INBOX", "/shared/a", SLICE("3"), NULL));
	test_done(set(fixture, "", "/private/c", SLICE(""), NULL));
	test_post_reopen_account(&fixture->test, &fixture->account);
	assert_slice_is(all(fixture, "INBOX"), "/shared/A=3 /shared/b=2");
	assert_slice_is(all(fixture, ""), "/private/c=");
	test_done(set(fixture, "INBOX", "/SHARED/a", SLICE_NONE, NULL));
	test_done(set(fixture, "INBOX", "/shared/none", SLICE_NONE, NULL));
	assert_slice_is(all(fixture, "INBOX"), "/shared/b=2");
	check(fixture);
}

static void
they_share_the_fate_of_their_mailbox(void **state)
{
	struct fixture *fixture = *state;
	test_done(post_mailbox_create(fixture->account, SLICE("a/b"), POST_USE_NONE, NULL));
	test_done(set(fixture, "a/b", "/shared/x", SLICE("1"), NULL));
	test_done(post_mailbox_rename(fixture->account, SLICE("a"), SLICE("c"), NULL));
	assert_slice_is(all(fixture, "c/b"), "/shared/x=1");
	test_done(post_mailbox_delete(fixture->account, SLICE("c/b"), NULL));
	test_done(post_mailbox_create(fixture->account, SLICE("c/b"), POST_USE_NONE, NULL));
	assert_slice_is(all(fixture, "c/b"), "");
	test_done(set(fixture, "INBOX", "/shared/x", SLICE("2"), NULL));
	test_done(post_mailbox_rename(fixture->account, SLICE("INBOX"), SLICE("d"), NULL));
	assert_slice_is(all(fixture, "d"), "/shared/x=2");
	assert_slice_is(all(fixture, "INBOX"), "/shared/x=2");
	check(fixture);
}

static void
too_many_are_refused_whole(void **state)
{
	struct fixture *fixture = *state;
	struct base_error error = {0};
	struct post_metadata_entry entries[POST_METADATA_ENTRIES_MOST + 1];
	for (size_t i = 0; i <= POST_METADATA_ENTRIES_MOST; i++)
		entries[i] = (struct post_metadata_entry){
			arena_printf(fixture->arena, "/shared/%zu", i), SLICE("x")};
	struct post_metadata_change change = {
		.entries = entries, .count = POST_METADATA_ENTRIES_MOST + 1};
	assert_null(post_metadata_set(fixture->account, SLICE("INBOX"), &change, &error));
	assert_int_equal(error.failure, BASE_TOO_LARGE);
	assert_slice_is(all(fixture, "INBOX"), "");
	change.count--;
	test_done(post_metadata_set(fixture->account, SLICE("INBOX"), &change, &error));
	assert_null(set(fixture, "INBOX", "/shared/more", SLICE("x"), &error));
	test_done(set(fixture, "INBOX", "/shared/7", SLICE("y"), &error));
	assert_null(set(fixture, "nowhere", "/shared/more", SLICE("x"), &error));
	assert_int_equal(error.failure, BASE_NOT_FOUND);
	check(fixture);
}

static void
one_mailbox_is_for_a_use(void **state)
{
	struct fixture *fixture = *state;
	struct post_mailbox_info info;
	struct post_metadata_change change = {.sets_use = true, .use = POST_USE_DRAFTS};
	test_done(post_metadata_set(fixture->account, SLICE("Sent"), &change, NULL));
	assert_int_equal(
		post_mailbox_find(fixture->account, SLICE("Sent"), fixture->arena, &info),
		BASE_OK);
	assert_int_equal(info.use, POST_USE_DRAFTS);
	assert_int_equal(
		post_mailbox_find(fixture->account, SLICE("Drafts"), fixture->arena, &info),
		BASE_OK);
	assert_int_equal(info.use, POST_USE_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_kept_by_name),
		TEST(they_share_the_fate_of_their_mailbox),
		TEST(too_many_are_refused_whole),
		TEST(one_mailbox_is_for_a_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
