/* What is in a signature is found; of what is not, half; and it is hardly larger than that
 * takes. */
#include "base/test.h"
#include "post/search-joints.h"

static uint32_t
next_joint(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (uint32_t)(*random >> 32) | 1;
}

static void
try_set(size_t count, uint64_t seed)
{
	enum { STRANGERS = 4000 };
	SCOPED(buffer_free) struct buffer signature = buffer_with(SIZE_MAX);
	struct search_joint_set set = {0};
	uint64_t random = seed;
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		search_joint_set_add(&set, next_joint(&random));
	search_signature_put(&set, &signature);
	for (size_t i = 0; i < STRANGERS; i++)
		found +=
			search_signature_has(buffer_slice(&signature), next_joint(&random));
	random = seed;
	for (size_t i = 0; i < count; i++)
		assert_true(search_signature_has(
			buffer_slice(&signature), next_joint(&random)));
	assert_in_range(found, STRANGERS * 2 / 5, STRANGERS * 3 / 5);
	assert_in_range(signature.length * 8, set.count, set.count + set.count / 4 + 64);
	search_joint_set_free(&set);
}

static void
what_is_in_it_is_found(void **state)
{
	(void)state;
	for (size_t count = 1; count < 200; count++)
		try_set(count, count * 0x9e3779b97f4a7c15u);
	for (size_t count = 1000; count < 4000; count += 100)
		try_set(count, count * 0x9e3779b97f4a7c15u);
	try_set(200 * 1000, 88172645463325252);
}

static void
sign(const struct search_joint_set *set, size_t most)
{
	SCOPED(buffer_free) struct buffer signature = buffer_with(SIZE_MAX);
	search_signature_put(set, &signature);
	assert_in_range(signature.length, 1, most);
	for (size_t i = 0; i < set->size; i++)
		if (set->table[i])
			assert_true(search_signature_has(
				buffer_slice(&signature), set->table[i]));
}

/* Texts can be made whose joints are all near each other; no length parts these. */
static void
joints_that_were_chosen_take_no_more_room(void **state)
{
	(void)state;
	for (uint32_t apart = 1 << 16; apart; apart >>= 4) {
		struct search_joint_set set = {0};
		for (uint32_t i = 1; i <= 1000; i++)
			search_joint_set_add(&set, i * apart);
		sign(&set, 250);
		search_joint_set_free(&set);
	}
}

static void
a_text_of_too_many_joints_has_them_all(void **state)
{
	struct search_joint_set set = {0};
	(void)state;
	for (uint32_t i = 1; i < 3 * SEARCH_SIGNED_MOST; i++)
		search_joint_set_add(&set, i * 2654435761u);
	assert_in_range(set.size, 0, 4 * SEARCH_SIGNED_MOST);
	sign(&set, 1);
	search_joint_set_free(&set);
}

/* Damaged ones are short, or any bytes. */
static void
nothing_is_in_an_empty_one(void **state)
{
	SCOPED(buffer_free) struct buffer signature = buffer_with(SIZE_MAX);
	const struct search_joint_set none = {0};
	(void)state;
	search_signature_put(&none, &signature);
	assert_int_equal(signature.length, 0);
	assert_false(search_signature_has(buffer_slice(&signature), 1));
	for (size_t length = 0; length < 20; length++)
		for (uint32_t joint = 1; joint < 100; joint++)
			(void)search_signature_has(
				slice_of("any bytes that there may be", length),
				joint * 2654435761u);
}

struct wanted {
	struct search_needle_joints list;
	size_t met;
};

static void
meet(void *argument, uint32_t joint)
{
	struct wanted *wanted = argument;
	for (size_t i = 0; i < wanted->list.count; i++)
		if (wanted->list.list[i] == joint) {
			wanted->list.list[i] = 0;
			wanted->met++;
		}
}

static bool
has_joints(const char *text, struct slice needle)
{
	struct wanted wanted = {.met = 0};
	search_joints_of(needle, &wanted.list);
	search_joints_walk(slice_of_text(text), meet, &wanted);
	for (size_t i = 0; i < wanted.list.count; i++)
		if (wanted.list.list[i])
			return false;
	return true;
}

static void
a_text_has_the_joints_of_its_parts(void **state)
{
	static const char text[] = "a cup, of the tea: \xd1\x87\xd0\xb0\xd0\xb9 "
				   "(\xe6\x97\xa5\xe6\x9c\xac) 3.14 at http://x.y  z";
	(void)state;
	for (size_t from = 0; from < sizeof text - 1; from++)
		for (size_t until = from; until < sizeof text; until++)
			if (((unsigned char)text[from] & 0xc0) != 0x80 &&
				((unsigned char)text[until] & 0xc0) != 0x80)
				assert_true(has_joints(
					text, slice_of(text + from, until - from)));
	assert_false(has_joints(text, SLICE("tea of")));
	assert_false(has_joints(text, SLICE("p of")));
	assert_false(has_joints(text, SLICE("cup,of")));
}

/* All pairs of a phrase are there, but apart. */
static void
short_words_are_joined_with_both_neighbours(void **state)
{
	static const char text[] =
		"part of the cost of a cup; it is not so, as not the tea";
	(void)state;
	assert_true(has_joints(text, SLICE("rt of the c")));
	assert_true(has_joints(text, SLICE("cost of a")));
	assert_false(has_joints(text, SLICE("part of a")));
	assert_false(has_joints(text, SLICE("it is not the tea")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_it_is_found),
		cmocka_unit_test(joints_that_were_chosen_take_no_more_room),
		cmocka_unit_test(a_text_of_too_many_joints_has_them_all),
		cmocka_unit_test(nothing_is_in_an_empty_one),
		cmocka_unit_test(a_text_has_the_joints_of_its_parts),
		cmocka_unit_test(short_words_are_joined_with_both_neighbours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
