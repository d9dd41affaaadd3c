/*
 * The index against the scan: parts of texts, chosen at random, are searched with the index
 * and must be found in the messages in which reading all texts finds them.
 *
 * TROIKA_CORPUS names a folder of messages to take instead of those made here, and
 * TROIKA_SEED the seed.
 */
#include "base/test.h"
#include "post/query-internal.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"
#include "post/test-post.h"
#include "post/test-search-mail.h"
#include "post/test-search-oracle.h"
#include <dirent.h>
#include <stdlib.h>

#define MESSAGES 200

struct fixture {
	struct test_post test;
	struct post_account *account;
	struct post_mailbox *mailbox;
	struct post_view *view;
	uint64_t random;
	struct arena *arena;
};

/* Many in one commit: the disk is not what is tried here. */
#define BATCH 250

struct batch {
	struct post_incoming *incoming[BATCH];
	size_t count;
};

static void
end_batch(struct fixture *fixture, struct batch *batch)
{
	struct post_append appends[BATCH] = {0};
	test_done(post_append_messages(
		fixture->mailbox, batch->incoming, appends, batch->count, NULL));
	for (size_t i = 0; i < batch->count; i++)
		post_incoming_destroy(batch->incoming[i]);
	batch->count = 0;
}

static void
add_message(struct fixture *fixture, struct batch *batch, struct slice text)
{
	struct post_incoming *incoming = post_incoming_create(fixture->test.post);
	assert_int_equal(post_incoming_add(incoming, text), BASE_OK);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	batch->incoming[batch->count++] = incoming;
	if (batch->count == BATCH)
		end_batch(fixture, batch);
}

static void
add_made_messages(struct fixture *fixture, size_t count)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	struct batch batch = {.count = 0};
	for (size_t i = 0; i < count; i++) {
		buffer_clear(&text);
		test_put_message(&fixture->random, &text);
		add_message(fixture, &batch, buffer_slice(&text));
	}
	end_batch(fixture, &batch);
	test_deliver(&fixture->test, fixture->account, "Subject: tea\r\n\r\nof the\r\n");
}

static void
add_files(struct fixture *fixture, const char *folder)
{
	DIR *listing = opendir(folder);
	assert_non_null(listing);
	struct dirent *entry;
	struct batch batch = {.count = 0};
	char path[4096];
	while ((entry = readdir(listing))) {
		struct base_error error;
		SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.' && !base_file_read(path, &text, &error))
			add_message(fixture, &batch, buffer_slice(&text));
	}
	end_batch(fixture, &batch);
	closedir(listing);
}

static void
look_again(struct fixture *fixture)
{
	post_view_drop(fixture->view);
	fixture->view = post_view_newest(fixture->mailbox);
}

static int
start(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	const char *seed = getenv("TROIKA_SEED"), *corpus = getenv("TROIKA_CORPUS");
	fixture->random = seed ? strtoull(seed, NULL, 10) : base_random_u64() | 1;
	print_message("TROIKA_SEED=%llu\n", (unsigned long long)fixture->random);
	fixture->arena = arena_create(ARENA_NO_CEILING);
	test_post_start(&fixture->test);
	fixture->account = test_account(&fixture->test, "anna@troika.test");
	fixture->mailbox = test_open(fixture->account, "INBOX");
	if (corpus)
		add_files(fixture, corpus);
	else
		add_made_messages(fixture, MESSAGES);
	look_again(fixture);
	*state = fixture;
	return 0;
}

static int
stop(void **state)
{
	struct fixture *fixture = *state;
	post_view_drop(fixture->view);
	post_mailbox_close(fixture->mailbox);
	post_account_close(fixture->account);
	test_post_stop(&fixture->test);
	arena_destroy(fixture->arena);
	free(fixture);
	return 0;
}

/* Chores until there is nothing left to do for the index. */
static void
settle(struct fixture *fixture)
{
	uint64_t id = post_account_id(fixture->account);
	do
		post_chores(fixture->test.post);
	while (search_keep_has_work(fixture->test.post, id) ||
		search_tidy_has_work(fixture->test.post, id));
}

static uint64_t
covered(struct fixture *fixture)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	assert_int_equal(search_state_read(space, arena, &state), BASE_OK);
	store_space_close(space);
	return state.part_count ? state.next : 0;
}

