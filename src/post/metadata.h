#ifndef POST_METADATA_H
#define POST_METADATA_H

#include "post/mailbox.h"

/*
 * Annotations (RFC 5464): named values of a mailbox, or of the account where the mailbox's
 * name is empty. They stay with the mailbox when it is renamed and go when it is deleted.
 * Names are told apart without regard to ASCII case and keep the spelling of their first
 * use. What names and values mean belongs to who asks; but what a mailbox is for (RFC 6154
 * 4) stands with the mailbox, and is changed here so that one commit does it all.
 */
#define POST_METADATA_VALUE_MOST   16384 /* bytes of a value */
#define POST_METADATA_ENTRIES_MOST 100   /* of one mailbox, or of the account */
#define POST_METADATA_BYTES_MOST   32768 /* of all of them, names and values */

struct post_metadata_entry {
	struct slice name, value; /* value absent: there is none */
};

/* Durable, by name, in the arena. BASE_NOT_FOUND: no such mailbox. */
enum base_failure post_metadata_read(struct post_account *account, struct slice mailbox,
	struct arena *arena, struct post_metadata_entry **entries,
	size_t *count) MUST_CHECK;

/* All or nothing. An entry without a value is taken away. */
struct post_metadata_change {
	const struct post_metadata_entry *entries;
	size_t count;
	/* Names that begin so may have half of the room, and no more; empty: no such. */
	struct slice halved;
	bool sets_use; /* the mailbox is for that from now on, and no other */
	enum post_use use;
	uint64_t serial; /* out: of this change in the account's news (news.h) */
};
/* NULL with *error: BASE_TOO_LARGE (too many), BASE_NOT_FOUND, as in change.h. */
struct base_ticket *post_metadata_set(struct post_account *account, struct slice mailbox,
	struct post_metadata_change *change, struct base_error *error);

#endif
