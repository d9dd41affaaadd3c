#include "base/test.h"
#include "post/modseqs.h"

#define UIDS 5000

/* An editor as it is used: shared, edited, the former still what it was. */
static void
edits_a_copy(void **state)
{
	struct post_modseqs_editor *editor = malloc(sizeof *editor);
	static uint64_t plain[UIDS + 1];
	uint64_t random = 17;
	(void)state;
	SCOPED(post_modseqs_free) struct post_modseqs modseqs = {0};
	for (uint64_t round = 1; round < 60; round++) {
		SCOPED(post_modseqs_free)
		struct post_modseqs before = post_modseqs_share(&modseqs);
		uint64_t sample = post_modseqs_of(&before, 77);
		post_modseqs_edit(editor, modseqs);
		for (int i = 0; i < 300; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			uint32_t uid = 1 + (uint32_t)(random >> 33) % UIDS;
			uid = round % 2 ? uid
					: (uint32_t)(round * 60) % UIDS + (uint32_t)i % 60 +
						  1;
			uid = uid > UIDS ? UIDS : uid;
			plain[uid] = round;
			post_modseqs_set(editor, uid, round);
		}
		modseqs = post_modseqs_edited(editor, NULL);
		for (uint32_t uid = 1; uid <= UIDS; uid++)
			assert_int_equal(post_modseqs_of(&modseqs, uid), plain[uid]);
		assert_int_equal(post_modseqs_of(&before, 77), sample);
	}
	free(editor);
}

static void
rising_runs_pack_small(void **state)
{
	struct post_modseqs_editor *editor = malloc(sizeof *editor);
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(SIZE_MAX);
	SCOPED(post_modseqs_free) struct post_modseqs modseqs = {0};
	SCOPED(post_modseqs_free) struct post_modseqs again = {0};
	post_modseqs_edit(editor, modseqs);
	for (uint32_t uid = 1; uid <= 100000; uid++)
		post_modseqs_set(editor, uid, uid + 7);
	modseqs = post_modseqs_edited(editor, NULL);
	assert_true(post_modseqs_pack(&modseqs, &packed));
	assert_true(packed.length < 2000);
	struct slice rest = buffer_slice(&packed);
	assert_true(post_modseqs_take(&rest, &again));
	assert_true(slice_empty(rest));
	for (uint32_t uid = 1; uid <= 100000; uid += 13)
		assert_int_equal(post_modseqs_of(&again, uid), uid + 7);
	free(editor);
}

static void
says_what_is_newer(void **state)
{
	struct post_modseqs_editor *editor = malloc(sizeof *editor);
	(void)state;
	SCOPED(post_uids_release) struct post_uids *live = post_uids_create();
	SCOPED(post_uids_release) struct post_uids *found = post_uids_create();
	SCOPED(post_modseqs_free) struct post_modseqs modseqs = {0};
	post_modseqs_edit(editor, modseqs);
	for (uint32_t uid = 1; uid <= 4000; uid++)
		post_modseqs_set(editor, uid, uid % 100);
	post_uids_add_range(live, 1, 3000);
	modseqs = post_modseqs_edited(editor, live);
	post_modseqs_since(&modseqs, 97, live, found);
	assert_int_equal(post_uids_count(found), 60);
	assert_int_equal(post_uids_least(found), 98);
	assert_int_equal(post_modseqs_of(&modseqs, 3999), 0); /* its chunk is gone */
	free(editor);
}

/* Sets and single ones, with holes, against what plain numbers say. */
static void
sets_are_as_single_ones(void **state)
{
	struct post_modseqs_editor *editor = malloc(sizeof *editor);
	static uint64_t plain[UIDS + 1];
	uint64_t random = 5;
	(void)state;
	SCOPED(post_modseqs_free) struct post_modseqs modseqs = {0};
	SCOPED(post_uids_release) struct post_uids *live = post_uids_create();
	post_uids_add_range(live, 3, UIDS - 2);
	for (uint64_t round = 1; round < 40; round++) {
		SCOPED(post_uids_release) struct post_uids *some = post_uids_create();
		SCOPED(post_uids_release) struct post_uids *found = post_uids_create();
		random = random * 6364136223846793005u + 1442695040888963407u;
		uint32_t first = 1 + (uint32_t)(random >> 33) % UIDS;
		uint32_t last = first + (uint32_t)(random >> 20) % 3000;
		post_uids_add_range(some, first, last < UIDS ? last : UIDS);
		post_uids_remove(some, first + 7);
		post_modseqs_edit(editor, modseqs);
		post_modseqs_set_all(editor, some, 2 * round);
		for (uint32_t uid = 0; (uid = post_uids_next(some, uid));)
			plain[uid] = 2 * round;
		for (uint32_t uid = first / 2 + 1; uid < first / 2 + 30; uid++)
			post_modseqs_set(editor, uid, plain[uid] = 2 * round + uid);
		modseqs = post_modseqs_edited(editor, NULL);
		uint64_t since = plain[1 + (random >> 40) % UIDS], highest = 0;
		post_modseqs_since(&modseqs, since, live, found);
		for (uint32_t uid = 1; uid <= UIDS; uid++) {
			bool lives = post_uids_has(live, uid);
			assert_int_equal(post_modseqs_of(&modseqs, uid), plain[uid]);
			assert_int_equal(
				post_uids_has(found, uid), lives && plain[uid] > since);
			if (post_uids_has(some, uid) && plain[uid] > highest)
				highest = plain[uid];
		}
		assert_int_equal(post_modseqs_highest(&modseqs, some), highest);
	}
	free(editor);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_a_copy),
		cmocka_unit_test(rising_runs_pack_small),
		cmocka_unit_test(says_what_is_newer),
		cmocka_unit_test(sets_are_as_single_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
