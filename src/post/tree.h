#ifndef POST_TREE_H
#define POST_TREE_H

#include "post/acl.h"
#include "post/mailbox.h"
#include <stdatomic.h>

/*
 * All mailboxes' names of an account: one row, one immutable counted snapshot. Sorted so
 * that INBOX is first and children follow their parent ("/" sorts before anything else).
 */
enum post_node_kind {
	POST_NODE_MAILBOX,
	POST_NODE_NAME,       /* was deleted while it had children: not selectable */
	POST_NODE_SUBSCRIBED, /* does not exist, is only subscribed */
};

struct post_node {
	struct slice name;
	uint32_t id; /* 0: no mailbox */
	uint32_t uid_validity;
	enum post_node_kind kind;
	enum post_use use;
	bool subscribed;
	uint32_t acl; /* its place in the tree's list, from 1; 0: the owner's alone */
};

struct post_tree {
	atomic_uint references;
	struct arena *arena; /* names and nodes */
	uint32_t id_next;
	uint32_t validity_last; /* UIDVALIDITY rises with every mailbox made */
	size_t count, room;
	struct post_node *nodes;
	struct post_acl *acls; /* each once, however many mailboxes have it */
	size_t acl_count;
};

/* So many mailboxes can an account have been given, faster than one a second. */
#define POST_LOST_VALIDITIES ((uint32_t)1 << 20)

#define POST_TREE_GRANTS_MOST 20000 /* of all mailboxes of an account, each list once */

struct post_tree *post_tree_create(void);
struct post_tree *post_tree_hold(struct post_tree *tree);
void post_tree_drop(struct post_tree *tree); /* NULL is fine */
void post_tree_release(struct post_tree **tree);

const struct post_node *post_tree_find(const struct post_tree *tree, struct slice name);
/*
 * By a name as a client gives it. BASE_NOT_FOUND: there is none, or it is only subscribed.
 */
MUST_CHECK enum base_failure post_tree_named(const struct post_tree *tree,
	struct arena *arena, struct slice given, const struct post_node **node);
const struct post_node *post_tree_by_id(const struct post_tree *tree, uint32_t id);
/* Is there a mailbox or a name below it; and is other below name. */
bool post_tree_has_children(const struct post_tree *tree, struct slice name);
/* As nodes stand: negative, 0, positive. */
int post_tree_order(struct slice a, struct slice b);
bool post_name_is_below(struct slice name, struct slice ancestor);

/* Changing: only a snapshot that nobody else has yet. Nodes move; names are copied. */
struct post_tree *post_tree_copy(const struct post_tree *tree);
struct post_node *post_tree_edit(struct post_tree *tree, struct slice name); /* or NULL */
struct post_node *post_tree_insert(struct post_tree *tree, const struct post_node *node);
void post_tree_remove(struct post_tree *tree, struct slice name);
/*
 * Of a mailbox that is deleted: its name, unless children or a subscription keep it, and
 * names above that only stayed for it.
 */
void post_tree_take_away(struct post_tree *tree, struct slice name);
/* Those alone, of a name that is gone already. */
void post_tree_prune_above(struct post_tree *tree, struct slice name);
/* A node for a new mailbox: the next id, and a UIDVALIDITY that no other ever had. */
struct post_node post_tree_new_mailbox(
	struct post_tree *tree, struct slice name, enum post_use use, int64_t now_ms);
/*
 * After going back to an older store (post_renew): all mailboxes get a larger UIDVALIDITY
 * than floor, and than any that the account had, or can have lost; so do those made later.
 */
void post_tree_renew(struct post_tree *tree, uint32_t floor);

/* A node's list; an empty one where it has none. */
const struct post_acl *post_tree_acl(
	const struct post_tree *tree, const struct post_node *node);
/* What an account may do with it; POST_NODE_MAILBOX alone can be shared. */
unsigned post_tree_rights(
	const struct post_tree *tree, const struct post_node *node, uint64_t who);
/* The nearest mailbox above a name, or NULL. */
const struct post_node *post_tree_above(const struct post_tree *tree, struct slice name);
/* Gives a node a list, which is copied; the tree is one that is being changed. */
void post_tree_set_acl(
	struct post_tree *tree, struct post_node *node, const struct post_acl *acl);
/* Nodes that are mailboxes. */
size_t post_tree_mailboxes(const struct post_tree *tree);
/* Grants of lists that nodes have. */
size_t post_tree_grants(const struct post_tree *tree);
/* Has who, in his own name, a right to anything. */
bool post_tree_grants_to(const struct post_tree *tree, uint64_t who);

/* Format 2 has lists of rights; a tree without any is written as format 1, as before. */
bool post_tree_pack(const struct post_tree *tree, struct buffer *into);
MUST_CHECK enum base_failure post_tree_unpack(
	struct slice value, struct post_tree **unpacked);

/*
 * A name as it is kept: INBOX in capitals, one "/" at the end forgiven. BASE_INVALID says
 * in *error what is wrong with it.
 */
MUST_CHECK enum base_failure post_name_canonical(struct arena *arena, struct slice given,
	struct slice *name, struct base_error *error);

#endif
