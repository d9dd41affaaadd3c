#ifndef WIRE_IMAP_METADATA_H
#define WIRE_IMAP_METADATA_H

#include "base/buffer.h"
#include "wire/imap-cursor.h"

/*
 * GETMETADATA and SETMETADATA (RFC 5464 4.2, 4.3): what follows the name, from the space to
 * the end. An empty mailbox means the server. Entries' names are told apart without regard
 * to case.
 */
#define WIRE_IMAP_ENTRY_MOST    256 /* bytes of an entry's name */
#define WIRE_IMAP_METADATA_MOST 128 /* entries in a command */

/* "/private/comment": begins with one of the two scopes, parts of one byte at least. */
MUST_CHECK bool wire_imap_entry(struct wire_imap_cursor *cursor, struct slice *name);

enum wire_imap_depth { WIRE_IMAP_DEPTH_0, WIRE_IMAP_DEPTH_1, WIRE_IMAP_DEPTH_INFINITY };

/* Options may stand before the mailbox, as the grammar has it, or behind, as the examples.
 */
struct wire_imap_getmetadata {
	struct slice mailbox; /* UTF-8 */
	struct slice *entries;
	size_t count;
	bool has_depth;
	bool has_most; /* MAXSIZE */
	uint32_t most;
	enum wire_imap_depth depth;
};
MUST_CHECK bool wire_imap_getmetadata_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_getmetadata *wanted);

/* A value that is absent takes the entry away; it may hold any byte (literal8). */
struct wire_imap_entry_value {
	struct slice name, value;
};
struct wire_imap_setmetadata {
	struct slice mailbox;
	struct wire_imap_entry_value *entries;
	size_t count;
};
MUST_CHECK bool wire_imap_setmetadata_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_setmetadata *wanted);

/* A gathered text, up to a "~{n}": is it a SETMETADATA, where a literal8 may stand? */
bool wire_imap_setmetadata_reached(struct slice text);

/* Is the entry what was asked for, or so far below it (RFC 5464 4.2.2)? */
bool wire_imap_entry_matches(
	struct slice entry, struct slice wanted, enum wire_imap_depth depth);

/* NIL, or a string; as literal8 where nothing else can carry it. */
bool wire_imap_put_value(struct buffer *into, struct slice value, bool utf8);

#endif
