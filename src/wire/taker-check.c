#include "wire/takers.h"

static bool
ends_in_cr(struct slice s)
{
	return s.length > 0 && s.data[s.length - 1] == '\r';
}

/* One line without its LF; or the last part of the input, which has none. */
static void
check_line(struct wire_line_check *check, struct slice line, bool ended)
{
	if (check->after_cr && line.length > 0)
		check->flaws |= WIRE_FLAW_BARE_CR;
	bool cr = line.length > 0 ? ends_in_cr(line) : check->after_cr;
	if (ended && !cr)
		check->flaws |= WIRE_FLAW_BARE_LF;
	if (ends_in_cr(line))
		line.length--;
	if (slice_find_byte(line, '\r') < line.length)
		check->flaws |= WIRE_FLAW_BARE_CR;
	check->after_cr = cr && !ended;
}

void
wire_line_check_add(struct wire_line_check *check, struct slice bytes)
{
	if (slice_find_byte(bytes, '\0') < bytes.length)
		check->flaws |= WIRE_FLAW_NUL;
	while (bytes.length > 0) {
		size_t end = slice_find_byte(bytes, '\n');
		check_line(check, slice_first(bytes, end), end < bytes.length);
		bytes = slice_from(bytes, end + 1);
	}
}

unsigned
wire_line_check_end(struct wire_line_check *check)
{
	if (check->after_cr)
		check->flaws |= WIRE_FLAW_BARE_CR;
	check->after_cr = false;
	return check->flaws;
}
