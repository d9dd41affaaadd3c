#include "wire/sasl.h"
#include "base/encode.h"

/* Base64 of three parts and two NULs. */
#define BASE64_MOST ((3 * WIRE_SASL_PART_MOST + 2 + 2) / 3 * 4)

static bool
is_part(struct slice s)
{
	return s.length <= WIRE_SASL_PART_MOST && slice_is_utf8(s) &&
	       slice_find_byte(s, '\0') == s.length;
}

static bool
decode(struct slice base64, struct arena *arena, struct slice *raw)
{
	if (base64.length > BASE64_MOST)
		return false;
	SCOPED(buffer_free) struct buffer decoded = buffer_with(base64.length);
	if (!base64_decode(base64, &decoded) || !arena_has_room(arena, decoded.length + 1))
		return false;
	*raw = arena_copy(arena, buffer_slice(&decoded));
	explicit_bzero(decoded.data, decoded.length);
	return true;
}

bool
wire_sasl_plain_parse(struct slice raw, struct wire_sasl_plain *plain)
{
	struct slice rest = raw;
	plain->authorize = slice_cut(&rest, '\0');
	plain->authenticate = slice_cut(&rest, '\0');
	plain->password = rest;
	return !slice_absent(rest) && is_part(plain->authorize) &&
	       is_part(plain->authenticate) && is_part(plain->password) &&
	       plain->authenticate.length > 0 && plain->password.length > 0;
}

bool
wire_sasl_plain_decode(
	struct slice base64, struct arena *arena, struct wire_sasl_plain *plain)
{
	struct slice raw;
	*plain = (struct wire_sasl_plain){0};
	return decode(base64, arena, &raw) && wire_sasl_plain_parse(raw, plain);
}

bool
wire_sasl_plain_put(struct buffer *base64, const struct wire_sasl_plain *plain)
{
	char raw[3 * WIRE_SASL_PART_MOST + 2];
	struct buffer joined = {.data = raw, .capacity = sizeof raw, .ceiling = sizeof raw};
	buffer_put(&joined, plain->authorize);
	buffer_put_byte(&joined, '\0');
	buffer_put(&joined, plain->authenticate);
	buffer_put_byte(&joined, '\0');
	buffer_put(&joined, plain->password);
	bool put = !buffer_failed(&joined) && base64_put(base64, buffer_slice(&joined));
	explicit_bzero(raw, sizeof raw);
	return put;
}

bool
wire_sasl_login_parse(struct slice raw)
{
	return raw.length > 0 && is_part(raw);
}

bool
wire_sasl_login_decode(struct slice base64, struct arena *arena, struct slice *text)
{
	return decode(base64, arena, text) && wire_sasl_login_parse(*text);
}

bool
wire_sasl_is_cancel(struct slice line)
{
	return slice_equal(line, SLICE("*"));
}
