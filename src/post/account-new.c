#include "post/account-internal.h"

/* The rows of a new account. */

static const struct {
	struct slice name;
	enum post_use use;
} first_mailboxes[] = {
	{SLICE_INIT("INBOX"), POST_USE_NONE},
	{SLICE_INIT("Archive"), POST_USE_ARCHIVE},
	{SLICE_INIT("Drafts"), POST_USE_DRAFTS},
	{SLICE_INIT("Junk"), POST_USE_JUNK},
	{SLICE_INIT("Sent"), POST_USE_SENT},
	{SLICE_INIT("Trash"), POST_USE_TRASH},
};

static void
put(struct store_turn *turn, struct post_key key, struct buffer *value)
{
	ASSERT(!buffer_failed(value));
	store_put(turn, post_key_slice(&key), buffer_slice(value));
	buffer_clear(value);
}

void
post_account_populate(struct post *post, struct store_turn *turn)
{
	struct post_ledger ledger = {.email_next = 1};
	struct post_head head = post_head_new();
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	SCOPED(post_tree_release) struct post_tree *tree = post_tree_create();
	/* An account of the same name, or with the same id, may have been lost. */
	tree->validity_last = post_validity_floor(post);
	for (size_t i = 0; i < sizeof first_mailboxes / sizeof *first_mailboxes; i++) {
		struct post_node node = post_tree_new_mailbox(tree, first_mailboxes[i].name,
			first_mailboxes[i].use, base_clock_wall_ms(post->clock));
		node.subscribed = true;
		post_tree_insert(tree, &node);
		post_head_pack(&head, &value);
		put(turn, post_key_head(node.id), &value);
	}
	ASSERT(post_tree_find(tree, SLICE("INBOX"))->id == POST_INBOX_ID);
	post_tree_pack(tree, &value);
	put(turn, post_key_tree(), &value);
	post_ledger_pack(&ledger, &value);
	put(turn, post_key_ledger(), &value);
}

int64_t
post_now_ms(const struct post *post)
{
	return base_clock_wall_ms(post->clock);
}

enum base_failure
post_account_quota(struct post_account *account, struct post_quota *quota)
{
	struct post_account_limits limits = {0};
	enum base_failure failure =
		post_directory_limits(account->post, account->id, &limits);
	*quota = limits.quota;
	if (failure)
		return failure;
	return limits.enabled ? BASE_OK : BASE_DENIED;
}

enum base_failure
post_space_usage(struct store_space *space, struct post_usage *usage)
{
	struct slice value;
	struct post_ledger ledger;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_ledger();
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	*usage = (struct post_usage){0};
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	failure = post_ledger_unpack(value, &ledger);
	if (!failure)
		*usage = (struct post_usage){ledger.bytes, ledger.messages};
	return failure;
}

enum base_failure
post_account_usage(struct post *post, uint64_t id, struct post_usage *usage)
{
	struct store_space *space = store_space_open(post->store, id);
	enum base_failure failure = post_space_usage(space, usage);
	store_space_close(space);
	return failure;
}
