/* Keywords whose number was another's: views before and after, rows, images, what is lost.
 */
#include "base/test.h"
#include "post/change.h"
#include "post/image.h"
#include "post/post-internal.h"
#include "post/test-post.h"
#include "post/turn.h"
#include "post/uids-internal.h"

#define DAY 86400000

static int
start(void **state)
{
	*state = test_inbox_create(DAY, 4);
	return 0;
}

/* Gives the message "key0" to "key247", so that the table is full; but for those below. */
static void
fill_but(struct test_inbox *fixture, uint32_t uid, unsigned free)
{
	struct slice names[POST_KEYWORDS_MOST];
	char texts[POST_KEYWORDS_MOST][8];
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(uid, uid);
	for (int i = 0; i < POST_KEYWORDS_MOST; i++) {
		snprintf(texts[i], sizeof texts[i], "key%d", i);
		names[i] = slice_of_text(texts[i]);
	}
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = names, .count = POST_KEYWORDS_MOST};
	test_done(post_flags_change(fixture->inbox, uids, &change, NULL));
	post_uids_destroy(change.conflicts);
	change.action = POST_FLAGS_REMOVE;
	change.count = free;
	test_done(post_flags_change(fixture->inbox, uids, &change, NULL));
	post_uids_destroy(change.conflicts);
}

static bool
has(const struct post_view *view, uint32_t uid, const char *name)
{
	int number = post_view_flag_number(view, slice_of_text(name));
	struct post_flags flags = post_view_flags(view, uid);
	return number >= 0 && post_flags_has(&flags, (unsigned)number);
}

static void
assert_only(const struct post_uids *uids, uint32_t first, uint32_t last)
{
	SCOPED(post_uids_release) struct post_uids *wanted = test_uids(first, last);
	assert_true(post_uids_equal(uids, wanted));
}

static enum base_failure
refusal_of(struct test_inbox *fixture, const char *name)
{
	struct slice named = slice_of_text(name);
	struct base_error error = {0};
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(2, 2);
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = &named, .count = 1};
	assert_null(post_flags_change(fixture->inbox, uids, &change, &error));
	return error.failure;
}

/* Before and after, all messages are as they were. */
static void
assert_reused(const struct post_view *view)
{
	assert_int_equal(post_view_keywords(view), POST_KEYWORDS_MOST);
	assert_true(has(view, 2, "red") && has(view, 3, "blue"));
	assert_false(has(view, 3, "red") || has(view, 1, "red") || has(view, 2, "blue"));
	assert_true(has(view, 1, "key2") && has(view, 1, "key247"));
	assert_int_equal(post_view_flag_number(view, SLICE("key0")), -1);
	assert_int_equal(post_view_flag_number(view, SLICE("RED")), POST_KEYWORD_FIRST);
	assert_false(post_view_takes_keyword(view));
}

static void
a_number_that_nobody_carries_is_given_again(void **state)
{
	struct test_inbox *fixture = *state;
	fill_but(fixture, 1, 2);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_int_equal(post_view_flag_number(view, SLICE("key0")), POST_KEYWORD_FIRST);
	assert_true(post_view_takes_keyword(view));
	test_flag(fixture->inbox, 2, 2, "red", POST_FLAGS_ADD);
	test_flag(fixture->inbox, 3, 3, "blue", POST_FLAGS_ADD);
	assert_int_equal(refusal_of(fixture, "green"), BASE_TOO_LARGE);
	for (int i = 0; i < 3; i++) { /* memory, the feed, an image */
		post_view_release(&view);
		view = post_view_newest(fixture->inbox);
		assert_reused(view);
		post_view_release(&view);
		if (i == 1)
			assert_int_equal(post_image_write(fixture->inbox), BASE_OK);
		test_inbox_reopen(fixture);
	}
}

