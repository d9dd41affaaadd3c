#include "post/query-internal.h"
#include "wire/charset.h"

/*
 * RFC 5051 compares in title case and fully decomposed; composing and folding case finds
 * the same but for compatibility forms (ligatures, full width), which stay apart.
 */

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Blanks become one space; ASCII letters small, for what was not folded yet. */
static void
squeeze(struct slice text, struct buffer *into)
{
	bool after_blank = into->length && into->data[into->length - 1] == ' ';
	char *out = buffer_reserve(into, text.length);
	size_t length = 0;
	if (!out)
		return;
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];
		bool blank = is_blank(byte);
		out[length] = blank ? ' ' : byte_lower(byte);
		length += !(blank && after_blank);
		after_blank = blank;
	}
	buffer_commit(into, length);
}

void
post_search_fold(struct slice utf8, struct buffer *into)
{
	if (slice_is_ascii(utf8)) {
		squeeze(utf8, into);
		return;
	}
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	squeeze(wire_fold(arena, utf8), into);
}

bool
post_search_contains(struct slice folded, struct slice needle)
{
	return slice_empty(needle) ||
	       memmem(folded.data, folded.length, needle.data, needle.length) != NULL;
}
