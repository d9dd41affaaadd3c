#include "door/secret.h"
#include <crypt.h>

static bool
is_crypt_byte(char c)
{
	return byte_is_alpha(c) || byte_is_digit(c) || c == '.' || c == '/';
}

static bool
is_crypt_text(struct slice s, size_t least, size_t most)
{
	for (size_t i = 0; i < s.length; i++)
		if (!is_crypt_byte(s.data[i]))
			return false;
	return s.length >= least && s.length <= most;
}

/* "$1$salt$hash", and with rounds "$6$rounds=5000$salt$hash". */
static bool
is_salted(struct slice rest, bool rounds_allowed, size_t salt_most, size_t hash_length)
{
	if (rounds_allowed && slice_starts(rest, SLICE("rounds="))) {
		struct slice rounds = slice_from(slice_cut(&rest, '$'), 7);
		uint32_t number;
		if (!slice_to_u32(rounds, &number) || number < 1000 ||
			number > DOOR_SHA_ROUNDS_MOST)
			return false;
	}
	struct slice salt = slice_cut(&rest, '$');
	return is_crypt_text(salt, 0, salt_most) &&
	       is_crypt_text(rest, hash_length, hash_length);
}

/* "$2y$10$" and 53 characters of salt and hash. */
static bool
is_bcrypt(struct slice rest)
{
	struct slice variant = slice_cut(&rest, '$');
	struct slice cost = slice_cut(&rest, '$');
	uint32_t number;
	return variant.length == 2 && slice_find_byte(SLICE("aby"), variant.data[1]) < 3 &&
	       cost.length == 2 && slice_to_u32(cost, &number) && number >= 4 &&
	       number <= DOOR_BCRYPT_COST_MOST && is_crypt_text(rest, 53, 53);
}

/*
 * "$y$j9T$salt$hash": j are the flags of the only kind in use, 9 is the logarithm of the
 * cost (up to C: 128 MiB), T the size of a block.
 */
static bool
is_yescrypt(struct slice rest)
{
	static const char costs[] = "6789ABC";
	struct slice parameters = slice_cut(&rest, '$');
	struct slice salt = slice_cut(&rest, '$');
	return parameters.length == 3 && parameters.data[0] == 'j' &&
	       memchr(costs, parameters.data[1], sizeof costs - 1) &&
	       parameters.data[2] == 'T' && is_crypt_text(salt, 1, 86) &&
	       is_crypt_text(rest, 43, 43);
}

bool
door_crypt_is_acceptable(struct slice text)
{
	struct slice rest = slice_from(text, 3);
	if (slice_starts(text, SLICE("$1$")))
		return is_salted(rest, false, 8, 22);
	if (slice_starts(text, SLICE("$5$")))
		return is_salted(rest, true, 16, 43);
	if (slice_starts(text, SLICE("$6$")))
		return is_salted(rest, true, 16, 86);
	if (slice_starts(text, SLICE("$2")))
		return is_bcrypt(slice_from(text, 1));
	return slice_starts(text, SLICE("$y$")) && is_yescrypt(rest);
}

/* crypt_data is too large for an errand's stack. */
struct crypt_work {
	struct crypt_data data;
	char password[CRYPT_MAX_PASSPHRASE_SIZE];
	char setting[CRYPT_OUTPUT_SIZE];
};

static void
work_free(struct crypt_work **work)
{
	if (!*work)
		return;
	explicit_bzero(*work, sizeof **work);
	free(*work);
}

enum base_failure
door_crypt_verify(struct slice text, struct slice password)
{
	SCOPED(work_free) struct crypt_work *work = calloc(1, sizeof *work);
	ASSERT(work);
	if (password.length >= sizeof work->password ||
		text.length >= sizeof work->setting ||
		slice_find_byte(password, '\0') < password.length)
		return BASE_DENIED;
	if (password.length)
		memcpy(work->password, password.data, password.length);
	memcpy(work->setting, text.data, text.length);
	const char *hash = crypt_rn(
		work->password, work->setting, &work->data, (int)sizeof work->data);
	if (!hash)
		return BASE_UNAVAILABLE;
	return slice_equal_secret(slice_of_text(hash), text) ? BASE_OK : BASE_DENIED;
}