/* What is named in a change keeps its number, and is not taken for another of its names. */
static void
what_a_change_names_is_not_taken(void **state)
{
	struct test_inbox *fixture = *state;
	struct slice names[] = {SLICE("red"), SLICE("KEY0"), SLICE("green")};
	struct post_flag_change change = {
		.action = POST_FLAGS_REPLACE, .names = names, .count = 2};
	SCOPED(post_uids_release) struct post_uids *two = test_uids(2, 2);
	fill_but(fixture, 1, 2);
	test_done(post_flags_change(fixture->inbox, two, &change, NULL));
	post_uids_destroy(change.conflicts);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_true(has(view, 2, "red") && has(view, 2, "key0"));
	assert_slice_is(post_flag_name(view, POST_KEYWORD_FIRST), "key0");
	assert_slice_is(post_flag_name(view, POST_KEYWORD_FIRST + 1), "red");
	/* They are lost in this very change, but have their numbers until then. */
	change.names = names + 2;
	change.count = 1;
	assert_null(post_flags_change(fixture->inbox, two, &change, NULL));
}

/* By the names, as one number has two meanings. */
static void
views_with_other_tables_are_compared(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_difference difference;
	SCOPED(post_uids_release) struct post_uids *four = test_uids(4, 4);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	fill_but(fixture, 1, 1);
	test_flag(fixture->inbox, 2, 4, "key0", POST_FLAGS_ADD);
	SCOPED(post_view_release)
	struct post_view *known = post_view_newest(fixture->inbox);
	test_done(post_expunge(fixture->inbox, four, false, &expunged, NULL));
	test_flag(fixture->inbox, 2, 3, "key0", POST_FLAGS_REMOVE);
	test_flag(fixture->inbox, 3, 3, "red", POST_FLAGS_ADD);
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(fixture->inbox);
	assert_int_equal(post_view_flag_number(newest, SLICE("red")), POST_KEYWORD_FIRST);
	assert_true(has(known, 3, "key0") && !has(known, 3, "red"));
	post_view_compare(known, newest, &difference);
	assert_only(difference.flagged, 2, 3);
	assert_true(difference.keywords);
	post_difference_clear(&difference);
	SCOPED(post_view_release) struct post_view *joined = post_view_join(known, newest);
	assert_only(post_view_uids(joined), 1, 4);
	assert_only(post_view_flagged(joined, POST_KEYWORD_FIRST), 3, 3);
	test_flag(fixture->inbox, 3, 3, "red", POST_FLAGS_REMOVE);
	test_flag(fixture->inbox, 2, 3, "key0", POST_FLAGS_ADD);
	SCOPED(post_view_release)
	struct post_view *again = post_view_newest(fixture->inbox);
	post_view_compare(known, again, &difference);
	assert_true(post_uids_empty(difference.flagged));
	post_difference_clear(&difference);
}

static void
expunge(struct test_inbox *fixture, uint32_t first, uint32_t last)
{
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(first, last);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	test_done(post_expunge(fixture->inbox, uids, false, &expunged, NULL));
}

static void
undelete(struct test_inbox *fixture, uint32_t wanted)
{
	uint32_t restored;
	test_done(post_undelete(fixture->inbox, 0, &restored, NULL));
	assert_int_equal(restored, wanted);
}

static void
what_comes_back_has_its_keywords_by_name(void **state)
{
	struct test_inbox *fixture = *state;
	fill_but(fixture, 1, 2);
	test_flag(fixture->inbox, 3, 3, "key0", POST_FLAGS_ADD);
	expunge(fixture, 3, 3);
	test_flag(fixture->inbox, 2, 2, "red", POST_FLAGS_ADD);
	undelete(fixture, 1);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_true(has(view, 5, "key0") && !has(view, 5, "red") && has(view, 2, "red"));
	/* And where there is no room, none that is not theirs. */
	expunge(fixture, 5, 5);
	test_flag(fixture->inbox, 2, 2, "blue", POST_FLAGS_ADD);
	undelete(fixture, 1);
	post_view_release(&view);
	view = post_view_newest(fixture->inbox);
	struct post_flags flags = post_view_flags(view, 6);
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++)
		assert_false(post_flags_has(&flags, i));
}

/* The only place is that of key0, which one of them has: nobody takes it away. */
static void
what_comes_back_together_keeps_what_is_there(void **state)
{
	struct test_inbox *fixture = *state;
	fill_but(fixture, 1, 1);
	test_flag(fixture->inbox, 2, 2, "red", POST_FLAGS_ADD);
	expunge(fixture, 2, 2);
	test_flag(fixture->inbox, 3, 3, "key0", POST_FLAGS_ADD);
	expunge(fixture, 3, 3);
	undelete(fixture, 2);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_true(has(view, 6, "key0") && !has(view, 5, "red"));
}

