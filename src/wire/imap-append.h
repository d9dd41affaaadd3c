#ifndef WIRE_IMAP_APPEND_H
#define WIRE_IMAP_APPEND_H

#include "wire/imap-flags.h"
#include "wire/imap-set.h"

/*
 * APPEND (RFC 3501 6.3.11) of one or more messages (RFC 3502), each of them a literal, a
 * literal8 (RFC 3516 4.4), "UTF8 (literal8)" (RFC 9755 4) or "CATENATE (…)" of texts and
 * URLs (RFC 4469); and REPLACE (RFC 8508), which has one message.
 *
 * Texts are taken apart while the command is gathered: wire_imap_append_reached tells that
 * the literal that was announced last is such a text (take it apart) and not a name or URL
 * (keep it), and what stands before it.
 */
#define WIRE_IMAP_MESSAGES_MOST 1024
#define WIRE_IMAP_PARTS_MOST    1024

struct wire_imap_append_part {
	struct slice url; /* absent: a text that was taken apart */
	uint64_t size;    /* of the text */
};

struct wire_imap_append_message {
	struct wire_imap_flags flags;
	bool has_date;
	struct wire_date date;
	bool catenates;
	bool binary; /* a literal8 */
	bool utf8;
	struct wire_imap_append_part *parts; /* without CATENATE: one text */
	size_t part_count;
};

struct wire_imap_append {
	struct wire_imap_set replaced; /* REPLACE: one number */
	struct slice name;
	struct wire_imap_append_message *messages;
	size_t count;
	bool reached; /* private */
};

/* All of the arguments. */
MUST_CHECK bool wire_imap_append_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_append *append);
MUST_CHECK bool wire_imap_replace_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_append *append);

/*
 * While gathering; the last message has the parts before the announced text. utf8: as of
 * the cursor.
 */
bool wire_imap_append_reached(struct slice gathered, bool utf8, struct arena *scratch,
	struct wire_imap_append *append);

#endif
