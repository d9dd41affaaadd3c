#ifndef WIRE_IMAP_SORT_H
#define WIRE_IMAP_SORT_H

#include "wire/imap-search.h"

/*
 * SORT and THREAD (RFC 5256 3), DISPLAYFROM and DISPLAYTO (RFC 5957), RELEVANCY (RFC 6203
 * 6), RETURN before the criteria or behind the charset (RFC 5267 3).
 */
#define WIRE_IMAP_SORT_KEYS_MOST 32

enum wire_imap_sort_kind {
	WIRE_IMAP_SORT_ARRIVAL,
	WIRE_IMAP_SORT_CC,
	WIRE_IMAP_SORT_DATE,
	WIRE_IMAP_SORT_DISPLAYFROM,
	WIRE_IMAP_SORT_DISPLAYTO,
	WIRE_IMAP_SORT_FROM,
	WIRE_IMAP_SORT_RELEVANCY,
	WIRE_IMAP_SORT_SIZE,
	WIRE_IMAP_SORT_SUBJECT,
	WIRE_IMAP_SORT_TO
};

struct wire_imap_sort_key {
	enum wire_imap_sort_kind kind;
	bool reverse;
};

struct wire_imap_sort {
	struct wire_imap_sort_key keys[WIRE_IMAP_SORT_KEYS_MOST];
	size_t count;
	struct wire_imap_search search; /* with its charset and results */
};
MUST_CHECK bool wire_imap_sort_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_sort *sort);

enum wire_imap_thread_algorithm {
	WIRE_IMAP_THREAD_ORDEREDSUBJECT,
	WIRE_IMAP_THREAD_REFERENCES,
	WIRE_IMAP_THREAD_REFS /* references alone, newest thread last */
};

struct wire_imap_thread {
	enum wire_imap_thread_algorithm algorithm;
	struct wire_imap_search search;
};
MUST_CHECK bool wire_imap_thread_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_thread *thread);

#endif
