#ifndef POST_TEXT_WALK_H
#define POST_TEXT_WALK_H

#include "post/message.h"
#include "store/store.h"

/*
 * The texts of a message as a search sees them, folded, one after the other: the lines of
 * its header, then its text parts (HTML without tags) and the headers of messages inside.
 * Searching without an index and indexing both read through here, so that they see the
 * same bytes. Of attachments that programs read (attached.h) the text is as it was decided,
 * or not there.
 *
 * A long text comes in pieces that follow one another without a gap; no character is cut.
 * A piece never holds a line end. Nothing is found across two texts.
 */
enum post_text_kind { /* bits, for sets of them */
	POST_TEXT_BODY = 1,
	POST_TEXT_SUBJECT = 2,
	POST_TEXT_FROM = 4,
	POST_TEXT_TO = 8,
	POST_TEXT_CC = 16,
	POST_TEXT_OTHER = 32, /* other header fields */
	POST_TEXT_ANY = 63
};

struct post_text_piece {
	struct slice folded; /* gone after the call */
	enum post_text_kind kind;
	size_t name_length; /* of a header line: "subject: "; 0 in bodies */
	bool first;         /* of its text */
};
typedef void post_text_seen(void *argument, const struct post_text_piece *piece);

/* Of which the message's bytes are read; view may be NULL: then nothing is pinned. */
struct post_text_origin {
	struct store *store;
	struct store_space *space; /* of the account; NULL: no text of attachments */
	struct post_view *view;
	const struct post_message *message; /* must outlive the walk */
	struct slice fields;                /* all lines of its header; likewise */
};

#define POST_TEXT_PIECE  (128 * 1024) /* read at one step */
#define POST_TEXT_HEADER (256 * 1024) /* of a header inside */

/*
 * From, To, Cc and Bcc are searched as they stand, and as ENVELOPE has their addresses:
 * "anna@(work)example.org" is found by anna@example.org. Appends the addresses that the
 * folded value does not hold as they are, folded, with commas between; nothing for others.
 */
void post_text_addresses(struct slice field_name, struct slice raw, struct slice folded,
	struct arena *arena, struct buffer *into);

/* The kind of a header field's value, and of a HEADER condition. */
enum post_text_kind post_text_kind_of(struct slice field_name);

struct post_text_walk;
struct post_text_walk *post_text_walk_begin(
	const struct post_text_origin *origin, post_text_seen *seen, void *argument);
/* True while there is more, unless it failed. */
bool post_text_walk_step(struct post_text_walk *walk, enum base_failure *failure);
void post_text_walk_end(struct post_text_walk *walk); /* NULL is fine */

#endif
