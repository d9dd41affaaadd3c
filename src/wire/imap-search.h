#ifndef WIRE_IMAP_SEARCH_H
#define WIRE_IMAP_SEARCH_H

#include "base/buffer.h"
#include "wire/imap-fetch.h"

/*
 * SEARCH's keys as a tree (RFC 3501 6.4.4, 5032, 5466, 6203, 7162, 8474, 8514). Keys that
 * are the absence of another come as NOT of it (UNSEEN, UNKEYWORD); NEW is AND of RECENT
 * and NOT SEEN; OLD is NOT RECENT.
 */
#define WIRE_IMAP_SEARCH_DEPTH_MOST 50
#define WIRE_IMAP_SEARCH_KEYS_MOST  2000

enum wire_imap_search_kind {
	WIRE_IMAP_SEARCH_AND,  /* children; none: ALL */
	WIRE_IMAP_SEARCH_OR,   /* two children */
	WIRE_IMAP_SEARCH_NOT,  /* one child */
	WIRE_IMAP_SEARCH_SET,  /* set: message numbers */
	WIRE_IMAP_SEARCH_UID,  /* set: UIDs */
	WIRE_IMAP_SEARCH_FLAG, /* number: one bit of wire_imap_system_flag */
	WIRE_IMAP_SEARCH_RECENT,
	WIRE_IMAP_SEARCH_KEYWORD, /* text */
	WIRE_IMAP_SEARCH_BEFORE,  /* day: internal date, its zone disregarded */
	WIRE_IMAP_SEARCH_ON,
	WIRE_IMAP_SEARCH_SINCE,
	WIRE_IMAP_SEARCH_SENT_BEFORE, /* day: Date field */
	WIRE_IMAP_SEARCH_SENT_ON,
	WIRE_IMAP_SEARCH_SENT_SINCE,
	WIRE_IMAP_SEARCH_LARGER, /* number */
	WIRE_IMAP_SEARCH_SMALLER,
	WIRE_IMAP_SEARCH_HEADER, /* field and text; BCC, CC, FROM, SUBJECT, TO come so too
				  */
	WIRE_IMAP_SEARCH_BODY,   /* text */
	WIRE_IMAP_SEARCH_TEXT,
	WIRE_IMAP_SEARCH_YOUNGER, /* number: seconds (RFC 5032) */
	WIRE_IMAP_SEARCH_OLDER,
	WIRE_IMAP_SEARCH_SAVED_BEFORE, /* day: of SAVEDATE (RFC 8514) */
	WIRE_IMAP_SEARCH_SAVED_ON,
	WIRE_IMAP_SEARCH_SAVED_SINCE,
	WIRE_IMAP_SEARCH_MODSEQ,   /* modseq: it or a later one (RFC 7162 3.1.5) */
	WIRE_IMAP_SEARCH_EMAILID,  /* text (RFC 8474 6) */
	WIRE_IMAP_SEARCH_THREADID, /* text */
	WIRE_IMAP_SEARCH_FILTER,   /* text: its name (RFC 5466 3.1) */
	WIRE_IMAP_SEARCH_FUZZY     /* one child (RFC 6203 4) */
};

struct wire_imap_search_key {
	enum wire_imap_search_kind kind;
	struct slice field;
	struct slice text; /* in the search's charset, not decoded */
	uint64_t number;
	int64_t day;
	uint64_t modseq;
	struct wire_imap_set set;
	struct wire_imap_search_key *child; /* the first */
	struct wire_imap_search_key *next;  /* among its parent's */
};

/* What a search gives back (RFC 4731, 5182, 5267, 6203, 9394): bits of RETURN's options. */
enum wire_imap_return {
	WIRE_IMAP_RETURN_MIN = 1,
	WIRE_IMAP_RETURN_MAX = 2,
	WIRE_IMAP_RETURN_ALL = 4,
	WIRE_IMAP_RETURN_COUNT = 8,
	WIRE_IMAP_RETURN_SAVE = 16,
	WIRE_IMAP_RETURN_UPDATE = 32,
	WIRE_IMAP_RETURN_CONTEXT = 64,
	WIRE_IMAP_RETURN_RELEVANCY = 128,
	WIRE_IMAP_RETURN_PARTIAL = 256
};

struct wire_imap_results {
	bool extended; /* RETURN was said: the answer is ESEARCH */
	unsigned options;
	struct wire_imap_partial window;    /* of PARTIAL */
	struct wire_imap_fetch_item *items; /* of UPDATE (RFC 5465 7) */
	size_t item_count;
};

struct wire_imap_search {
	struct wire_imap_results results;
	struct slice charset; /* absent: US-ASCII (or UTF-8 where that is agreed) */
	struct wire_imap_search_key *key; /* AND of all that was given */
	size_t keys;
	bool has_modseq; /* MODSEQ is among them */
};

/* What follows "SEARCH", from the space to the end. */
MUST_CHECK bool wire_imap_search_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_search *search);

/* "RETURN (MIN COUNT)" and the space behind it, if it is there; "RETURN ()" means ALL. */
MUST_CHECK bool wire_imap_results_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_results *results);
/* The keys alone, to the end: behind SORT's and THREAD's charset, and in a filter. */
MUST_CHECK bool wire_imap_search_keys_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_search *search);

/* Whether it names messages by their numbers, or by "$". */
bool wire_imap_search_has_numbers(const struct wire_imap_search_key *key);

/*
 * Writes the keys so that parsing them gives the same tree, without a space in front and
 * without CHARSET. Strings come as quoted or literals.
 */
bool wire_imap_search_put(struct buffer *into, const struct wire_imap_search *search);

#endif
