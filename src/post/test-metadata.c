/* Annotations: kept with their mailbox, whole or not at all. */
#include "base/test.h"
#include "post/metadata.h"
#include "post/test-post.h"

static struct base_ticket *
set(struct test_people *people, const char *mailbox, const char *name, struct slice value,
	struct base_error *error)
{
	const struct post_metadata_entry entry = {slice_of_text(name), value};
	struct post_metadata_change change = {.entries = &entry, .count = 1};
	return post_metadata_set(people->anna, slice_of_text(mailbox), &change, error);
}

/* "name=value name=value". */
static struct slice
all(struct test_people *people, const char *mailbox)
{
	struct post_metadata_entry *entries;
	size_t count;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	assert_int_equal(post_metadata_read(people->anna, slice_of_text(mailbox),
				 people->arena, &entries, &count),
		BASE_OK);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "%s%.*s=%.*s", i ? " " : "",
			SLICE_ARG(entries[i].name), SLICE_ARG(entries[i].value));
	return arena_copy(people->arena, buffer_slice(&text));
}

static void
check(struct test_people *people)
{
	struct post_verdict verdict;
	assert_int_equal(post_check(people->test.post, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
}

static void
values_are_kept_by_name(void **state)
{
	struct test_people *people = *state;
	test_done(set(people, "INBOX", "/shared/b", SLICE("2"), NULL));
	test_done(set(people, "INBOX", "/shared/A", SLICE("1"), NULL));
	test_done(set(people, "INBOX", "/shared/a", SLICE("3"), NULL));
	test_done(set(people, "", "/private/c", SLICE(""), NULL));
	test_post_reopen_account(&people->test, &people->anna);
	assert_slice_is(all(people, "INBOX"), "/shared/A=3 /shared/b=2");
	assert_slice_is(all(people, ""), "/private/c=");
	test_done(set(people, "INBOX", "/SHARED/a", SLICE_NONE, NULL));
	test_done(set(people, "INBOX", "/shared/none", SLICE_NONE, NULL));
	assert_slice_is(all(people, "INBOX"), "/shared/b=2");
	check(people);
}

static void
they_share_the_fate_of_their_mailbox(void **state)
{
	struct test_people *people = *state;
	test_done(post_mailbox_create(people->anna, SLICE("a/b"), POST_USE_NONE, NULL));
	test_done(set(people, "a/b", "/shared/x", SLICE("1"), NULL));
	test_done(post_mailbox_rename(people->anna, SLICE("a"), SLICE("c"), NULL));
	assert_slice_is(all(people, "c/b"), "/shared/x=1");
	test_done(post_mailbox_delete(people->anna, SLICE("c/b"), NULL));
	test_done(post_mailbox_create(people->anna, SLICE("c/b"), POST_USE_NONE, NULL));
	assert_slice_is(all(people, "c/b"), "");
	test_done(set(people, "INBOX", "/shared/x", SLICE("2"), NULL));
	test_done(post_mailbox_rename(people->anna, SLICE("INBOX"), SLICE("d"), NULL));
	assert_slice_is(all(people, "d"), "/shared/x=2");
	assert_slice_is(all(people, "INBOX"), "/shared/x=2");
	check(people);
}

static void
too_many_are_refused_whole(void **state)
{
	struct test_people *people = *state;
	struct base_error error = {0};
	struct post_metadata_entry entries[POST_METADATA_ENTRIES_MOST + 1];
	for (size_t i = 0; i <= POST_METADATA_ENTRIES_MOST; i++)
		entries[i] = (struct post_metadata_entry){
			arena_printf(people->arena, "/shared/%zu", i), SLICE("x")};
	struct post_metadata_change change = {
		.entries = entries, .count = POST_METADATA_ENTRIES_MOST + 1};
	assert_null(post_metadata_set(people->anna, SLICE("INBOX"), &change, &error));
	assert_int_equal(error.failure, BASE_TOO_LARGE);
	assert_slice_is(all(people, "INBOX"), "");
	change.count--;
	test_done(post_metadata_set(people->anna, SLICE("INBOX"), &change, &error));
	assert_null(set(people, "INBOX", "/shared/more", SLICE("x"), &error));
	test_done(set(people, "INBOX", "/shared/7", SLICE("y"), &error));
	assert_null(set(people, "nowhere", "/shared/more", SLICE("x"), &error));
	assert_int_equal(error.failure, BASE_NOT_FOUND);
	check(people);
}

static void
one_mailbox_is_for_a_use(void **state)
{
	struct test_people *people = *state;
	struct post_mailbox_info info;
	struct post_metadata_change change = {.sets_use = true, .use = POST_USE_DRAFTS};
	test_done(post_metadata_set(people->anna, SLICE("Sent"), &change, NULL));
	assert_int_equal(
		post_mailbox_find(people->anna, SLICE("Sent"), people->arena, &info),
		BASE_OK);
	assert_int_equal(info.use, POST_USE_DRAFTS);
	assert_int_equal(
		post_mailbox_find(people->anna, SLICE("Drafts"), people->arena, &info),
		BASE_OK);
	assert_int_equal(info.use, POST_USE_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_anna_start, test_people_stop)

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
