#ifndef POST_MESSAGE_H
#define POST_MESSAGE_H

#include "base/base.h"
#include "post/view.h"
#include "wire/mime.h"

/*
 * A stored message, opened by its UID in a view. A message is prefix ‖ trace ‖ blob: the
 * prefix is this recipient's (Return-Path, Delivered-To), the trace this message's
 * (Received, Authentication-Results), the blob the original. Sizes and offsets count all
 * three, as POP3, IMAP and export show it.
 *
 * Everything but the body comes from two small records; the blob is not touched until
 * body bytes are asked for.
 */
struct post_message {
	uint32_t uid;
	uint64_t email_id;
	int64_t internal_date; /* seconds since 1970 UTC */
	int zone;              /* that it was given in, minutes east of UTC */
	int64_t save_date;     /* when it came into this mailbox */
	uint64_t size;         /* of all three parts, in octets */
	struct slice head; /* prefix ‖ trace: header lines that stand before the blob's */
	struct slice
		header; /* the blob's header block, or SLICE_NONE if over 64 KiB: read it */
	struct slice envelope;       /* IMAP ENVELOPE, rendered, with parentheses */
	struct slice body;           /* IMAP BODY */
	struct slice body_structure; /* IMAP BODYSTRUCTURE */
	struct slice preview;        /* UTF-8, at most 256 characters */
	/* Offsets, size and lines count prefix and trace; envelopes are not kept. */
	const struct wire_message *structure;
	uint8_t blob[BASE_SHA256_SIZE]; /* for message's own functions */
};

/* The records of one message; slices live in the arena. BASE_NOT_FOUND: not in the view. */
enum base_failure post_message_read(const struct post_view *view, uint32_t uid,
	struct arena *arena, struct post_message *message) MUST_CHECK;

/*
 * Those of uids that are in the view, in ascending order, until seen says false: for many
 * a small part of what reading each costs. The arena is of one message, and reset after
 * each; slices are gone then. One that can't be read is left out, and the first failure
 * is the result.
 */
enum post_depth {
	POST_RENDERED, /* head and structure are not filled */
	POST_WHOLE
};
typedef bool post_message_seen(void *argument, const struct post_message *message);
enum base_failure post_messages_read(const struct post_view *view,
	const struct post_uids *uids, enum post_depth depth, struct arena *arena,
	post_message_seen *seen, void *argument) MUST_CHECK;

/*
 * Which conversation it is of, by its header (thread-id.c): the same number for a letter
 * and its answers. A header that is not in the record makes it one of its own.
 */
uint64_t post_message_thread(const struct post_message *message);

/* Only what the entry says (uid, ids, dates, size), without the content record: for many.
 */
struct post_entry {
	uint32_t uid;
	uint64_t email_id;
	int64_t internal_date, save_date;
	uint64_t size;
	int zone; /* of the internal date */
};
typedef bool post_entry_seen(void *argument, const struct post_entry *entry);
enum base_failure post_entries_read(const struct post_view *view,
	const struct post_uids *uids, post_entry_seen *seen, void *argument) MUST_CHECK;

/*
 * The bytes of a range, streamed: for FETCH literals, RETR, export. The source holds what
 * it needs (pins), not the message. Range past the end is cut.
 */
enum base_failure post_message_source(const struct post_view *view,
	const struct post_message *message, uint64_t offset, uint64_t length,
	struct base_source **source) MUST_CHECK;

/* The bytes of a range in memory, at most ceiling; BASE_TOO_LARGE beyond. */
enum base_failure post_message_bytes(const struct post_view *view,
	const struct post_message *message, uint64_t offset, uint64_t length,
	struct arena *arena, size_t ceiling, struct slice *bytes) MUST_CHECK;

#endif
