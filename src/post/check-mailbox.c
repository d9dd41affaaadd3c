#include "post/check.h"
#include "post/metadata-record.h"
#include "post/uids-internal.h"

struct checked_mailbox {
	struct post_checking *checking;
	const struct post_node *node;
	struct post_view *view;
	struct post_uids *hidden;  /* expunged, not purged */
	struct post_uids *missing; /* shown, no entry seen yet */
	uint64_t bytes;
	bool doomed;
};

static void
add_email(struct post_checking *checking, uint64_t email)
{
	if (checking->emails_count == checking->emails_room) {
		checking->emails_room =
			checking->emails_room ? checking->emails_room * 2 : 1024;
		checking->emails = reallocarray(
			checking->emails, checking->emails_room, sizeof *checking->emails);
		ASSERT(checking->emails);
	}
	checking->emails[checking->emails_count++] = email;
}

static bool
entry_row(void *argument, struct slice key, struct slice value)
{
	struct checked_mailbox *mailbox = argument;
	struct post_entry_record entry;
	uint32_t id, uid;
	if (!post_key_take_entry(key, &id, &uid) || post_entry_unpack(value, &entry)) {
		post_check_problem(mailbox->checking,
			"mailbox %u has an entry that can't be read", id);
		return true;
	}
	add_email(mailbox->checking, entry.email);
	if (mailbox->doomed)
		return true;
	if (post_uids_has(mailbox->view->uids, uid)) {
		post_uids_remove(mailbox->missing, uid);
		mailbox->bytes += entry.size;
	} else if (!post_uids_has(mailbox->hidden, uid)) {
		post_check_problem(mailbox->checking,
			"%.*s: UID %u has an entry but is neither shown nor expunged",
			SLICE_ARG(mailbox->node->name), uid);
	}
	return true;
}

static enum base_failure
scan_entries(struct checked_mailbox *mailbox, uint32_t id)
{
	struct post_key from = post_key_of_mailbox(POST_KEY_OF_ENTRY, id);
	struct post_key until = post_key_after_mailbox(POST_KEY_OF_ENTRY, id);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return store_scan(
		mailbox->checking->account->space, &range, entry_row, mailbox, NULL);
}

static bool
hidden_row(void *argument, struct slice key, struct slice value)
{
	struct checked_mailbox *mailbox = argument;
	uint64_t due, modseq;
	uint32_t id;
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	if (!post_key_take_expunged(key, &due, &id, &modseq) ||
		post_expunged_unpack(value, &expunged))
		post_check_problem(
			mailbox->checking, "a row of expunged messages can't be read");
	else if (id == mailbox->node->id)
		post_uids_or(mailbox->hidden, expunged.uids);
	return true;
}

static enum base_failure
scan_hidden(struct checked_mailbox *mailbox)
{
	struct post_key from = post_key_of_row(POST_KEY_OF_EXPUNGED);
	struct post_key until = post_key_after_row(POST_KEY_OF_EXPUNGED);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return store_scan(
		mailbox->checking->account->space, &range, hidden_row, mailbox, NULL);
}

static void
compare(const struct checked_mailbox *mailbox, const char *what, uint64_t head,
	uint64_t found)
{
	if (head != found)
		post_check_problem(mailbox->checking,
			"%.*s: the head says %llu %s, its records say %llu",
			SLICE_ARG(mailbox->node->name), (unsigned long long)head, what,
			(unsigned long long)found);
}

static uint32_t
count_of(const struct post_view *view, unsigned flag)
{
	const struct post_uids *uids = post_view_flagged(view, flag);
	return uids ? post_uids_count(uids) : 0;
}

static void
compare_head(const struct checked_mailbox *mailbox, const struct post_head *head)
{
	const struct post_view *view = mailbox->view;
	uint32_t messages = post_uids_count(view->uids);
	compare(mailbox, "as the highest modseq", head->modseq, view->modseq);
	compare(mailbox, "as the next UID", head->uid_next, view->uid_next);
	compare(mailbox, "messages", head->messages, messages);
	compare(mailbox, "unseen", head->unseen, messages - count_of(view, POST_SEEN));
	compare(mailbox, "deleted", head->deleted, count_of(view, POST_DELETED));
	compare(mailbox, "recent", head->recent,
		roaring_bitmap_range_cardinality(
			view->uids->bitmap, head->recent_first, (uint64_t)UINT32_MAX + 1));
	compare(mailbox, "bytes", head->bytes, mailbox->bytes);
}

static void
check_flags_are_shown(const struct checked_mailbox *mailbox)
{
	const struct post_view *view = mailbox->view;
	for (unsigned i = 0; i < view->numbers; i++)
		if (view->flagged[i] && !roaring_bitmap_is_subset(view->flagged[i]->bitmap,
						view->uids->bitmap))
			post_check_problem(mailbox->checking,
				"%.*s: a flag is set on messages that are not there",
				SLICE_ARG(mailbox->node->name));
}

