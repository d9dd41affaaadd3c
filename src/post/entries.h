#ifndef POST_ENTRIES_H
#define POST_ENTRIES_H

#include "post/account-internal.h"

/*
 * Entry rows of many messages at once, read before a turn. Those that are not there are
 * passed over.
 */
struct post_kept_entry {
	uint32_t uid;
	struct post_entry_record record;
};

struct post_kept_entries {
	struct post_kept_entry *list; /* ascending */
	size_t count, room;
	struct arena *arena; /* prefixes; NULL: prefixes are not kept */
};

typedef bool post_entry_row(
	void *argument, uint32_t uid, const struct post_entry_record *entry);
/* Calls row for each of uids that has a row, until it says false. */
enum base_failure post_entries_scan(struct post_account *account, uint32_t mailbox,
	const struct post_uids *uids, post_entry_row *row, void *argument) MUST_CHECK;

/* arena NULL: without prefixes. */
enum base_failure post_entries_load(struct post_account *account, uint32_t mailbox,
	const struct post_uids *uids, struct arena *arena,
	struct post_kept_entries *entries) MUST_CHECK;
void post_entries_keep(struct post_kept_entries *entries, uint32_t uid,
	const struct post_entry_record *entry);
void post_entries_free(struct post_kept_entries *entries); /* for SCOPED */

#endif
