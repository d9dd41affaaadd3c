#include "post/mailbox-change.h"
#include "post/metadata-record.h"

/* The mailbox "": the account's own, under an id that no mailbox has. */
#define OF_THE_ACCOUNT 0

static enum base_failure
id_of(const struct post_tree *tree, struct arena *arena, struct slice given, uint32_t *id)
{
	const struct post_node *node;
	*id = OF_THE_ACCOUNT;
	if (slice_empty(given))
		return BASE_OK;
	enum base_failure failure = post_tree_named(tree, arena, given, &node);
	if (failure)
		return failure;
	*id = node->id;
	return node->id ? BASE_OK : BASE_DENIED;
}

enum base_failure
post_metadata_read(struct post_account *account, struct slice mailbox, struct arena *arena,
	struct post_metadata_entry **entries, size_t *count)
{
	uint32_t id;
	struct slice value;
	SCOPED(post_tree_release) struct post_tree *tree = NULL;
	*entries = NULL;
	*count = 0;
	enum base_failure failure = post_account_tree(account, &tree);
	failure = failure ? failure : id_of(tree, arena, mailbox, &id);
	/* A name that stays for what is below it has none. */
	if (failure)
		return failure == BASE_DENIED ? BASE_OK : failure;
	struct post_key row = post_key_of_mailbox(POST_KEY_OF_METADATA, id);
	failure = store_get(account->space, post_key_slice(&row), arena, &value);
	if (failure == BASE_NOT_FOUND)
		return BASE_OK;
	return failure ? failure : post_metadata_unpack(value, arena, entries, count);
}

/* --- changing --------------------------------------------------------------------------
 */

static struct post_metadata_entry *
find(struct post_metadata_entry *entries, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(entries[i].name, name))
			return &entries[i];
	return NULL;
}

/* Those that lose their value stay in the array, without one. */
static size_t
apply(struct post_metadata_entry *entries, size_t count,
	const struct post_metadata_change *change)
{
	for (size_t i = 0; i < change->count; i++) {
		struct post_metadata_entry *known =
			find(entries, count, change->entries[i].name);
		if (known)
			known->value = change->entries[i].value;
		else
			entries[count++] = change->entries[i];
	}
	return count;
}

static size_t
drop_empty(struct post_metadata_entry *entries, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (!slice_absent(entries[i].value))
			entries[kept++] = entries[i];
	return kept;
}

/* Whether those that begin so have a part of the room at most. */
static bool
fits(const struct post_metadata_entry *entries, size_t count, struct slice prefix,
	size_t part)
{
	size_t bytes = 0, many = 0;
	for (size_t i = 0; i < count; i++) {
		if (!slice_starts(entries[i].name, prefix))
			continue;
		bytes += entries[i].name.length + entries[i].value.length;
		many++;
	}
	return many <= POST_METADATA_ENTRIES_MOST / part &&
	       bytes <= POST_METADATA_BYTES_MOST / part;
}

static enum base_failure
read_in_turn(struct post_turn *turn, const struct post_key *row, size_t more,
	struct post_metadata_entry **entries, size_t *count)
{
	struct slice value;
	struct post_metadata_entry *known = NULL;
	*count = 0;
	enum base_failure failure =
		store_turn_get(turn->turn, post_key_slice(row), turn->arena, &value);
	if (!failure)
		failure = post_metadata_unpack(value, turn->arena, &known, count);
	if (failure && failure != BASE_NOT_FOUND)
		return failure;
	*entries = ARENA_MANY(turn->arena, struct post_metadata_entry, *count + more);
	if (*count)
		memcpy(*entries, known, *count * sizeof *known);
	return BASE_OK;
}

static void
put_row(struct post_turn *turn, const struct post_key *row,
	const struct post_metadata_entry *entries, size_t count)
{
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	if (!count) {
		store_delete(turn->turn, post_key_slice(row));
		return;
	}
	post_metadata_pack(entries, count, &value);
	post_turn_put(turn, row, &value);
}

static enum base_failure
set_entries(struct post_turn *turn, uint32_t id, const struct post_metadata_change *change,
	struct base_error *error)
{
	struct post_metadata_entry *entries;
	size_t count;
	struct post_key row = post_key_of_mailbox(POST_KEY_OF_METADATA, id);
	enum base_failure failure =
		read_in_turn(turn, &row, change->count, &entries, &count);
	if (failure)
		return base_fail(error, failure, "the annotations can't be read");
	count = drop_empty(entries, apply(entries, count, change));
	if (!fits(entries, count, SLICE(""), 1) ||
		(!slice_empty(change->halved) && !fits(entries, count, change->halved, 2)))
		return base_fail(error, BASE_TOO_LARGE, "there are too many annotations");
	post_metadata_sort(entries, count);
	put_row(turn, &row, entries, count);
	return BASE_OK;
}

/* RFC 6154 4: no two mailboxes are for the same by this. */
static void
set_use(struct post_tree *tree, uint32_t id, enum post_use use)
{
	for (size_t i = 0; i < tree->count; i++) {
		struct post_node *node = &tree->nodes[i];
		if (node->id == id)
			node->use = use;
		else if (use != POST_USE_NONE && node->use == use)
			node->use = POST_USE_NONE;
	}
}

/* For those who watch; what the mailbox is for is told by its name there. */
static void
note(struct post_turn *turn, uint32_t id, struct post_metadata_change *change)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_annotated *annotated = ARENA_NEW(arena, struct post_annotated);
	annotated->arena = arena;
	annotated->mailbox = id;
	annotated->serial = change->serial = ++turn->account->annotations;
	annotated->names = ARENA_MANY(arena, struct slice, change->count + 1);
	for (size_t i = 0; i < change->count; i++)
		annotated->names[annotated->count++] =
			arena_copy(arena, change->entries[i].name);
	if (change->sets_use)
		annotated->names[annotated->count++] = SLICE("/private/specialuse");
	turn->annotated = annotated;
}

static enum base_failure
set_in_turn(struct post_turn *turn, struct slice mailbox,
	struct post_metadata_change *change, struct base_error *error)
{
	const struct post_tree *tree;
	uint32_t id;
	enum base_failure failure = post_turn_tree(turn, &tree);
	failure = failure ? failure : id_of(tree, turn->arena, mailbox, &id);
	if (failure)
		return base_fail(error, failure, "there is no such mailbox");
	if (change->sets_use) {
		turn->tree = post_tree_copy(tree);
		set_use(turn->tree, id, change->use);
	}
	failure = change->count ? set_entries(turn, id, change, error) : BASE_OK;
	if (!failure)
		note(turn, id, change);
	return failure;
}

struct base_ticket *
post_metadata_set(struct post_account *account, struct slice mailbox,
	struct post_metadata_change *change, struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	if (post_turn_begin(&turn, account, STORE_CHANGE, error) ||
		set_in_turn(&turn, mailbox, change, error))
		return NULL;
	return post_turn_submit(&turn);
}

enum base_failure
post_metadata_copy(struct post_turn *turn, uint32_t from, uint32_t to)
{
	struct post_metadata_entry *entries;
	size_t count;
	struct post_key source = post_key_of_mailbox(POST_KEY_OF_METADATA, from);
	struct post_key target = post_key_of_mailbox(POST_KEY_OF_METADATA, to);
	enum base_failure failure = read_in_turn(turn, &source, 0, &entries, &count);
	if (!failure && count)
		put_row(turn, &target, entries, count);
	return failure;
}
