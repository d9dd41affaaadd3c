#include "base/texts-internal.h"

static bool
is_one_of(char c, const char *bytes)
{
	return c && strchr(bytes, c);
}

struct slice
texts_next_conversion(struct slice *rest)
{
	for (;;) {
		size_t start = slice_find_byte(*rest, '%');
		struct slice found = slice_from(*rest, start);
		size_t length = 1;
		while (length < found.length &&
			is_one_of(found.data[length], " #+-'0123456789.*hlLqjzt$"))
			length++;
		if (!found.length)
			return SLICE_NONE;
		found = slice_first(found, length + 1);
		*rest = slice_from(*rest, start + found.length);
		/* A percent sign takes no argument and may stand anywhere. */
		if (!slice_equal(found, SLICE("%%")))
			return found;
	}
}

bool
texts_conversions_agree(struct slice a, struct slice b)
{
	for (;;) {
		struct slice of_a = texts_next_conversion(&a);
		struct slice of_b = texts_next_conversion(&b);
		if (!slice_equal(of_a, of_b))
			return false;
		if (slice_absent(of_a))
			return true;
	}
}
