/* What a client is told of flags that its own command set and somebody else took away. */
#include "imapd/sync.h"
#include "imapd/test-inbox.h"
#include "post/change.h"

static int
start(void **state)
{
	struct inbox *inbox = calloc(1, sizeof *inbox);
	inbox_open(inbox);
	for (int i = 0; i < 3; i++)
		house_deliver(&inbox->house, "anna@troika.test",
			SLICE("Subject: Tea\r\n\r\nAt five?\r\n"));
	*state = inbox;
	return 0;
}

static int
stop(void **state)
{
	inbox_close(*state);
	free(*state);
	return 0;
}

static struct post_uids *
only(uint32_t uid)
{
	struct post_uids *uids = post_uids_create();
	post_uids_add(uids, uid);
	return uids;
}

static void
store(struct inbox *inbox, uint32_t uid, enum post_flag_action action,
	const struct slice *names, size_t count)
{
	struct post_flag_change change = {.action = action, .names = names, .count = count};
	SCOPED(post_uids_release) struct post_uids *uids = only(uid);
	house_done(post_flags_change(inbox->mailbox, uids, &change, NULL));
	post_uids_destroy(change.conflicts);
}

/* The table has room for one keyword that is not in use. */
static void
fill_table(struct inbox *inbox)
{
	struct slice names[POST_KEYWORDS_MOST];
	for (int i = 0; i < POST_KEYWORDS_MOST; i++)
		names[i] = arena_printf(inbox->arena, "key%d", i);
	store(inbox, 1, POST_FLAGS_ADD, names, POST_KEYWORDS_MOST);
	store(inbox, 1, POST_FLAGS_REMOVE, names, 1);
}

/* Whether message 2 is due, once the client's own command has asked for that. */
static bool
is_due(struct post_view *known, const struct post_view *next, enum post_flag_action action,
	const struct slice *names)
{
	struct imapd_selected selected = {.view = post_view_hold(known)};
	struct imapd_session session = {.selected = &selected};
	struct post_difference difference;
	SCOPED(post_uids_release) struct post_uids *uids = only(2);
	const struct imapd_own_change own = {
		.uids = uids, .action = action, .names = names, .count = 1};
	post_view_compare(known, next, &difference);
	SCOPED(post_uids_release)
	struct post_uids *due = imapd_flags_due(&session, next, &own, &difference);
	post_difference_clear(&difference);
	post_view_drop(selected.view);
	return post_uids_has(due, 2);
}

/* The client believes in a keyword that nobody has, and whose number is another's. */
static void
a_keyword_that_is_gone_from_the_table_is_told(void **state)
{
	static const struct slice red = SLICE_INIT("red"), blue = SLICE_INIT("blue");
	struct inbox *inbox = *state;
	fill_table(inbox);
	SCOPED(post_view_release)
	struct post_view *known = post_view_newest(inbox->mailbox);
	store(inbox, 2, POST_FLAGS_ADD, &red, 1);
	SCOPED(post_view_release) struct post_view *had = post_view_newest(inbox->mailbox);
	assert_false(is_due(known, had, POST_FLAGS_ADD, &red));
	assert_false(is_due(known, had, POST_FLAGS_REPLACE, &red));
	store(inbox, 2, POST_FLAGS_REMOVE, &red, 1);
	store(inbox, 3, POST_FLAGS_ADD, &blue, 1);
	SCOPED(post_view_release) struct post_view *next = post_view_newest(inbox->mailbox);
	assert_int_equal(post_view_flag_number(next, red), -1);
	assert_true(is_due(known, next, POST_FLAGS_ADD, &red));
	assert_true(is_due(known, next, POST_FLAGS_REPLACE, &red));
	assert_false(is_due(known, next, POST_FLAGS_REMOVE, &red));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_keyword_that_is_gone_from_the_table_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
