#ifndef POST_NAMES_H
#define POST_NAMES_H

#include "post/mailbox.h"

/*
 * The names of an account's mailboxes as they were at a moment: a counted snapshot that
 * costs nothing while nothing changes. Two of them are compared.
 */
struct post_tree;

/* Durable; give it to post_names_drop. */
enum base_failure post_names_now(
	struct post_account *account, struct post_tree **names) MUST_CHECK;
struct post_tree *post_names_hold(struct post_tree *names);
void post_names_drop(struct post_tree *names); /* NULL is fine */

/* By name: NODE_NAMEs are not selectable, what is only subscribed is not found. */
bool post_names_find(const struct post_tree *names, struct slice name, struct arena *arena,
	struct post_mailbox_info *info);
bool post_names_by_id(const struct post_tree *names, uint64_t id, struct arena *arena,
	struct post_mailbox_info *info);
bool post_names_subscribed(const struct post_tree *names, struct slice name);

enum post_name_event {
	POST_NAME_CREATED = 1,
	POST_NAME_DELETED = 2,
	POST_NAME_RENAMED = 4,     /* from old_name */
	POST_NAME_SUBSCRIBED = 8,  /* or not any more */
	POST_NAME_RENEWED = 16,    /* with CREATED: another mailbox had that name */
	POST_NAME_WITH_PARENT = 32 /* with RENAMED: what stands above it was */
};
struct post_name_change {
	unsigned events; /* of enum post_name_event */
	struct slice name, old_name;
};
/* In the order of the new names, then those that are gone; in the arena. */
size_t post_names_compare(const struct post_tree *before, const struct post_tree *after,
	struct arena *arena, struct post_name_change **changes);

#endif