static void
check(struct fixture *fixture, size_t count)
{
	look_again(fixture);
	test_oracle_check(fixture->test.store, fixture->view, &fixture->random, count);
}

/* --- tests ------------------------------------------------------------------------------
 */

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_message("%s\n", sentence);
}

static uint64_t
problems(struct fixture *fixture)
{
	struct post_verdict verdict;
	assert_int_equal(
		post_check(fixture->test.post, print_problem, NULL, &verdict), BASE_OK);
	return verdict.problems;
}

static void
answers_are_those_of_a_scan(void **state)
{
	struct fixture *fixture = *state;
	bool all = getenv("TROIKA_CORPUS") || getenv("TROIKA_TORTURE");
	assert_int_equal(covered(fixture), 0);
	settle(fixture);
	assert_true(covered(fixture) > post_view_count(fixture->view));
	check(fixture, all ? 10000 : 500);
}

static void
look_at_state(struct fixture *fixture, struct arena *arena, struct search_state *state)
{
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	assert_int_equal(search_state_read(space, arena, state), BASE_OK);
	store_space_close(space);
}

static uint64_t
documents_of(const struct search_state *state)
{
	uint64_t documents = 0;
	for (size_t i = 0; i < state->part_count; i++)
		documents += state->parts[i].documents;
	return documents;
}

static void
segments_are_merged_while_mail_arrives(void **state)
{
	struct fixture *fixture = *state;
	struct search_state index;
	for (int i = 0; i < 12; i++) {
		add_made_messages(fixture, SEARCH_WAITING + 3);
		settle(fixture);
	}
	look_at_state(fixture, fixture->arena, &index);
	assert_in_range(index.part_count, 1, 8);
	assert_int_equal(documents_of(&index),
		post_view_count(fixture->view) + 12 * (SEARCH_WAITING + 4));
	assert_int_equal(problems(fixture), 0);
	add_made_messages(fixture, 5); /* not indexed yet */
	check(fixture, 300);
}

static void
remove_some(struct fixture *fixture)
{
	SCOPED(post_uids_release) struct post_uids *uids = post_uids_create();
	for (uint32_t uid = 1; uid < 2 * MESSAGES / 3; uid++)
		post_uids_add(uids, uid);
	test_done(post_expunge(fixture->mailbox, uids, false, NULL, NULL));
	base_clock_advance(fixture->test.clock, 1);
}

static void
what_is_purged_leaves_the_index(void **state)
{
	struct fixture *fixture = *state;
	struct search_state before, after;
	settle(fixture);
	look_at_state(fixture, fixture->arena, &before);
	remove_some(fixture);
	look_again(fixture);
	settle(fixture);
	check(fixture, 300);
	look_at_state(fixture, fixture->arena, &after);
	assert_int_equal(after.packs_from, 0);
	assert_int_equal(problems(fixture), 0);
	assert_int_equal(documents_of(&after), post_view_count(fixture->view));
	add_made_messages(fixture, SEARCH_WAITING);
	settle(fixture);
	check(fixture, 300);
}

static struct store_hash
put_dictionary(struct fixture *fixture, struct search_edit *edit, uint64_t number)
{
	struct store_blob *blob;
	struct store_hash hash;
	struct post_key key = search_key_dictionary(number);
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SIZE_MAX);
	SCOPED(buffer_free) struct buffer value = buffer_with(SIZE_MAX);
	buffer_printf(&bytes, "dictionary %llu", (unsigned long long)number);
	assert_int_equal(
		search_blob_make(fixture->test.store, buffer_slice(&bytes), &hash, &blob),
		BASE_OK);
	search_edit_refer(edit, blob, 'D', number);
	search_dictionary_pack(&hash, &value);
	search_edit_put(edit, &key, &value);
	return hash;
}

static void
put_pack(struct search_edit *edit, const struct store_hash *hash, uint64_t number,
	uint64_t dictionary)
{
	const struct search_frame frame = {.length = 4, .stored = 4};
	const struct search_text text = {.email = number, .length = 4};
	const struct search_pack pack = {*hash, dictionary, &frame, 1, &text, 1};
	struct post_key key = search_key_pack(number);
	SCOPED(buffer_free) struct buffer value = buffer_with(SIZE_MAX);
	assert_true(search_pack_pack(&pack, &value));
	search_edit_put(edit, &key, &value);
}

