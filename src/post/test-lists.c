/* Lists of documents say what they were made of, short or long, packed or a bitmap. */
#include "base/test.h"
#include "post/search-segment.h"

#define DOCUMENTS 20000

struct lists {
	struct buffer list, scratch;
	struct search_posting *postings;
	size_t count, walked;
	uint64_t random;
};

static int
start(void **state)
{
	struct lists *lists = calloc(1, sizeof *lists);
	lists->list = lists->scratch = buffer_with(SIZE_MAX);
	lists->postings = calloc(DOCUMENTS, sizeof *lists->postings);
	lists->random = 88172645463325252;
	*state = lists;
	return 0;
}

static int
stop(void **state)
{
	struct lists *lists = *state;
	buffer_free(&lists->list);
	buffer_free(&lists->scratch);
	free(lists->postings);
	free(lists);
	return 0;
}

static uint64_t
below(struct lists *lists, uint64_t limit)
{
	lists->random ^= lists->random << 13;
	lists->random ^= lists->random >> 7;
	lists->random ^= lists->random << 17;
	return lists->random % limit;
}

/* One of so many documents, of two kinds; the first ones all, as they may stand together.
 */
static void
make(struct lists *lists, uint64_t each, uint32_t together)
{
	lists->count = lists->walked = 0;
	for (uint32_t i = 0; i < DOCUMENTS; i++)
		if (i < together || !below(lists, each))
			lists->postings[lists->count++] =
				(struct search_posting){i, (uint8_t)(1 + below(lists, 3))};
	buffer_clear(&lists->list);
	search_list_put(
		DOCUMENTS, lists->postings, lists->count, &lists->scratch, &lists->list);
}

static void
of_second_kind(void *argument, uint32_t document, uint8_t kinds)
{
	struct lists *lists = argument;
	if (kinds != 2)
		return;
	while (!(lists->postings[lists->walked].kinds & 2))
		lists->walked++;
	assert_int_equal(lists->postings[lists->walked++].document, document);
}

static void
check(struct lists *lists)
{
	uint64_t bits[DOCUMENTS / 64 + 1] = {0};
	struct slice rest = buffer_slice(&lists->list), again = rest;
	assert_true(search_list_walk(DOCUMENTS, &rest, of_second_kind, lists));
	assert_int_equal(rest.length, 0);
	assert_true(search_list_unite(DOCUMENTS, &again, 2, bits));
	for (size_t i = 0; i < lists->count; i++) {
		uint32_t document = lists->postings[i].document;
		bool has = bits[document / 64] >> document % 64 & 1;
		assert_int_equal(has, lists->postings[i].kinds >> 1);
	}
}

static void
what_is_put_is_read(void **state)
{
	struct lists *lists = *state;
	for (uint64_t each = 1; each < 2 * DOCUMENTS; each += 1 + each / 3)
		for (uint32_t together = 0; together < 1000; together = together * 3 + 1) {
			make(lists, each, together);
			check(lists);
		}
}

/* Any other byte in it: read to its end or refused, never past the documents. */
static void
damage_is_no_harm(void **state)
{
	struct lists *lists = *state;
	uint64_t bits[DOCUMENTS / 64 + 1];
	make(lists, 100, 0);
	for (size_t i = 0; i < lists->list.length; i++) {
		char kept = lists->list.data[i];
		lists->list.data[i] = (char)below(lists, 256);
		struct slice rest = buffer_slice(&lists->list);
		(void)!search_list_unite(DOCUMENTS, &rest, 3, bits);
		rest = slice_first(buffer_slice(&lists->list), i);
		(void)!search_list_unite(DOCUMENTS, &rest, 3, bits);
		lists->list.data[i] = kept;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_put_is_read, start, stop),
		cmocka_unit_test_setup_teardown(damage_is_no_harm, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
