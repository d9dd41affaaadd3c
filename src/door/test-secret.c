#include "base/test.h"
#include "door/secret.h"

static const struct door_cost CHEAP = {64, 1};

/* Hashes of "troika". */
static const char *const ACCEPTED[] = {
	"$1$RspPXjJ0$mlXJlj8bPYAo2Oab2AOZv0",
	"{MD5-CRYPT}$1$RspPXjJ0$mlXJlj8bPYAo2Oab2AOZv0",
	"$5$hK.nD46tIOhNYVG9$NbEDn.Dwu.pwTVKx5hWOFMJeZd85d8BkU0raMNcEbeC",
	"$6$BVEUTp8i0V6qSUYR$EXR1aL5RHDNI0GijfX5OIhMCbfLmLv2MjayzrMOPJqn/"
	"veFU65UfNNXyekGzJsFa7AfmaWMvQnryfcOjO0yy31",
	"{SHA512-CRYPT}$6$rounds=2000$abcdefgh$tqgK7N7JnqKpw6wPTSXK5dA1lebi6NBediVnbxkMyI5"
	"K5pfIe7KeakfTKiXraOnrXGNv0DFRKOkINELVvDs3Y/",
	"$2y$05$5jJ3O8MBx7k8oXNPJWXg/elVw6EIrZPI7tiyhmOYVAwPB25a8BGHW",
	"{BLF-CRYPT}$2b$05$itCLOSEIeUVZOeZSlEAA.eiHKakv5Ue/j.e4fT3AD5HX/IeoXoy/O",
	"{CRYPT}$y$j9T$n27xGCcenoJ7pMS94/b7j/$0BL92ZJduy8qOb9rbaukDj62HvtIMg.uS186I1glrzC",
};

static void
moved_in_hashes_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ACCEPTED / sizeof *ACCEPTED; i++) {
		struct door_secret secret;
		struct base_error error = {0};
		assert_int_equal(
			door_secret_parse(slice_of_text(ACCEPTED[i]), &secret, &error),
			BASE_OK);
		assert_int_equal(door_secret_verify(&secret, SLICE("troika")), BASE_OK);
		assert_int_equal(door_secret_verify(&secret, SLICE("troikb")), BASE_DENIED);
		assert_int_equal(door_secret_verify(&secret, SLICE("")), BASE_DENIED);
		assert_int_equal(
			door_secret_verify(&secret, SLICE("troika\0x")), BASE_DENIED);
		assert_true(door_secret_is_weak(&secret, &CHEAP));
	}
}

static const char *const REFUSED[] = {
	"",
	"troika",
	"{PLAIN}troika",
	"{PLAIN}$6$abcdefgh$x",
	"{CRYPT}ab0123456789.",
	"{SHA512-CRYPT}$1$RspPXjJ0$mlXJlj8bPYAo2Oab2AOZv0",
	"{CRYPT}",
	"ab0123456789.",
	"$",
	"$6$",
	("$6$rounds=999999999$abcdefgh$tqgK7N7JnqKpw6wPTSXK5dA1lebi6NBediVnbxkMyI5K5pfIe7Ke"
	 "akfTKiXraOnrXGNv0DFRKOkINELVvDs3Y/"),
	"$2y$31$5jJ3O8MBx7k8oXNPJWXg/elVw6EIrZPI7tiyhmOYVAwPB25a8BGHW",
	"$y$jFT$n27xGCcenoJ7pMS94/b7j/$0BL92ZJduy8qOb9rbaukDj62HvtIMg.uS186I1glrzC",
	"$1$RspPXjJ0$mlXJlj8bPYAo2Oab2AOZv0 ",
	"$1$RspPXjJ0$mlXJlj8bPYAo2Oab2AOZv\n",
	"$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
	"$argon2id$v=19$m=19456,t=1000,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
	"$argon2id$v=19$m=19456,t=2,p=0$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
	"$argon2id$v=19$m=19456,t=2,p=1$c2Fsd$aGFzaGhhc2hoYXNoaGFzaA",
	"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
	"$argon2d$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
};

static void
what_is_no_hash_or_too_dear_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
		struct door_secret secret;
		struct base_error error = {0};
		assert_int_equal(
			door_secret_parse(slice_of_text(REFUSED[i]), &secret, &error),
			BASE_INVALID);
		assert_true(error.text[0]);
		/* A mistake must not show the password in the log. */
		assert_null(strstr(error.text, "troika"));
	}
}

static void
new_secrets_are_argon2id_and_fit(void **state)
{
	(void)state;
	struct door_secret made, read;
	SCOPED(buffer_free) struct buffer text = buffer_with(DOOR_SECRET_TEXT_MOST);
	assert_int_equal(door_secret_make(&CHEAP, SLICE("troika"), &made), BASE_OK);
	assert_true(door_secret_put(&made, &text));
	assert_true(
		slice_starts(buffer_slice(&text), SLICE("$argon2id$v=19$m=64,t=1,p=1$")));
	assert_int_equal(door_secret_parse(buffer_slice(&text), &read, NULL), BASE_OK);
	assert_int_equal(door_secret_verify(&read, SLICE("troika")), BASE_OK);
	assert_int_equal(door_secret_verify(&read, SLICE("Troika")), BASE_DENIED);
	assert_false(door_secret_is_weak(&read, &CHEAP));
	assert_true(door_secret_is_weak(&read, &(struct door_cost){128, 1}));
	assert_true(door_secret_is_weak(&read, &(struct door_cost){64, 2}));
}

static void
the_same_password_never_gives_the_same_secret(void **state)
{
	(void)state;
	struct door_secret one, two;
	assert_int_equal(door_secret_make(&CHEAP, SLICE("troika"), &one), BASE_OK);
	assert_int_equal(door_secret_make(&CHEAP, SLICE("troika"), &two), BASE_OK);
	assert_memory_not_equal(one.hash, two.hash, DOOR_HASH_SIZE);
}

/* A known answer of the reference implementation. */
static void
argon2_agrees_with_others(void **state)
{
	(void)state;
	static const char text[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
				   "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
	struct door_secret secret;
	assert_int_equal(
		door_secret_parse(SLICE("{ARGON2ID}$argon2id$v=19$m=65536,t=2,p=1$"
					"c29tZXNhbHQ$"
					"CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
			&secret, NULL),
		BASE_OK);
	assert_true(slice_equal(secret.text, slice_of_text(text)));
	assert_int_equal(door_secret_verify(&secret, SLICE("password")), BASE_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moved_in_hashes_are_checked),
		cmocka_unit_test(what_is_no_hash_or_too_dear_is_refused),
		cmocka_unit_test(new_secrets_are_argon2id_and_fit),
		cmocka_unit_test(the_same_password_never_gives_the_same_secret),
		cmocka_unit_test(argon2_agrees_with_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