static void
what_a_copy_brings_keeps_what_is_there(void **state)
{
	struct test_inbox *fixture = *state;
	struct post_copied copied;
	SCOPED(post_uids_release) struct post_uids *one = test_uids(1, 1);
	SCOPED(post_uids_release) struct post_uids *two = test_uids(2, 3);
	test_done(
		post_mailbox_create(fixture->account, SLICE("Other"), POST_USE_NONE, NULL));
	struct post_mailbox *other = test_open(fixture->account, "Other");
	test_done(post_copy(
		fixture->inbox, two, other, false, fixture->arena, &copied, NULL));
	test_flag(other, 1, 1, "red", POST_FLAGS_ADD);
	test_flag(other, 1, 1, "key0", POST_FLAGS_ADD);
	fill_but(fixture, 1, 1);
	test_done(post_copy(
		other, one, fixture->inbox, false, fixture->arena, &copied, NULL));
	post_mailbox_close(other);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_true(has(view, 5, "key0") && !has(view, 5, "red"));
	assert_int_equal(post_view_flag_number(view, SLICE("key0")), POST_KEYWORD_FIRST);
}

struct row {
	struct arena *arena;
	struct slice key, value;
};

/* The last one is the newest. */
static bool
take_row(void *argument, struct slice key, struct slice value)
{
	struct row *row = argument;
	row->key = arena_copy(row->arena, key);
	row->value = arena_copy(row->arena, value);
	return true;
}

static struct row
last_row(struct test_inbox *fixture, struct arena *arena)
{
	struct row row = {.arena = arena};
	struct post_key from = post_key_of_row(POST_KEY_OF_EXPUNGED);
	struct post_key until = post_key_after_row(POST_KEY_OF_EXPUNGED);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	assert_int_equal(
		store_scan(fixture->account->space, &range, take_row, &row, NULL), BASE_OK);
	return row;
}

/* Of what came back only its UIDs are remembered, until the purge. */
static void
flags_that_came_back_are_written_no_more(void **state)
{
	struct test_inbox *fixture = *state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	test_flag(fixture->inbox, 3, 3, "red", POST_FLAGS_ADD);
	test_flag(fixture->inbox, 3, 3, "\\Seen", POST_FLAGS_ADD);
	expunge(fixture, 3, 3);
	undelete(fixture, 1);
	struct row row = last_row(fixture, arena);
	assert_int_equal(post_expunged_unpack(row.value, &expunged), BASE_OK);
	assert_true(expunged.moved && post_uids_has(expunged.uids, 3));
	assert_int_equal(expunged.group_count + expunged.keyword_count, 0);
}

/* As a server wrote it that had numbers only. */
static void
write_as_format_1(struct test_inbox *fixture, uint32_t uid, unsigned number)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct row row = last_row(fixture, arena);
	struct post_expunged expunged;
	struct post_flags set = {{0}};
	SCOPED(buffer_free) struct buffer value = buffer_with(1000);
	SCOPED(post_turn_release) struct post_turn turn;
	assert_int_equal(post_expunged_unpack(row.value, &expunged), BASE_OK);
	assert_int_equal(expunged.keyword_count, 1);
	post_uids_destroy(expunged.keywords[0].uids);
	expunged.keyword_count = 0;
	post_flags_set(&set, number);
	post_expunged_add_group(&expunged, test_uids(uid, uid), &set);
	assert_true(post_expunged_pack(&expunged, &value));
	assert_int_equal(buffer_slice(&value).data[0], POST_RECORD_FORMAT);
	assert_int_equal(
		post_turn_begin(&turn, fixture->account, STORE_CHANGE, NULL), BASE_OK);
	store_put(turn.turn, row.key, buffer_slice(&value));
	test_done(post_turn_submit(&turn));
	post_expunged_clear(&expunged);
}

