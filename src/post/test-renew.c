/* After going back to an older store: no name that a client may keep is given again. */
#include "base/test.h"
#include "post/renew.h"
#include "post/test-post.h"
#include "post/tree.h"

enum { MANY = 40 };

static uint32_t
validity(struct post_account *account, const char *name)
{
	struct post_status status;
	assert_int_equal(
		post_mailbox_status(account, slice_of_text(name), &status), BASE_OK);
	return status.uid_validity;
}

static const char *
numbered(struct test_people *people, int number)
{
	return arena_text(people->arena, arena_printf(people->arena, "many%d", number));
}

static void
create(struct test_people *people, const char *name)
{
	test_done(post_mailbox_create(
		people->anna, slice_of_text(name), POST_USE_NONE, NULL));
}

static void
renew(struct test_people *people)
{
	struct base_error error = {0};
	int64_t before = post_renewed_ms(people->test.post);
	post_account_close(people->anna);
	if (post_renew(people->test.post, &error))
		fail_msg("%s", error.text);
	assert_true(post_renewed_ms(people->test.post) > before);
	before = post_renewed_ms(people->test.post);
	test_post_reopen(&people->test);
	assert_int_equal(post_renewed_ms(people->test.post), before);
	people->anna = test_account(&people->test, "anna@troika.test");
}

static void
every_uid_validity_is_larger(void **state)
{
	struct test_people *people = *state;
	struct post_verdict verdict;
	for (int i = 0; i < MANY; i++)
		create(people, numbered(people, i));
	test_deliver(&people->test, people->anna, "Subject: kept\r\n\r\n");
	create(people, "lost"); /* ahead of the clock, as they were made at once */
	uint32_t before = validity(people->anna, "lost");
	renew(people);
	uint32_t inbox = validity(people->anna, "INBOX");
	assert_true(inbox > before + MANY);
	for (int i = 1; i < MANY; i++)
		assert_true(validity(people->anna, numbered(people, i)) !=
			    validity(people->anna, numbered(people, i - 1)));
	create(people, "new");
	for (int i = 0; i < MANY; i++)
		assert_true(validity(people->anna, "new") >
			    validity(people->anna, numbered(people, i)));
	assert_int_equal(post_check(people->test.post, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	assert_int_equal(verdict.messages, 1);
}

/* One of the same name may have been lost, with mailboxes that were made at once. */
static void
new_accounts_begin_above(void **state)
{
	struct test_people *people = *state;
	for (int i = 0; i < MANY; i++)
		create(people, numbered(people, i));
	uint32_t lost = validity(people->anna, numbered(people, MANY - 1));
	renew(people);
	struct post_account *carol = test_account(&people->test, "carol@troika.test");
	assert_true(validity(carol, "INBOX") > lost);
	post_account_close(carol);
}

static void
each_renewal_is_above_the_last(void **state)
{
	struct test_people *people = *state;
	renew(people);
	uint32_t before = validity(people->anna, "Trash");
	renew(people);
	assert_true(validity(people->anna, "INBOX") > before);
}

struct listener {
	uint64_t calls, done, of, most;
};

static bool
listen_for(void *argument, uint64_t done, uint64_t of)
{
	struct listener *listener = argument;
	listener->calls++;
	listener->done = done;
	listener->of = of;
	return done < listener->most;
}

static void
it_tells_how_far_it_is_and_can_be_stopped(void **state)
{
	enum { ACCOUNTS = 3 };
	struct test_people *people = *state;
	struct post *post = people->test.post;
	struct base_error error = {0};
	struct listener patient = {.most = UINT64_MAX}, hasty = {.most = 2};
	post_account_close(test_account(&people->test, "carol@troika.test"));
	post_account_close(test_account(&people->test, "dora@troika.test"));
	post_account_close(people->anna);
	assert_int_equal(
		post_renew_telling(post, listen_for, &hasty, &error), BASE_CANCELLED);
	assert_int_equal(hasty.calls, 2);
	assert_int_equal(post_renewed_ms(post), 0);
	assert_int_equal(post_renew_telling(post, listen_for, &patient, &error), BASE_OK);
	assert_int_equal(patient.calls, ACCOUNTS);
	assert_int_equal(patient.done, ACCOUNTS);
	assert_int_equal(patient.of, ACCOUNTS);
	assert_true(post_renewed_ms(post) > 0);
	people->anna = test_account(&people->test, "anna@troika.test");
}

static uint32_t
renewed(uint32_t last, uint32_t floor)
{
	SCOPED(post_tree_release) struct post_tree *tree = post_tree_create();
	tree->validity_last = last;
	post_tree_renew(tree, floor);
	return tree->validity_last;
}

/* Its clock was ahead once; the copy that is restored twice says nothing of that. */
static void
who_is_ahead_gets_other_numbers_another_time(void **state)
{
	const uint32_t ahead = 2100000000, floor = 1900000000;
	(void)state;
	assert_true(renewed(ahead, floor) > ahead + POST_LOST_VALIDITIES);
	assert_true(renewed(ahead, floor + 1) > renewed(ahead, floor));
	assert_true(renewed(floor - 1, floor) == floor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_anna_start, test_people_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_uid_validity_is_larger),
		TEST(new_accounts_begin_above),
		TEST(each_renewal_is_above_the_last),
		TEST(it_tells_how_far_it_is_and_can_be_stopped),
		cmocka_unit_test(who_is_ahead_gets_other_numbers_another_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
