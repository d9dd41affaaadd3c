/* The memory that messages on their way in share: past it they wait in files. */
#include "base/test.h"
#include "post/incoming-internal.h"
#include "post/test-post.h"

#define MOST  ((size_t)1024 * 1024)
#define COUNT 16
#define PART  (200 * 1024)

static void
start(struct test_post *test)
{
	*test = (struct test_post){.receiving_memory = MOST};
	test_post_start(test);
}

static struct post_incoming *
half_sent(struct test_post *test, char fill)
{
	static char body[PART];
	struct post_incoming *incoming = test_incoming(test, "Subject: half\r\n\r\n");
	memset(body, fill, sizeof body);
	assert_int_equal(post_incoming_add(incoming, slice_of(body, sizeof body)), BASE_OK);
	return incoming;
}

static size_t
held(const struct post_incoming *const *incoming)
{
	size_t sum = 0;
	for (size_t i = 0; i < COUNT; i++)
		sum += incoming[i]->bytes.capacity;
	return sum;
}

static void
all_together_stay_below_the_limit(void **state)
{
	struct test_post test;
	struct post_incoming *incoming[COUNT];
	(void)state;
	start(&test);
	for (size_t i = 0; i < COUNT; i++)
		incoming[i] = half_sent(&test, (char)('a' + i));
	assert_in_range(held((const struct post_incoming *const *)incoming), PART, MOST);
	assert_null(incoming[0]->spill);
	assert_non_null(incoming[COUNT - 1]->spill);
	for (size_t i = 0; i < COUNT; i++)
		post_incoming_destroy(incoming[i]);
	assert_int_equal(atomic_load(&test.post->receiving.bytes), 0);
	assert_int_equal(atomic_load(&test.post->receiving.structure), 0);
	struct post_incoming *after = half_sent(&test, 'z');
	assert_null(after->spill);
	post_incoming_destroy(after);
	test_post_stop(&test);
}

/* What spilled although it is small needs no file, and no sync, of its own. */
static void
a_small_one_comes_back_for_its_commit(void **state)
{
	struct test_post test;
	struct post_receiving_share share = {0};
	(void)state;
	start(&test);
	struct post_account *account = test_account(&test, "anna@troika.test");
	assert_true(post_receiving_hold_bytes(
		&test.post->receiving, &share, test.post->receiving.bytes_most));
	struct post_incoming *incoming = half_sent(&test, 'a');
	assert_non_null(incoming->spill);
	assert_false(post_incoming_is_large(incoming));
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE(""));
	assert_int_equal(
		post_delivery_local(delivery,
			&(struct post_delivery_target){.account = post_account_id(account),
				.delivered_to = SLICE("anna@troika.test")}),
		BASE_OK);
	test_done(post_delivery_submit(&delivery, NULL));
	post_incoming_destroy(incoming);
	post_receiving_end(&test.post->receiving, &share);
	struct post_verdict verdict;
	assert_int_equal(post_check(test.post, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
	assert_int_equal(verdict.messages, 1);
	post_account_close(account);
	test_post_stop(&test);
}

static enum base_failure
add_header_lines(struct post_incoming *incoming, size_t lines)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < lines && !failure; i++)
		failure = post_incoming_add(incoming, SLICE("X-Line: and more\r\n"));
	return failure;
}

/* Headers can't wait in a file: who brings a large one is asked to come again. */
static void
large_headers_are_refused_for_a_while(void **state)
{
	struct test_post test;
	struct post_receiving_share share = {0};
	(void)state;
	start(&test);
	assert_true(post_receiving_hold_structure(&test.post->receiving, &share,
		POST_RECEIVING_OWN + test.post->receiving.structure_most));
	struct post_incoming *usual = test_incoming(&test, "");
	struct post_incoming *large = test_incoming(&test, "");
	assert_int_equal(add_header_lines(usual, 200), BASE_OK);
	assert_int_equal(add_header_lines(large, 4000), BASE_UNAVAILABLE);
	assert_int_equal(post_incoming_seal(large), BASE_UNAVAILABLE);
	post_incoming_destroy(usual);
	post_incoming_destroy(large);
	post_receiving_end(&test.post->receiving, &share);
	large = test_incoming(&test, "");
	assert_int_equal(add_header_lines(large, 4000), BASE_OK);
	post_incoming_destroy(large);
	test_post_stop(&test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_together_stay_below_the_limit),
		cmocka_unit_test(a_small_one_comes_back_for_its_commit),
		cmocka_unit_test(large_headers_are_refused_for_a_while),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