static void
numbers_of_former_rows_mean_what_they_meant(void **state)
{
	struct test_inbox *fixture = *state;
	fill_but(fixture, 1, 2);
	test_flag(fixture->inbox, 3, 3, "key0", POST_FLAGS_ADD);
	expunge(fixture, 3, 3);
	write_as_format_1(fixture, 3, POST_KEYWORD_FIRST);
	undelete(fixture, 1);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(fixture->inbox);
	assert_true(has(view, 5, "key0"));
	expunge(fixture, 5, 5);
	write_as_format_1(fixture, 5, POST_KEYWORD_FIRST);
	test_flag(fixture->inbox, 2, 2, "red", POST_FLAGS_ADD);
	assert_int_equal(post_image_write(fixture->inbox), BASE_OK);
	post_view_release(&view);
	test_inbox_reopen(fixture);
	undelete(fixture, 1);
	view = post_view_newest(fixture->inbox);
	assert_int_equal(post_view_flag_number(view, SLICE("red")), POST_KEYWORD_FIRST);
	assert_false(has(view, 6, "red") || has(view, 6, "key0"));
}

/* Six messages, which all are \Seen and $Junk. */
static void
an_image_of_format_1_is_read(void **state)
{
	static const char image[] = "\x01\x09\x0c\x01\x05$Junk\x01\x00\x02\x01\x04\x03\x00"
				    "\x00\x01\x00\x02\x01\x04\x03\x00"
				    "\x08\x01\x00\x02\x01\x04\x03\x00"
				    "\x80\x01\x01\x00\x02\x00\x00\x03\x04";
	struct slice bytes = slice_of(image, sizeof image - 1);
	SCOPED(buffer_free) struct buffer summed = buffer_with(1000);
	SCOPED(buffer_free) struct buffer again = buffer_with(1000);
	SCOPED(post_view_let_scoped) struct post_view *view = NULL;
	(void)state;
	buffer_put(&summed, bytes);
	buffer_put_be32(&summed, base_crc32c(0, bytes));
	for (int i = 0; i < 2; i++) { /* and written as one of today */
		post_view_let(view);
		struct slice packed = buffer_slice(i ? &again : &summed);
		assert_int_equal(post_view_unpack(packed, &view), BASE_OK);
		assert_int_equal(post_view_count(view), 6);
		assert_int_equal(post_view_keywords(view), 1);
		uint32_t uid = post_view_uid(view, 6);
		assert_true(has(view, uid, "$Junk") && has(view, uid, "\\Seen"));
		buffer_clear(&again);
		assert_true(post_view_pack(view, &again));
	}
}

/* A row that brings a keyword and sets it. */
static void
a_change_of_format_1_is_read(void **state)
{
	static const char row[] = "\x01\x80\xa0\xab\xfe\xf9\x62\x00\x00\x01\x05$Junk"
				  "\x01\x80\x02\x00\x01\x00\x01\x00\x02\x01\x04\x03\x00";
	struct slice bytes = slice_of(row, sizeof row - 1);
	struct post_change *change;
	SCOPED(buffer_free) struct buffer again = buffer_with(1000);
	SCOPED(post_view_let_scoped) struct post_view *blank = post_view_blank();
	(void)state;
	assert_int_equal(post_change_unpack(bytes, 1, 2, &change), BASE_OK);
	struct post_view_builder *builder = post_view_build(blank);
	post_view_apply(builder, change);
	SCOPED(post_view_let_scoped) struct post_view *view = post_view_built(builder);
	assert_slice_is(post_view_keyword(view, 0), "$Junk");
	assert_true(has(view, 4, "$junk"));
	assert_true(post_change_pack(change, &again));
	assert_true(slice_equal(buffer_slice(&again), bytes));
	post_change_drop(change);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, test_inbox_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_number_that_nobody_carries_is_given_again),
		TEST(what_a_change_names_is_not_taken),
		TEST(views_with_other_tables_are_compared),
		TEST(what_comes_back_has_its_keywords_by_name),
		TEST(what_comes_back_together_keeps_what_is_there),
		TEST(what_a_copy_brings_keeps_what_is_there),
		TEST(flags_that_came_back_are_written_no_more),
		TEST(numbers_of_former_rows_mean_what_they_meant),
		cmocka_unit_test(an_image_of_format_1_is_read),
		cmocka_unit_test(a_change_of_format_1_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