static enum base_failure
check_loaded(struct checked_mailbox *mailbox, const struct post_head *head)
{
	struct post_checking *checking = mailbox->checking;
	mailbox->hidden = post_uids_create();
	mailbox->missing = post_uids_copy(mailbox->view->uids);
	enum base_failure failure = scan_hidden(mailbox);
	if (!failure)
		failure = scan_entries(mailbox, mailbox->node->id);
	if (!failure) {
		compare_head(mailbox, head);
		check_flags_are_shown(mailbox);
		if (!post_uids_empty(mailbox->missing))
			post_check_problem(checking, "%.*s: %u messages have no entry",
				SLICE_ARG(mailbox->node->name),
				post_uids_count(mailbox->missing));
		checking->messages += head->messages;
		checking->bytes += head->bytes;
		checking->verdict.mailboxes++;
		checking->verdict.messages += head->messages;
	}
	post_uids_destroy(mailbox->hidden);
	post_uids_destroy(mailbox->missing);
	return failure;
}

static enum base_failure
check_mailbox(struct post_checking *checking, const struct post_node *node)
{
	struct post_head head;
	struct checked_mailbox mailbox = {.checking = checking, .node = node};
	enum base_failure failure =
		post_mailbox_load(checking->account, node->id, &head, &mailbox.view);
	if (failure == BASE_DAMAGED || failure == BASE_NOT_FOUND) {
		post_check_problem(checking, "%.*s: image and feed can't be read",
			SLICE_ARG(node->name));
		return scan_entries(
			&(struct checked_mailbox){.checking = checking, .doomed = true},
			node->id);
	}
	if (failure)
		return failure;
	failure = check_loaded(&mailbox, &head);
	post_view_let(mailbox.view);
	return failure;
}

/* Deleted, not purged: its entries hold contents still. */
static bool
doomed_row(void *argument, struct slice key, struct slice value)
{
	struct post_checking *checking = argument;
	struct checked_mailbox mailbox = {.checking = checking, .doomed = true};
	uint32_t id;
	(void)value;
	if (!post_key_take_mailbox(key, &id) || scan_entries(&mailbox, id))
		post_check_problem(checking, "a deleted mailbox can't be read");
	return true;
}

static enum base_failure
check_doomed(struct post_checking *checking)
{
	struct post_key from = post_key_of_row(POST_KEY_OF_DOOMED);
	struct post_key until = post_key_after_row(POST_KEY_OF_DOOMED);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return store_scan(checking->account->space, &range, doomed_row, checking, NULL);
}

/* --- annotations -----------------------------------------------------------------------
 */

struct checked_metadata {
	struct post_checking *checking;
	const struct post_tree *tree;
};

static bool
metadata_row(void *argument, struct slice key, struct slice value)
{
	const struct checked_metadata *checked = argument;
	struct post_metadata_entry *entries;
	size_t count;
	uint32_t id;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (!post_key_take_mailbox(key, &id) ||
		post_metadata_unpack(value, arena, &entries, &count))
		post_check_problem(checked->checking, "annotations can't be read");
	else if (id && !post_tree_by_id(checked->tree, id))
		post_check_problem(checked->checking,
			"annotations of a mailbox %u that is not there", id);
	return true;
}

static enum base_failure
check_metadata(struct post_checking *checking, const struct post_tree *tree)
{
	struct checked_metadata checked = {checking, tree};
	struct post_key from = post_key_of_row(POST_KEY_OF_METADATA);
	struct post_key until = post_key_after_row(POST_KEY_OF_METADATA);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	return store_scan(checking->account->space, &range, metadata_row, &checked, NULL);
}

static enum base_failure
check_ledger(struct post_checking *checking)
{
	struct post_usage usage;
	enum base_failure failure = post_space_usage(checking->account->space, &usage);
	if (failure)
		return failure;
	if (usage.bytes != checking->bytes || usage.messages != checking->messages)
		post_check_problem(checking,
			"the ledger says %llu messages of %llu bytes, mailboxes %llu of "
			"%llu",
			(unsigned long long)usage.messages, (unsigned long long)usage.bytes,
			(unsigned long long)checking->messages,
			(unsigned long long)checking->bytes);
	return BASE_OK;
}

enum base_failure
post_check_mailboxes(struct post_checking *checking)
{
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	enum base_failure failure = post_account_tree(checking->account, &tree);
	if (failure) {
		post_check_problem(checking, "the list of mailboxes can't be read");
		return failure == BASE_DAMAGED ? BASE_OK : failure;
	}
	for (size_t i = 0; i < tree->count && !failure; i++)
		if (tree->nodes[i].kind == POST_NODE_MAILBOX)
			failure = check_mailbox(checking, &tree->nodes[i]);
	if (!failure)
		failure = check_doomed(checking);
	if (!failure)
		failure = check_metadata(checking, tree);
	return failure ? failure : check_ledger(checking);
}
