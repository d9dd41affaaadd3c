#include "base/error.h"
#include "wire/imap-pattern.h"

/* The obvious way, which takes exponential time; for short patterns only. */
static bool
naive(struct slice pattern, struct slice name)
{
	if (pattern.length == 0)
		return name.length == 0;
	char first = pattern.data[0];
	if (first != '*' && first != '%')
		return name.length > 0 && name.data[0] == first &&
		       naive(slice_from(pattern, 1), slice_from(name, 1));
	for (size_t i = 0; i <= name.length; i++) {
		if (naive(slice_from(pattern, 1), slice_from(name, i)))
			return true;
		if (first == '%' && i < name.length && name.data[i] == '/')
			break;
	}
	return false;
}

/* Without INBOX, whose case does not matter. */
static void
compare(struct slice pattern, struct slice name)
{
	if (wire_imap_is_inbox(slice_first(name, 5)))
		return;
	bool matches = wire_imap_pattern_matches(pattern, name, '/');
	ASSERT(matches == naive(pattern, name));
	size_t slash = slice_find_last_byte(name, '/');
	if (matches && slash < name.length)
		ASSERT(slash + 1 == name.length || wire_imap_pattern_matches_below(pattern,
							   slice_first(name, slash), '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name = slice_of(data, size);
	struct slice pattern = slice_cut(&name, '\n');
	if (slice_absent(name))
		return 0;
	if (pattern.length <= 8 && name.length <= 12)
		compare(pattern, name);
	else if (size <= 2000)
		(void)wire_imap_pattern_matches(pattern, name, '/');
	return 0;
}
