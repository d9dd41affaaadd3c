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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_a_copy),
		cmocka_unit_test(rising_runs_pack_small),
		cmocka_unit_test(says_what_is_newer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