static bool
has_dictionary(struct fixture *fixture, struct store_space *space, uint64_t number)
{
	SCOPED(buffer_free) struct buffer bytes = buffer_with(SEARCH_DICTIONARY_MOST);
	return !search_dictionary_read(fixture->test.store, space, number, &bytes);
}

/* Used by a pack, by none, and to be used by the next ones. */
static void
unused_dictionaries_go(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	struct search_edit *edit = search_edit_create();
	struct store_hash hash = put_dictionary(fixture, edit, 3);
	(void)put_dictionary(fixture, edit, 5);
	(void)put_dictionary(fixture, edit, 7);
	put_pack(edit, &hash, 4, 3);
	assert_int_equal(search_edit_submit(edit, space), BASE_OK);
	search_edit_release(&edit);
	edit = search_edit_create();
	assert_int_equal(search_drop_dictionaries(space, edit), BASE_OK);
	assert_int_equal(search_edit_submit(edit, space), BASE_OK);
	search_edit_release(&edit);
	assert_true(has_dictionary(fixture, space, 3));
	assert_false(has_dictionary(fixture, space, 5));
	assert_true(has_dictionary(fixture, space, 7));
	store_space_close(space);
}

static uint64_t
newest_dictionary(struct store_space *space)
{
	uint64_t number;
	assert_int_equal(search_dictionary_newest(space, &number), BASE_OK);
	return number;
}

static void
add_dictionary(struct store_space *space, struct fixture *fixture, uint64_t number)
{
	struct search_edit *edit = search_edit_create();
	(void)put_dictionary(fixture, edit, number);
	assert_int_equal(search_edit_submit(edit, space), BASE_OK);
	search_edit_release(&edit);
	assert_int_equal(newest_dictionary(space), number);
}

/* A small one lasts for few messages; the next is trained with texts that were packed. */
static void
dictionaries_follow_the_mail(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	settle(fixture);
	add_dictionary(space, fixture, 1);
	for (unsigned round = 0; round < 3; round++) {
		uint64_t before = newest_dictionary(space);
		add_made_messages(fixture, SEARCH_WAITING);
		settle(fixture);
		assert_true(round || newest_dictionary(space) > before);
	}
	check(fixture, 300);
	assert_int_equal(problems(fixture), 0);
	store_space_close(space);
}

/* One search opens so many that their rows are read at once. (A pair of words would not be
 * looked for in the texts.) */
static void
many_packs_are_looked_at(void **state)
{
	struct fixture *fixture = *state;
	struct batch batch = {.count = 0};
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	add_dictionary(space, fixture, 1); /* with one, packs are small */
	store_space_close(space);
	for (unsigned i = 0; i < 90; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
		buffer_printf(&text, "Subject: of many %u\r\n\r\n", i);
		while (text.length < 70000)
			buffer_printf(&text, "of %x th %s\r\n",
				(unsigned)test_random_below(&fixture->random, 1 << 20),
				i % 8 ? "an ox" : "tea");
		add_message(fixture, &batch, buffer_slice(&text));
	}
	end_batch(fixture, &batch);
	settle(fixture);
	check(fixture, 100);
	struct post_query query = {.kind = POST_QUERY_TEXT, .text = SLICE("h an o")};
	struct post_uids *found = test_search(fixture->view, &query);
	assert_true(post_uids_count(found) >= 78);
	post_uids_destroy(found);
}

static void
put_row(struct fixture *fixture, const struct post_key *key, struct slice value)
{
	struct store_turn *turn;
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	assert_int_equal(store_begin(space, STORE_CHANGE, &turn), BASE_OK);
	store_put(turn, post_key_slice(key), value);
	test_done(store_submit(&turn));
	store_space_close(space);
}

