#include "post/test-search-oracle.h"
#include "base/test.h"
#include "post/query-internal.h"
#include "post/test-search-mail.h"
#include <stdlib.h>

struct oracle {
	struct store *store;
	struct post_view *view;
	uint64_t *random;
	struct arena *arena;
	struct slice *texts; /* of all messages */
	size_t text_count, text_room;
	size_t count; /* of what follows */
	struct post_query *queries;
	struct post_plan **plans;
	struct post_uids **found; /* by reading */
};

/* --- needles ----------------------------------------------------------------------------
 */

static void
keep_text(void *argument, const struct post_text_piece *piece)
{
	struct oracle *oracle = argument;
	if (oracle->text_count == oracle->text_room) {
		oracle->text_room = oracle->text_room * 2 + 64;
		oracle->texts = reallocarray(
			oracle->texts, oracle->text_room, sizeof *oracle->texts);
		assert_non_null(oracle->texts);
	}
	if (!slice_empty(piece->folded))
		oracle->texts[oracle->text_count++] =
			arena_copy(oracle->arena, piece->folded);
}

static void
read_subject(struct oracle *oracle, struct post_subject *subject, struct arena *arena,
	uint32_t uid)
{
	*subject = (struct post_subject){.view = oracle->view, .uid = uid, .arena = arena};
	assert_true(post_subject_read(subject));
}

static void
read_texts(struct oracle *oracle)
{
	enum base_failure failure;
	for (uint32_t uid = 0; (uid = post_uids_next(post_view_uids(oracle->view), uid));) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		struct post_subject subject;
		read_subject(oracle, &subject, arena, uid);
		struct post_text_origin origin = {.store = oracle->store,
			.message = &subject.message,
			.fields = subject.fields};
		struct post_text_walk *walk =
			post_text_walk_begin(&origin, keep_text, oracle);
		while (post_text_walk_step(walk, &failure))
			continue;
		assert_int_equal(failure, BASE_OK);
		post_text_walk_end(walk);
	}
}

/* The byte where the character at or behind that place begins. */
static size_t
character(struct slice text, size_t at)
{
	while (at < text.length && ((unsigned char)text.data[at] & 0xc0) == 0x80)
		at++;
	return at;
}

/* 1 to 40 characters of some text; one in eight is spoilt, so that it may be nowhere. */
static struct slice
make_needle(struct oracle *oracle)
{
	ASSERT(oracle->texts);
	struct slice text =
		oracle->texts[test_random_below(oracle->random, oracle->text_count)];
	size_t start = character(text, test_random_below(oracle->random, text.length)),
	       end = start;
	for (uint64_t i = 1 + test_random_below(oracle->random, 40);
		i > 0 && end < text.length; i--)
		end = character(text, end + 1);
	struct slice needle =
		arena_copy(oracle->arena, slice_part(text, start, end - start));
	char *bytes = (char *)(uintptr_t)needle.data;
	if (needle.length > 2 && test_random_below(oracle->random, 8) == 0) {
		size_t at = test_random_below(oracle->random, needle.length);
		if (bytes[at] > 0)
			bytes[at] = 'q';
	}
	return needle;
}

/* --- the oracle -------------------------------------------------------------------------
 */

/* Half look everywhere, half in bodies, some for words alike; no needle is hopeless. */
static void
ask(struct oracle *oracle, size_t count)
{
	oracle->count = count;
	oracle->queries = ARENA_MANY(oracle->arena, struct post_query, count);
	oracle->plans = ARENA_MANY(oracle->arena, struct post_plan *, count);
	oracle->found = ARENA_MANY(oracle->arena, struct post_uids *, count);
	for (size_t i = 0; i < count; i++) {
		size_t bodies;
		oracle->queries[i].kind = i % 2 ? POST_QUERY_TEXT : POST_QUERY_BODY;
		oracle->queries[i].alike = i % 7 == 0;
		do
			oracle->queries[i].text = make_needle(oracle);
		while (slice_empty(oracle->queries[i].text));
		oracle->plans[i] =
			post_plan_make(oracle->arena, &oracle->queries[i], &bodies);
		oracle->plans[i]->body_index = i;
		oracle->found[i] = post_uids_create();
	}
}

static void
scan_message(struct oracle *oracle, uint32_t uid)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure;
	struct post_subject subject;
	bool *found = ARENA_MANY(arena, bool, oracle->count);
	read_subject(oracle, &subject, arena, uid);
	struct post_body_search *search =
		post_body_search_begin((const struct post_plan *const *)oracle->plans,
			oracle->count, &subject, found);
	while (post_body_search_step(search, &failure))
		continue;
	assert_int_equal(failure, BASE_OK);
	post_body_search_end(search);
	for (size_t i = 0; i < oracle->count; i++)
		if (found[i])
			post_uids_add(oracle->found[i], uid);
}

struct post_uids *
test_search(struct post_view *view, const struct post_query *query)
{
	struct post_uids *found;
	struct post_search *search = post_search_begin(view, query);
	while (post_search_step(search))
		continue;
	assert_int_equal(post_search_end(search, &found), BASE_OK);
	return found;
}

/* The ends of a result, asked for alone, are the whole one's. */
static void
compare_ends(
	struct oracle *oracle, const struct post_query *query, const struct post_uids *all)
{
	struct post_uids *found;
	uint32_t least = (uint32_t)test_random_below(oracle->random, 4);
	uint32_t greatest = (uint32_t)test_random_below(oracle->random, 4),
		 count = post_uids_count(all);
	struct post_search *search = post_search_begin(oracle->view, query);
	post_search_want(search, least, greatest);
	while (post_search_step(search))
		continue;
	assert_int_equal(post_search_end(search, &found), BASE_OK);
	uint32_t some = post_uids_count(found);
	for (uint32_t i = 1; i <= least; i++)
		assert_int_equal(post_uids_at(found, i), post_uids_at(all, i));
	for (uint32_t i = 0; i < greatest && i < count; i++)
		assert_int_equal(
			post_uids_at(found, some - i), post_uids_at(all, count - i));
	post_uids_minus(found, all);
	assert_true(post_uids_empty(found));
	post_uids_destroy(found);
}

static void
compare(struct oracle *oracle)
{
	for (size_t i = 0; i < oracle->count; i++) {
		SCOPED(post_uids_release)
		struct post_uids *found = test_search(oracle->view, &oracle->queries[i]);
		compare_ends(oracle, &oracle->queries[i], oracle->found[i]);
		if (post_uids_equal(found, oracle->found[i]))
			continue;
		print_error("%s \"%.*s\": %u messages with the index, %u without\n",
			i % 2 ? "TEXT" : "BODY", SLICE_ARG(oracle->queries[i].text),
			post_uids_count(found), post_uids_count(oracle->found[i]));
		fail();
	}
}

static void
release(struct oracle *oracle)
{
	for (size_t i = 0; i < oracle->count; i++)
		post_uids_destroy(oracle->found[i]);
	free(oracle->texts);
	arena_destroy(oracle->arena);
}

void
test_oracle_check(
	struct store *store, struct post_view *view, uint64_t *random, size_t count)
{
	struct oracle oracle = {.store = store,
		.view = view,
		.random = random,
		.arena = arena_create(ARENA_NO_CEILING)};
	read_texts(&oracle);
	ask(&oracle, count);
	for (uint32_t uid = 0; (uid = post_uids_next(post_view_uids(view), uid));)
		scan_message(&oracle, uid);
	compare(&oracle);
	release(&oracle);
}
