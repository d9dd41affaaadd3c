#include "wire/charset.h"
#include "wire/charset-names.h"
#include "wire/charset-utf8.h"
#include <errno.h>
#include <iconv.h>
#include <utf8proc.h>

#define NO_ICONV ((iconv_t)-1)

/* 80 to 9F of windows-1252; the five holes are the C1 controls, as browsers read them. */
static const uint16_t windows_1252[32] = {0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026,
	0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f, 0x90,
	0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161,
	0x203a, 0x0153, 0x9d, 0x017e, 0x0178};

static bool
put_code_point(struct buffer *into, uint32_t code_point)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t length = utf8proc_encode_char((utf8proc_int32_t)code_point, bytes);
	return utf8_put_whole(into, slice_of(bytes, (size_t)length));
}

static bool
put_windows_1252(struct slice bytes, struct buffer *into)
{
	size_t plain = 0;
	while (plain < bytes.length) {
		unsigned char c = (unsigned char)bytes.data[plain];
		if (c < 0x80) {
			plain++;
			continue;
		}
		if (!utf8_put_whole(into, slice_first(bytes, plain)) ||
			!put_code_point(into, c < 0xa0 ? windows_1252[c - 0x80] : c))
			return false;
		bytes = slice_from(bytes, plain + 1);
		plain = 0;
	}
	return utf8_put_whole(into, bytes);
}

static bool
put_by_guess(struct slice bytes, struct buffer *into)
{
	return slice_is_utf8(bytes) ? utf8_put_whole(into, bytes)
				    : put_windows_1252(bytes, into);
}

struct conversion {
	iconv_t handle;
	char *next; /* iconv takes it as char **, but does not write to it */
	size_t left;
};

static void
conversion_close(struct conversion *conversion)
{
	if (conversion->handle != NO_ICONV)
		iconv_close(conversion->handle);
}

/* One call of iconv. False when nothing more comes of it: the end, or the ceiling. */
static bool
convert_some(struct conversion *conversion, struct buffer *into)
{
	char chunk[4096];
	char *end = chunk;
	size_t room = sizeof chunk;
	bool flushing = conversion->left == 0;
	size_t result = iconv(conversion->handle, flushing ? NULL : &conversion->next,
		flushing ? NULL : &conversion->left, &end, &room);
	bool too_big = result == (size_t)-1 && errno == E2BIG;
	bool broken = result == (size_t)-1 && !too_big;
	/* Not all of iconv's charsets keep out surrogates. */
	if (!wire_put_valid_utf8(slice_of(chunk, (size_t)(end - chunk)), into))
		return false;
	if (flushing)
		return false;
	if (broken || (too_big && end == chunk)) {
		conversion->next++;
		conversion->left--;
		return put_code_point(into, 0xfffd);
	}
	return true;
}

static bool
put_by_iconv(const char *name, struct slice bytes, struct buffer *into)
{
	SCOPED(conversion_close)
	struct conversion conversion = {
		iconv_open("UTF-8", name), (char *)(uintptr_t)bytes.data, bytes.length};
	if (conversion.handle == NO_ICONV)
		return put_by_guess(bytes, into);
	while (convert_some(&conversion, into))
		continue;
	return !buffer_failed(into);
}

bool
wire_to_utf8(struct slice charset, struct slice bytes, struct buffer *into)
{
	char name[CHARSET_NAME_SIZE];
	switch (charset_by_name(charset, name)) {
	case CHARSET_UTF8:
		return wire_put_valid_utf8(bytes, into);
	case CHARSET_WINDOWS_1252:
		return put_windows_1252(bytes, into);
	case CHARSET_ICONV:
		return put_by_iconv(name, bytes, into);
	case CHARSET_GUESS:
		break;
	}
	return put_by_guess(bytes, into);
}

bool
wire_charset_known(struct slice charset)
{
	char name[CHARSET_NAME_SIZE];
	enum charset_reader reader = charset_by_name(charset, name);
	if (reader != CHARSET_ICONV)
		return reader != CHARSET_GUESS ||
		       slice_ends_nocase(slice_trim(charset), SLICE("ascii"));
	SCOPED(conversion_close)
	struct conversion conversion = {iconv_open("UTF-8", name), NULL, 0};
	return conversion.handle != NO_ICONV;
}

struct slice
wire_fold(struct arena *arena, struct slice utf8)
{
	utf8proc_uint8_t *folded = NULL;
	if (slice_is_ascii(utf8))
		return arena_lower(arena, utf8);
	utf8proc_ssize_t length = utf8proc_map((const utf8proc_uint8_t *)utf8.data,
		(utf8proc_ssize_t)utf8.length, &folded,
		UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
	SCOPED(scoped_free) void *owned = folded;
	return length < 0 ? arena_lower(arena, utf8)
			  : arena_copy(arena, slice_of(owned, (size_t)length));
}
