#ifndef POST_METADATA_RECORD_H
#define POST_METADATA_RECORD_H

#include "post/metadata.h"
#include "post/turn.h"

/*
 * The row of a mailbox's annotations: all of them, sorted by post_metadata_sort, none
 * without a value. Unpacked slices point into the value; BASE_DAMAGED as in records.h.
 */
void post_metadata_sort(struct post_metadata_entry *entries, size_t count);
bool post_metadata_pack(
	const struct post_metadata_entry *entries, size_t count, struct buffer *into);
MUST_CHECK enum base_failure post_metadata_unpack(struct slice value, struct arena *arena,
	struct post_metadata_entry **entries, size_t *count);

/* In the turn: a mailbox's annotations become another's too (RFC 5464 4.1, for INBOX). */
MUST_CHECK enum base_failure post_metadata_copy(
	struct post_turn *turn, uint32_t from, uint32_t to);

#endif
