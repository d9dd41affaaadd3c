#include "wire/imap-sort.h"

static const struct slice KEYS[] = {
	[WIRE_IMAP_SORT_ARRIVAL] = SLICE_INIT("ARRIVAL"),
	[WIRE_IMAP_SORT_CC] = SLICE_INIT("CC"),
	[WIRE_IMAP_SORT_DATE] = SLICE_INIT("DATE"),
	[WIRE_IMAP_SORT_DISPLAYFROM] = SLICE_INIT("DISPLAYFROM"),
	[WIRE_IMAP_SORT_DISPLAYTO] = SLICE_INIT("DISPLAYTO"),
	[WIRE_IMAP_SORT_FROM] = SLICE_INIT("FROM"),
	[WIRE_IMAP_SORT_RELEVANCY] = SLICE_INIT("RELEVANCY"),
	[WIRE_IMAP_SORT_SIZE] = SLICE_INIT("SIZE"),
	[WIRE_IMAP_SORT_SUBJECT] = SLICE_INIT("SUBJECT"),
	[WIRE_IMAP_SORT_TO] = SLICE_INIT("TO"),
};

static bool
take_key(struct wire_imap_cursor *cursor, struct wire_imap_sort *sort)
{
	if (sort->count == WIRE_IMAP_SORT_KEYS_MOST)
		return wire_imap_fail(cursor, "There are too many sort keys");
	struct wire_imap_sort_key *key = &sort->keys[sort->count++];
	key->reverse = wire_imap_maybe_word(cursor, SLICE("REVERSE"));
	if (key->reverse && !wire_imap_space(cursor))
		return false;
	for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
		if (!wire_imap_maybe_word(cursor, KEYS[i]))
			continue;
		key->kind = (enum wire_imap_sort_kind)i;
		return true;
	}
	return wire_imap_fail(cursor, "There is no such sort key");
}

static bool
take_keys(struct wire_imap_cursor *cursor, struct wire_imap_sort *sort)
{
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_key(cursor, sort))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')') && wire_imap_space(cursor);
}

/* RFC 5256 3: the charset is not to be left out. */
static bool
take_charset(struct wire_imap_cursor *cursor, struct wire_imap_search *search)
{
	return wire_imap_astring(cursor, &search->charset) && wire_imap_space(cursor);
}

/* RETURN is where RFC 5267 3 has it, or where some clients put it. */
bool
wire_imap_sort_parse(struct wire_imap_cursor *cursor, struct wire_imap_sort *sort)
{
	struct wire_imap_results *results = &sort->search.results;
	*sort = (struct wire_imap_sort){0};
	if (!wire_imap_space(cursor) || !wire_imap_results_parse(cursor, results) ||
		!take_keys(cursor, sort) || !take_charset(cursor, &sort->search))
		return false;
	if (!results->extended && !wire_imap_results_parse(cursor, results))
		return false;
	return wire_imap_search_keys_parse(cursor, &sort->search);
}

static bool
take_algorithm(struct wire_imap_cursor *cursor, struct wire_imap_thread *thread)
{
	static const struct slice names[] = {
		[WIRE_IMAP_THREAD_ORDEREDSUBJECT] = SLICE_INIT("ORDEREDSUBJECT"),
		[WIRE_IMAP_THREAD_REFERENCES] = SLICE_INIT("REFERENCES"),
		[WIRE_IMAP_THREAD_REFS] = SLICE_INIT("REFS"),
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!wire_imap_maybe_word(cursor, names[i]))
			continue;
		thread->algorithm = (enum wire_imap_thread_algorithm)i;
		return true;
	}
	return wire_imap_fail(cursor, "There is no such way to make threads");
}

bool
wire_imap_thread_parse(struct wire_imap_cursor *cursor, struct wire_imap_thread *thread)
{
	*thread = (struct wire_imap_thread){0};
	return wire_imap_space(cursor) && take_algorithm(cursor, thread) &&
	       wire_imap_space(cursor) && take_charset(cursor, &thread->search) &&
	       wire_imap_search_keys_parse(cursor, &thread->search);
}
