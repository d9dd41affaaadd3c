#include "wire/imap-set.h"

static int
compare_ranges(const void *a, const void *b)
{
	const struct wire_imap_range *x = a, *y = b;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->last > y->last) - (x->last < y->last);
}

static bool
is_sorted(const struct wire_imap_set *set)
{
	for (size_t i = 1; i < set->count; i++)
		if (set->ranges[i].first < set->ranges[i - 1].first)
			return false;
	return true;
}

static bool
touches(struct wire_imap_range before, struct wire_imap_range after)
{
	return before.last == UINT32_MAX || after.first <= before.last + 1;
}

/* Sorts, and unites what overlaps or touches. */
static void
normalise(struct wire_imap_set *set)
{
	if (!is_sorted(set))
		qsort(set->ranges, set->count, sizeof *set->ranges, compare_ranges);
	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct wire_imap_range range = set->ranges[i];
		if (kept > 0 && touches(set->ranges[kept - 1], range)) {
			if (range.last > set->ranges[kept - 1].last)
				set->ranges[kept - 1].last = range.last;
		} else {
			set->ranges[kept++] = range;
		}
	}
	set->count = kept;
}

static struct wire_imap_range
ordered(uint32_t a, uint32_t b)
{
	return a < b ? (struct wire_imap_range){a, b} : (struct wire_imap_range){b, a};
}

static bool
take_number(struct wire_imap_cursor *cursor, struct wire_imap_set *set, uint32_t *number)
{
	if (wire_imap_maybe(cursor, '*')) {
		*number = WIRE_IMAP_STAR;
		return true;
	}
	if (!byte_is_digit(wire_imap_peek(cursor)))
		return wire_imap_fail(cursor, "A set of numbers was expected");
	if (!wire_imap_nz_number(cursor, number))
		return false;
	if (*number == WIRE_IMAP_STAR)
		*number = WIRE_IMAP_STAR - 1;
	if (*number > set->largest)
		set->largest = *number;
	return true;
}

static bool
take_range(struct wire_imap_cursor *cursor, struct wire_imap_set *set)
{
	uint32_t first = 0;
	if (!take_number(cursor, set, &first))
		return false;
	uint32_t last = first;
	if (wire_imap_maybe(cursor, ':') && !take_number(cursor, set, &last))
		return false;
	set->ranges[set->count++] = ordered(first, last);
	return true;
}

/* How many ranges are coming at most, so that they are taken at once. */
static size_t
count_ranges(struct slice text)
{
	size_t commas = 0;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (!byte_is_digit(c) && c != ':' && c != '*' && c != ',')
			break;
		commas += c == ',';
	}
	return commas + 1;
}

bool
wire_imap_set_parse(struct wire_imap_cursor *cursor, struct wire_imap_set *set)
{
	*set = (struct wire_imap_set){0};
	if (wire_imap_maybe(cursor, '$')) {
		set->saved = true;
		return true;
	}
	if (cursor->error)
		return false;
	set->ranges =
		wire_imap_take(cursor, count_ranges(cursor->rest), sizeof *set->ranges);
	if (!set->ranges)
		return false;
	do {
		if (!take_range(cursor, set))
			return false;
	} while (wire_imap_maybe(cursor, ','));
	normalise(set);
	return true;
}

void
wire_imap_set_resolve(struct wire_imap_set *set, uint32_t largest)
{
	if (largest == 0)
		set->count = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct wire_imap_range *range = &set->ranges[i];
		if (range->last == WIRE_IMAP_STAR)
			*range = ordered(
				range->first == WIRE_IMAP_STAR ? largest : range->first,
				largest);
	}
	normalise(set);
}

bool
wire_imap_set_contains(const struct wire_imap_set *set, uint32_t number)
{
	size_t low = 0, high = set->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (set->ranges[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->count && set->ranges[low].first <= number;
}
