#ifndef POST_ATTACHED_RECORD_H
#define POST_ATTACHED_RECORD_H

#include "post/keys.h"

/*
 * The texts of attachments, as rows of an account's space. Pure.
 *
 *	'B'			how far they are read, and by which programs
 *	'B' email id		texts of one message, compressed
 *
 * A message has a row when a program was to read a part of it, also when nothing came of
 * that: what is in it is decided then, for the index and for reading without one.
 */
#define POST_ATTACHED_TEXT_MOST ((size_t)1 << 20) /* of one part; the rest is cut off */
#define POST_ATTACHED_ALL_MOST  ((size_t)2 << 20) /* of one message */

struct post_attached_text {
	uint32_t part; /* wire_mime_part.number */
	struct slice text;
};
struct post_attached {
	uint64_t missing;                 /* programs that were not installed: bits */
	struct post_attached_text *texts; /* by rising parts; only those that have some */
	size_t count;
};
bool post_attached_pack(const struct post_attached *attached, struct buffer *into);
/* Texts live in the arena. */
MUST_CHECK bool post_attached_unpack(
	struct arena *arena, struct slice value, struct post_attached *attached);

struct post_attached_state {
	uint64_t version;  /* POST_ATTACHED_VERSION */
	uint64_t programs; /* that were there: bits */
	uint64_t next;     /* emails below are decided */
	bool index_old;    /* the index knows too little of them */
};
bool post_attached_state_pack(const struct post_attached_state *state, struct buffer *into);
MUST_CHECK bool post_attached_state_unpack(
	struct slice value, struct post_attached_state *state);

struct post_key post_key_attached_state(void);

#endif
