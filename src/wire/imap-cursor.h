#ifndef WIRE_IMAP_CURSOR_H
#define WIRE_IMAP_CURSOR_H

#include "base/arena.h"
#include "wire/date.h"

/*
 * Reads a gathered IMAP command from left to right (RFC 3501 9, RFC 4466 2). Each function
 * takes one piece of grammar; on anything else it returns false and error says, for the
 * tagged BAD, what was expected. A cursor that has an error stays so: later calls fail too,
 * and keep the first message. Keywords compare without regard to case.
 *
 * Results live in the arena or point into the text; both must outlive them. When the arena
 * is full the error says so. utf8 means that mailbox names are UTF-8 (UTF8=ACCEPT,
 * IMAP4rev2); without it they are modified UTF-7.
 */
struct wire_imap_cursor {
	struct slice rest;
	struct arena *arena;
	const char *error;
	bool utf8;
	bool cannot; /* as it is well written, but no mailbox can be named so: tagged NO */
};

#define WIRE_IMAP_TAG_MOST 128

struct wire_imap_cursor wire_imap_cursor_over(struct slice text, struct arena *arena);
bool wire_imap_fail(struct wire_imap_cursor *cursor, const char *error); /* false */
void *wire_imap_take(struct wire_imap_cursor *cursor, size_t count, size_t size);

/*
 * For arrays that grow by one element at a time: the array, moved when it is full, with
 * room for one more than count. Begin with NULL and 0. NULL, with an error, when the arena
 * is full.
 */
void *wire_imap_room(
	struct wire_imap_cursor *cursor, void *array, size_t count, size_t size);

/*
 * A command is wire_imap_tag, which takes the space behind it too, a word, and then what
 * the word's own parser takes, from the space on. Behind the word UID comes a space and one
 * more.
 */
MUST_CHECK bool wire_imap_tag(struct wire_imap_cursor *cursor, struct slice *tag);
MUST_CHECK bool wire_imap_word(struct wire_imap_cursor *cursor, struct slice *word);

/* Single bytes and the end, before which blanks are borne. */
char wire_imap_peek(const struct wire_imap_cursor *cursor); /* 0 at the end */
bool wire_imap_maybe(struct wire_imap_cursor *cursor, char byte);
MUST_CHECK bool wire_imap_byte(struct wire_imap_cursor *cursor, char byte);
MUST_CHECK bool wire_imap_space(struct wire_imap_cursor *cursor);
MUST_CHECK bool wire_imap_end(struct wire_imap_cursor *cursor);
bool wire_imap_maybe_word(struct wire_imap_cursor *cursor, struct slice word);

/*
 * Strings. An nstring that is NIL is absent. Quoted strings and literals may hold 8-bit
 * bytes in any charset, as clients do send them; never NUL.
 */
MUST_CHECK bool wire_imap_atom(struct wire_imap_cursor *cursor, struct slice *atom);
MUST_CHECK bool wire_imap_string(struct wire_imap_cursor *cursor, struct slice *text);
MUST_CHECK bool wire_imap_astring(struct wire_imap_cursor *cursor, struct slice *text);
MUST_CHECK bool wire_imap_nstring(struct wire_imap_cursor *cursor, struct slice *text);
MUST_CHECK bool wire_imap_list_string(struct wire_imap_cursor *cursor, struct slice *text);

/* "~{n}" and its octets, NUL among them (RFC 3516 4.4). */
MUST_CHECK bool wire_imap_literal8(struct wire_imap_cursor *cursor, struct slice *octets);

/* A mailbox name as UTF-8; INBOX in any case comes as "INBOX". */
MUST_CHECK bool wire_imap_mailbox(struct wire_imap_cursor *cursor, struct slice *name);
/* A name with LIST's wildcards, as UTF-8 (list-mailbox). */
MUST_CHECK bool wire_imap_list_mailbox(
	struct wire_imap_cursor *cursor, struct slice *pattern);

MUST_CHECK bool wire_imap_number(struct wire_imap_cursor *cursor, uint32_t *number);
MUST_CHECK bool wire_imap_nz_number(struct wire_imap_cursor *cursor, uint32_t *number);
MUST_CHECK bool wire_imap_number64(struct wire_imap_cursor *cursor, uint64_t *number);

/* The place of a literal that was taken apart (wire_imap_gather_apart). */
MUST_CHECK bool wire_imap_literal_apart(struct wire_imap_cursor *cursor, uint64_t *size);

/* "1-Feb-1994", quoted or not, as wire_date_day counts. */
MUST_CHECK bool wire_imap_date(struct wire_imap_cursor *cursor, int64_t *day);

/* "\" 1-Feb-1994 21:52:25 -0800\"" with its quotes. */
MUST_CHECK bool wire_imap_date_time(
	struct wire_imap_cursor *cursor, struct wire_date *moment);

#endif