static void
a_spoilt_index_is_made_again(void **state)
{
	struct fixture *fixture = *state;
	struct search_state index;
	struct post_key key = search_key_state(), chunk = search_key_chunk(1, 0);
	settle(fixture);
	put_row(fixture, &key, SLICE("nonsense"));
	assert_int_equal(problems(fixture), 1);
	check(fixture, 50);
	settle(fixture);
	look_at_state(fixture, fixture->arena, &index);
	assert_in_range(index.part_count, 1, 8);
	check(fixture, 50);
	put_row(fixture, &chunk, SLICE("nonsense"));
	assert_int_equal(problems(fixture), 1);
	check(fixture, 50);
	settle(fixture);
	check(fixture, 50);
	SCOPED(buffer_free) struct buffer old = buffer_with(SIZE_MAX);
	look_at_state(fixture, fixture->arena, &index);
	struct search_part other = index.parts[0];
	other.documents++; /* nobody knows how to read it */
	index.words_version++;
	index.parts = &other;
	index.part_count = 1;
	search_state_pack(&index, &old);
	put_row(fixture, &key, buffer_slice(&old));
	assert_int_equal(problems(fixture), 0);
	check(fixture, 50);
	settle(fixture);
	look_at_state(fixture, fixture->arena, &index);
	assert_int_equal(index.words_version, SEARCH_WORDS_VERSION);
	check(fixture, 50);
}

/* One message whose entry can't be read is left out; the others are found. */
static void
a_damaged_entry_keeps_no_other_back(void **state)
{
	struct fixture *fixture = *state;
	const struct post_query query = {.kind = POST_QUERY_LARGER, .number = 1};
	uint32_t count = post_view_count(fixture->view);
	struct post_key key = post_key_entry(1, 7);
	put_row(fixture, &key, SLICE("nonsense"));
	struct post_uids *found = test_search(fixture->view, &query);
	assert_int_equal(post_uids_count(found), count - 1);
	assert_false(post_uids_has(found, 7));
	post_uids_destroy(found);
}

/* A commit takes so long that a call of the chores makes one only. */
static void
time_flies(void *clock)
{
	base_clock_advance(clock, 60 * 1000);
}

/* Before each call anna has more mail than it indexes; boris' is indexed all the same. */
static void
mail_that_never_ends_keeps_nobody_back(void **state)
{
	enum { CALLS = 8 };
	struct fixture *fixture = *state, other = *fixture;
	other.account = test_account(&fixture->test, "boris@troika.test");
	other.mailbox = test_open(other.account, "INBOX");
	add_made_messages(&other, SEARCH_WAITING);
	struct store_space *space =
		store_space_open(fixture->test.store, post_account_id(fixture->account));
	struct store_watch *watch = store_watch_add(space, time_flies, fixture->test.clock);
	for (int i = 0; i < CALLS && !covered(&other); i++) {
		add_made_messages(fixture, 2 * SEARCH_WAITING);
		post_chores(fixture->test.post);
	}
	assert_true(covered(&other) > SEARCH_WAITING);
	assert_true(covered(fixture) > MESSAGES);
	store_watch_remove(watch);
	store_space_close(space);
	post_mailbox_close(other.mailbox);
	post_account_close(other.account);
}

static void
copies_are_found_where_they_are(void **state)
{
	struct fixture *fixture = *state;
	SCOPED(post_uids_release) struct post_uids *some = test_uids(20, 150);
	struct post_mailbox *other = test_open(fixture->account, "Archive");
	settle(fixture);
	struct post_copied copied;
	test_done(post_copy(
		fixture->mailbox, some, other, true, fixture->arena, &copied, NULL));
	check(fixture, 100);
	struct post_mailbox *inbox = fixture->mailbox;
	fixture->mailbox = other;
	check(fixture, 100);
	add_made_messages(fixture, SEARCH_WAITING);
	settle(fixture);
	check(fixture, 300);
	fixture->mailbox = inbox;
	look_again(fixture);
	post_mailbox_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_are_those_of_a_scan),
		TEST(segments_are_merged_while_mail_arrives),
		TEST(what_is_purged_leaves_the_index),
		TEST(unused_dictionaries_go),
		TEST(dictionaries_follow_the_mail),
		TEST(many_packs_are_looked_at),
		TEST(a_spoilt_index_is_made_again),
		TEST(a_damaged_entry_keeps_no_other_back),
		TEST(mail_that_never_ends_keeps_nobody_back),
		TEST(copies_are_found_where_they_are),
	};
	const struct CMUnitTest of_corpus[] = {TEST(answers_are_those_of_a_scan)};
	if (getenv("TROIKA_CORPUS"))
		return cmocka_run_group_tests(of_corpus, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
