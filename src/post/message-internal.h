#ifndef POST_MESSAGE_INTERNAL_H
#define POST_MESSAGE_INTERNAL_H

#include "post/message.h"
#include "post/records.h"
#include "store/store.h"

/*
 * A message from its two records, without a view: for what reads beside the sessions. Who
 * reads so sees to it that the message is not purged meanwhile.
 */
enum base_failure post_message_of_records(uint32_t uid,
	const struct post_entry_record *entry, const struct post_content_record *content,
	enum post_depth depth, struct arena *arena,
	struct post_message *message) MUST_CHECK;

/* BASE_DAMAGED: there is none. Slices live in the arena. */
enum base_failure post_message_content(const struct post_view *view, uint64_t email,
	struct arena *arena, struct post_content_record *content) MUST_CHECK;

/* As post_message_source and post_message_bytes; view NULL: nothing is pinned. */
enum base_failure post_message_open(struct store *store, struct post_view *view,
	const struct post_message *message, uint64_t offset, uint64_t length,
	struct base_source **source) MUST_CHECK;
enum base_failure post_message_copy(struct store *store, struct post_view *view,
	const struct post_message *message, uint64_t offset, uint64_t length,
	struct arena *arena, size_t ceiling, struct slice *bytes) MUST_CHECK;

/* All header lines: what stands in front, then the blob's, from the record or the blob. */
#define POST_FIELDS_MOST (256 * 1024) /* read from the blob */
enum base_failure post_message_fields(struct store *store, struct post_view *view,
	const struct post_message *message, struct arena *arena,
	struct slice *fields) MUST_CHECK;

#endif
