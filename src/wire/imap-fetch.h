#ifndef WIRE_IMAP_FETCH_H
#define WIRE_IMAP_FETCH_H

#include "base/buffer.h"
#include "wire/imap-partial.h"
#include "wire/imap-set.h"

/* What FETCH asks for (RFC 3501 6.4.5, 3516, 7162, 8474, 8514, 8970). Macros come taken
 * apart, in the order RFC gives. */
#define WIRE_IMAP_FETCH_ITEMS_MOST  256
#define WIRE_IMAP_FETCH_FIELDS_MOST 512 /* in one HEADER.FIELDS */

enum wire_imap_fetch_kind {
	WIRE_IMAP_FETCH_FLAGS,
	WIRE_IMAP_FETCH_UID,
	WIRE_IMAP_FETCH_INTERNALDATE,
	WIRE_IMAP_FETCH_ENVELOPE,
	WIRE_IMAP_FETCH_BODYSTRUCTURE,
	WIRE_IMAP_FETCH_BODY, /* "BODY" without brackets: structure without extensions */
	WIRE_IMAP_FETCH_RFC822,
	WIRE_IMAP_FETCH_RFC822_HEADER,
	WIRE_IMAP_FETCH_RFC822_SIZE,
	WIRE_IMAP_FETCH_RFC822_TEXT,
	WIRE_IMAP_FETCH_MODSEQ,
	WIRE_IMAP_FETCH_EMAILID,
	WIRE_IMAP_FETCH_THREADID,
	WIRE_IMAP_FETCH_SAVEDATE,
	WIRE_IMAP_FETCH_PREVIEW,     /* lazy or not: it is always at hand */
	WIRE_IMAP_FETCH_BINARY_SIZE, /* BINARY.SIZE[1.2] */
	WIRE_IMAP_FETCH_BINARY,      /* BINARY[1.2] and BINARY.PEEK[1.2] */
	WIRE_IMAP_FETCH_SECTION      /* BODY[…] and BODY.PEEK[…] */
};
#define WIRE_IMAP_FETCH_KINDS (WIRE_IMAP_FETCH_SECTION + 1)

#define WIRE_IMAP_PART_DEPTH_MOST 100 /* numbers in "1.2.3"; a longer path is an error */

enum wire_imap_section_text {
	WIRE_IMAP_SECTION_WHOLE, /* "BODY[]", "BODY[1.2]" */
	WIRE_IMAP_SECTION_HEADER,
	WIRE_IMAP_SECTION_FIELDS,
	WIRE_IMAP_SECTION_FIELDS_NOT,
	WIRE_IMAP_SECTION_TEXT,
	WIRE_IMAP_SECTION_MIME /* only after a part number */
};

struct wire_imap_section {
	uint32_t *part; /* {1, 2, 3} of "1.2.3" */
	size_t part_count;
	enum wire_imap_section_text text;
	struct slice *fields;
	size_t field_count;
};

struct wire_imap_fetch_item {
	enum wire_imap_fetch_kind kind;
	struct wire_imap_section section; /* of SECTION, BINARY…; for wire_section_find */
	bool peek;                        /* leaves \Seen alone */
	bool partial;
	uint64_t offset, length; /* "<offset.length>"; length is not 0; "<offset>": all */
};

struct wire_imap_fetch {
	struct wire_imap_set set;
	struct wire_imap_fetch_item *items;
	size_t count;
	/* Modifiers: RFC 7162 3.1.4, 3.2.6; RFC 9394 3.3. */
	bool changed_since, vanished, partial;
	uint64_t since;
	struct wire_imap_partial window;
};

/* What follows "FETCH", from the space to the end. */
MUST_CHECK bool wire_imap_fetch_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch);

/* "(UID FLAGS)", with its parentheses (RFC 5465 8): no set, no macro. */
MUST_CHECK bool wire_imap_fetch_items_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_fetch *fetch);

/* Copies that outlive the command. */
struct wire_imap_fetch_item *wire_imap_fetch_items_copy(
	struct arena *arena, const struct wire_imap_fetch_item *items, size_t count);

/* What stands between the brackets. */
MUST_CHECK bool wire_imap_section_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_section *section);
bool wire_imap_section_put(struct buffer *into, const struct wire_imap_section *section);

/* Answering marks the message \Seen (RFC822, RFC822.TEXT, BODY[…] without PEEK). */
bool wire_imap_fetch_item_marks_seen(const struct wire_imap_fetch_item *item);

/*
 * Writes the item's name as a response has it: "BODY[HEADER.FIELDS (DATE)]<0>"; PEEK and
 * the length are left out (RFC 3501 7.4.2).
 */
bool wire_imap_fetch_item_put(struct buffer *into, const struct wire_imap_fetch_item *item);

#endif
