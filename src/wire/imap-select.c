#include "wire/imap-select.h"

/* More pairs tell nothing that these don't. */
#define MATCH_MOST 65536

bool
wire_imap_modseq(struct wire_imap_cursor *cursor, uint64_t *modseq)
{
	return wire_imap_number64(cursor, modseq) &&
	       (*modseq <= INT64_MAX ||
		       wire_imap_fail(cursor, "The mod-sequence is too large"));
}

/* RFC 7162 7, known-uids: a set without "*". */
static bool
take_plain_set(struct wire_imap_cursor *cursor, struct wire_imap_set *set)
{
	if (!wire_imap_set_parse(cursor, set))
		return false;
	bool star = set->count > 0 && set->ranges[set->count - 1].last == WIRE_IMAP_STAR;
	return (!set->saved && !star) ||
	       wire_imap_fail(cursor, "Neither \"*\" nor \"$\" can stand here");
}

static uint64_t
members(const struct wire_imap_set *set)
{
	uint64_t count = 0;
	for (size_t i = 0; i < set->count; i++)
		count += (uint64_t)set->ranges[i].last - set->ranges[i].first + 1;
	return count;
}

static uint32_t *
numbers_of(struct wire_imap_cursor *cursor, const struct wire_imap_set *set, size_t count)
{
	uint32_t *numbers = wire_imap_take(cursor, count, sizeof *numbers);
	size_t filled = 0;
	for (size_t i = 0; numbers && i < set->count; i++)
		for (uint32_t n = set->ranges[i].first; n <= set->ranges[i].last; n++)
			numbers[filled++] = n;
	return numbers;
}

/* RFC 7162 3.2.5.2: "(1,5,9 10,50,90)". */
static bool
take_match(struct wire_imap_cursor *cursor, struct wire_imap_select *select)
{
	struct wire_imap_set numbers, uids;
	if (!wire_imap_byte(cursor, '(') || !take_plain_set(cursor, &numbers) ||
		!wire_imap_space(cursor) || !take_plain_set(cursor, &uids) ||
		!wire_imap_byte(cursor, ')'))
		return false;
	uint64_t count = members(&numbers);
	if (count != members(&uids))
		return wire_imap_fail(cursor, "The two sets differ in length");
	if (count > MATCH_MOST)
		return wire_imap_fail(cursor, "The sets are too long");
	select->match_count = (size_t)count;
	select->match_numbers = numbers_of(cursor, &numbers, (size_t)count);
	select->match_uids = numbers_of(cursor, &uids, (size_t)count);
	return select->match_numbers && select->match_uids;
}

static bool
take_qresync(struct wire_imap_cursor *cursor, struct wire_imap_select *select)
{
	select->qresync = true;
	if (!wire_imap_space(cursor) || !wire_imap_byte(cursor, '(') ||
		!wire_imap_nz_number(cursor, &select->uid_validity) ||
		!wire_imap_space(cursor) || !wire_imap_modseq(cursor, &select->modseq))
		return false;
	if (wire_imap_maybe(cursor, ')'))
		return true;
	if (!wire_imap_space(cursor))
		return false;
	if (wire_imap_peek(cursor) != '(') {
		select->has_known = true;
		if (!take_plain_set(cursor, &select->known))
			return false;
		if (wire_imap_maybe(cursor, ')'))
			return true;
		if (!wire_imap_space(cursor))
			return false;
	}
	return take_match(cursor, select) && wire_imap_byte(cursor, ')');
}

static bool
take_parameter(struct wire_imap_cursor *cursor, struct wire_imap_select *select)
{
	if (!select->condstore && wire_imap_maybe_word(cursor, SLICE("CONDSTORE"))) {
		select->condstore = true;
		return true;
	}
	if (!select->qresync && wire_imap_maybe_word(cursor, SLICE("QRESYNC")))
		return take_qresync(cursor, select);
	return wire_imap_fail(cursor, "CONDSTORE or QRESYNC was expected, once");
}

bool
wire_imap_select_parse(struct wire_imap_cursor *cursor, struct wire_imap_select *select)
{
	*select = (struct wire_imap_select){0};
	if (!wire_imap_space(cursor) || !wire_imap_mailbox(cursor, &select->name))
		return false;
	if (!wire_imap_maybe(cursor, ' ') || cursor->rest.length == 0)
		return wire_imap_end(cursor);
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_parameter(cursor, select))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')') && wire_imap_end(cursor);
}
