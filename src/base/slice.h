#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A slice is a run of bytes that belongs to somebody else: a pointer and a length.
 * It never owns, never ends in NUL by promise, and may hold any byte.
 * An empty slice has length 0; its data may be NULL. Absent and empty are told apart
 * by slice_absent (data == NULL), where a grammar tells them apart.
 *
 * Case folding here is ASCII only, as the mail protocols mean it.
 */
struct slice {
	const char *data;
	size_t length;
};

/* A slice of a string literal, also in static initialisers. */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_INIT(literal)                     \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define SLICE_NONE ((struct slice){NULL, 0})

/* For printf-like functions: "%.*s", SLICE_ARG(s). Not for foreign bytes in logs. */
#define SLICE_ARG(s) (int)(s).length, (s).data

static inline struct slice slice_of(const void *data, size_t length);
struct slice slice_of_text(const char *nul_terminated); /* NULL gives SLICE_NONE */

static inline bool slice_absent(struct slice s);
static inline bool slice_empty(struct slice s);
bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b);
int slice_compare(struct slice a, struct slice b); /* as memcmp, shorter first */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
bool slice_ends_nocase(struct slice s, struct slice suffix);

/* Parts. Indexes past the end are taken as the end. */
static inline struct slice slice_from(struct slice s, size_t start);
static inline struct slice slice_first(struct slice s, size_t length);
struct slice slice_part(struct slice s, size_t start, size_t length);
struct slice slice_trim(struct slice s); /* blanks, tabs, CR and LF at both ends */

/* Position of the first match, or s.length when there is none. */
size_t slice_find_byte(struct slice s, char wanted);
size_t slice_find(struct slice s, struct slice wanted);
size_t slice_find_nocase(struct slice s, struct slice wanted);
size_t slice_find_last_byte(struct slice s, char wanted);

/*
 * Cuts *rest at the first separator: the part before it is the result, the part after
 * it stays in *rest. Without a separator all of it is the result and *rest is absent.
 */
struct slice slice_cut(struct slice *rest, char separator);

/* Decimal digits only, whole slice, no sign; false on anything else or overflow. */
MUST_CHECK bool slice_to_u64(struct slice s, uint64_t *value);
MUST_CHECK bool slice_to_u32(struct slice s, uint32_t *value);

/* Valid UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF). */
bool slice_is_utf8(struct slice s);
size_t slice_utf8_first(struct slice s); /* bytes of the first character; 0: invalid */
bool slice_is_ascii(struct slice s);

/* Levenshtein's distance of the first SLICE_DISTANCE_MOST bytes, for "did you mean". */
#define SLICE_DISTANCE_MOST 128
size_t slice_distance(struct slice a, struct slice b);

/* Compares in a time that depends on the lengths only (passwords, tokens). */
bool slice_equal_secret(struct slice a, struct slice b);

static inline char byte_lower(char c);
static inline char byte_upper(char c);
static inline bool byte_is_digit(char c);
static inline bool byte_is_alpha(char c);
int byte_hex_value(char c); /* -1 when it is no hex digit */

/* What parsers call for every byte or two is compiled into them. */

static inline struct slice
slice_of(const void *data, size_t length)
{
	return (struct slice){data, length};
}

static inline bool
slice_absent(struct slice s)
{
	return !s.data;
}

static inline bool
slice_empty(struct slice s)
{
	return s.length == 0;
}

static inline struct slice
slice_from(struct slice s, size_t start)
{
	if (start > s.length)
		start = s.length;
	/* Nothing is added to NULL, not even nothing. */
	return slice_of(start ? s.data + start : s.data, s.length - start);
}

static inline struct slice
slice_first(struct slice s, size_t length)
{
	return slice_of(s.data, length < s.length ? length : s.length);
}

static inline char
byte_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline char
byte_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static inline bool
byte_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
byte_is_alpha(char c)
{
	char lower = byte_lower(c);
	return lower >= 'a' && lower <= 'z';
}

#endif
