#include "base/test.h"
#include "door/remembered.h"

static struct door_password
anna(void)
{
	return (struct door_password){
		.account = 1024,
		.secret_version = 1,
		.address_key = SLICE("\x7f\x00\x00\x01"),
		.password = SLICE("secret"),
	};
}

static enum door_memory
look(struct door_remembered *remembered, const struct door_password *password, uint64_t now)
{
	struct door_digest digest;
	door_remembered_digest(remembered, password, &digest);
	return door_remembered_look(remembered, &digest, now);
}

static void
keep(struct door_remembered *remembered, const struct door_password *password, bool right)
{
	struct door_digest digest;
	door_remembered_digest(remembered, password, &digest);
	door_remembered_keep(remembered, &digest, right, 0);
}

static void
ten_minutes_long(void **state)
{
	(void)state;
	struct door_remembered *remembered = door_remembered_create();
	struct door_password password = anna();
	assert_int_equal(look(remembered, &password, 0), DOOR_NEVER_SEEN);
	keep(remembered, &password, true);
	assert_int_equal(look(remembered, &password, 0), DOOR_WAS_RIGHT);
	assert_int_equal(look(remembered, &password, DOOR_REMEMBER_MS - 1), DOOR_WAS_RIGHT);
	assert_int_equal(look(remembered, &password, DOOR_REMEMBER_MS), DOOR_NEVER_SEEN);
	door_remembered_sweep(remembered, DOOR_REMEMBER_MS);
	assert_int_equal(door_remembered_count(remembered), 0);
	door_remembered_destroy(remembered);
}

/* Everything that the digest covers tells two memories apart. */
static void
only_for_exactly_that(void **state)
{
	(void)state;
	struct door_remembered *remembered = door_remembered_create();
	struct door_password right = anna(), other[6];
	keep(remembered, &right, true);
	for (size_t i = 0; i < 6; i++)
		other[i] = right;
	other[0].account++;
	other[1].secret_version++;
	other[2].address_key = SLICE("\x7f\x00\x00\x02");
	other[3].password = SLICE("secre");
	other[4].identity = SLICE("anna");
	other[5].address_key = SLICE("\x7f\x00\x00\x01s");
	other[5].password = SLICE("ecret");
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(look(remembered, &other[i], 0), DOOR_NEVER_SEEN);
	door_remembered_destroy(remembered);
}

static void
another_start_knows_nothing(void **state)
{
	(void)state;
	struct door_remembered *one = door_remembered_create();
	struct door_remembered *two = door_remembered_create();
	struct door_password password = anna();
	struct door_digest first, second;
	door_remembered_digest(one, &password, &first);
	door_remembered_digest(two, &password, &second);
	assert_memory_not_equal(first.bytes, second.bytes, sizeof first.bytes);
	door_remembered_destroy(one);
	door_remembered_destroy(two);
}

static void
wrong_stays_wrong_for_an_hour(void **state)
{
	(void)state;
	struct door_remembered *remembered = door_remembered_create();
	struct door_password password = anna();
	keep(remembered, &password, false);
	assert_int_equal(
		look(remembered, &password, DOOR_REMEMBER_WRONG_MS - 1), DOOR_WAS_WRONG);
	assert_int_equal(
		look(remembered, &password, DOOR_REMEMBER_WRONG_MS), DOOR_NEVER_SEEN);
	keep(remembered, &password, true);
	assert_int_equal(look(remembered, &password, 0), DOOR_WAS_RIGHT);
	door_remembered_destroy(remembered);
}

static void
memories_are_bounded(void **state)
{
	(void)state;
	struct door_remembered *remembered = door_remembered_create();
	struct door_digest digest = {{0}};
	for (uint32_t i = 0; i < 2 * DOOR_REMEMBERED_MOST; i++) {
		memcpy(digest.bytes, &i, sizeof i);
		door_remembered_keep(remembered, &digest, false, 0);
	}
	assert_true(door_remembered_count(remembered) <= DOOR_REMEMBERED_MOST);
	assert_int_equal(door_remembered_look(remembered, &digest, 0), DOOR_WAS_WRONG);
	door_remembered_destroy(remembered);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_minutes_long),
		cmocka_unit_test(only_for_exactly_that),
		cmocka_unit_test(another_start_knows_nothing),
		cmocka_unit_test(wrong_stays_wrong_for_an_hour),
		cmocka_unit_test(memories_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
