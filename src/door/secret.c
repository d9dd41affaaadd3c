#include "door/secret.h"

/* Which texts may stand behind the name of a scheme. */
static const struct scheme {
	struct slice name;
	struct slice prefix;
} SCHEMES[] = {
	{SLICE_INIT("{ARGON2ID}"), SLICE_INIT("$argon2id$")},
	{SLICE_INIT("{ARGON2I}"), SLICE_INIT("$argon2i$")},
	{SLICE_INIT("{BLF-CRYPT}"), SLICE_INIT("$2")},
	{SLICE_INIT("{SHA512-CRYPT}"), SLICE_INIT("$6$")},
	{SLICE_INIT("{SHA256-CRYPT}"), SLICE_INIT("$5$")},
	{SLICE_INIT("{MD5-CRYPT}"), SLICE_INIT("$1$")},
	{SLICE_INIT("{CRYPT}"), SLICE_INIT("$")},
};

static bool
take_scheme(struct slice *text)
{
	if (!slice_starts(*text, SLICE("{")))
		return true;
	for (size_t i = 0; i < sizeof SCHEMES / sizeof *SCHEMES; i++) {
		const struct scheme *scheme = &SCHEMES[i];
		if (!slice_starts_nocase(*text, scheme->name))
			continue;
		*text = slice_from(*text, scheme->name.length);
		return slice_starts(*text, scheme->prefix);
	}
	return false;
}

/* --- argon2's text form --------------------------------------------------------------- */

static bool
take_text(struct slice *rest, struct slice wanted)
{
	if (!slice_starts(*rest, wanted))
		return false;
	*rest = slice_from(*rest, wanted.length);
	return true;
}

/* As it is written: no sign, no zero in front. */
static bool
take_number(struct slice *rest, char end, uint32_t most, uint32_t *number)
{
	struct slice digits = slice_cut(rest, end);
	return !slice_starts(digits, SLICE("0")) && slice_to_u32(digits, number) &&
	       *number <= most;
}

/* Base64 without its padding. */
static bool
decode_part(struct slice text, uint8_t part[DOOR_PART_MOST], size_t *size)
{
	static const struct slice padding[] = {
		SLICE_INIT(""), SLICE_INIT(""), SLICE_INIT("=="), SLICE_INIT("=")};
	SCOPED(buffer_free) struct buffer padded = buffer_with(2 * DOOR_PART_MOST);
	SCOPED(buffer_free) struct buffer raw = buffer_with(DOOR_PART_MOST);
	if (slice_find_byte(text, '=') < text.length || !buffer_put(&padded, text) ||
		!buffer_put(&padded, padding[text.length % 4]) ||
		!base64_decode(buffer_slice(&padded), &raw) || raw.length == 0)
		return false;
	memcpy(part, raw.data, raw.length);
	*size = raw.length;
	return true;
}

static bool
parse_argon2(struct slice text, struct door_secret *secret)
{
	secret->text = text;
	if (take_text(&text, SLICE("$argon2id$")))
		secret->kind = DOOR_ARGON2ID;
	else if (take_text(&text, SLICE("$argon2i$")))
		secret->kind = DOOR_ARGON2I;
	else
		return false;
	if (!take_text(&text, SLICE("v=19$m=")) ||
		!take_number(
			&text, ',', DOOR_ARGON2_MEMORY_KIB_MOST, &secret->memory_kib) ||
		!take_text(&text, SLICE("t=")) ||
		!take_number(&text, ',', DOOR_ARGON2_PASSES_MOST, &secret->passes) ||
		!take_text(&text, SLICE("p=")) ||
		!take_number(&text, '$', DOOR_ARGON2_LANES_MOST, &secret->lanes))
		return false;
	struct slice salt = slice_cut(&text, '$');
	return decode_part(salt, secret->salt, &secret->salt_size) &&
	       decode_part(text, secret->hash, &secret->hash_size) &&
	       secret->salt_size >= 8 && secret->hash_size >= 16 &&
	       secret->memory_kib >= 8 * secret->lanes;
}

enum base_failure
door_secret_parse(struct slice text, struct door_secret *secret, struct base_error *error)
{
	*secret = (struct door_secret){.kind = DOOR_CRYPT};
	if (text.length <= DOOR_SECRET_TEXT_MOST && take_scheme(&text)) {
		if (slice_starts(text, SLICE("$argon2")) && parse_argon2(text, secret))
			return BASE_OK;
		secret->kind = DOOR_CRYPT;
		secret->text = text;
		if (door_crypt_is_acceptable(text))
			return BASE_OK;
	}
	*secret = (struct door_secret){.kind = DOOR_CRYPT};
	return base_fail(error, BASE_INVALID,
		"that is no hash that can be taken over: argon2id, argon2i, or crypt's "
		"$1$, "
		"$2y$, $5$, $6$, $y$ of a moderate cost");
}

static bool
put_part(struct buffer *into, const uint8_t *part, size_t size)
{
	size_t start = into->length;
	if (!base64_put(into, slice_of(part, size)))
		return false;
	while (into->length > start && into->data[into->length - 1] == '=')
		buffer_cut(into, into->length - 1);
	return true;
}

bool
door_secret_put(const struct door_secret *secret, struct buffer *into)
{
	if (secret->kind == DOOR_CRYPT)
		return buffer_put(into, secret->text);
	return buffer_printf(into, "$argon2%s$v=19$m=%u,t=%u,p=%u$",
		       secret->kind == DOOR_ARGON2ID ? "id" : "i", secret->memory_kib,
		       secret->passes, secret->lanes) &&
	       put_part(into, secret->salt, secret->salt_size) &&
	       buffer_put_byte(into, '$') &&
	       put_part(into, secret->hash, secret->hash_size);
}

bool
door_secret_is_weak(const struct door_secret *secret, const struct door_cost *cost)
{
	return secret->kind != DOOR_ARGON2ID || secret->memory_kib < cost->memory_kib ||
	       secret->passes < cost->passes;
}
