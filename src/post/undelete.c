#include "post/change.h"
#include "post/removal.h"
#include "post/uids-internal.h"

/*
 * What was expunged comes back as copies of the entries that are still there. The expunged
 * row then counts as moved: it is purged at once and never restored again.
 */
struct lost {
	struct slice key;
	uint64_t modseq;
	struct post_kept_entries entries;
	struct slice *keywords; /* that it had; of all rows they are kept in the table */
	size_t keyword_count;
	struct lost *next;
};

struct searching {
	struct arena *arena;
	uint32_t mailbox;
	int64_t after_ms;
	struct lost *first, **end;
	enum base_failure failure;
};

static bool
is_wanted(const struct searching *searching, const struct post_expunged *expunged)
{
	return !expunged->moved && expunged->time_ms > searching->after_ms;
}

static bool
expunged_row(void *argument, struct slice key, struct slice value)
{
	struct searching *searching = argument;
	uint64_t due, modseq;
	uint32_t mailbox;
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	if (!post_key_take_expunged(key, &due, &mailbox, &modseq) ||
		post_expunged_unpack(value, &expunged)) {
		searching->failure = BASE_DAMAGED;
		return false;
	}
	if (mailbox != searching->mailbox || !is_wanted(searching, &expunged))
		return true;
	struct lost *lost = ARENA_NEW(searching->arena, struct lost);
	lost->key = arena_copy(searching->arena, key);
	lost->modseq = modseq;
	*searching->end = lost;
	searching->end = &lost->next;
	return true;
}

static enum base_failure
search(struct post_mailbox *mailbox, struct searching *searching)
{
	struct post_key from = post_key_of_row(POST_KEY_OF_EXPUNGED);
	struct post_key until = post_key_after_row(POST_KEY_OF_EXPUNGED);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure =
		store_scan(mailbox->account->space, &range, expunged_row, searching, NULL);
	return failure ? failure : searching->failure;
}

static void
note_keywords(struct lost *lost, const struct post_expunged *expunged, struct arena *arena)
{
	lost->keyword_count = expunged->keyword_count;
	lost->keywords = ARENA_MANY(arena, struct slice, lost->keyword_count + 1);
	for (size_t i = 0; i < lost->keyword_count; i++)
		lost->keywords[i] = expunged->keywords[i].name;
}

/* Entries of the row, before the turn; flags stand in the row. */
static enum base_failure
load_entries(struct post_mailbox *mailbox, struct lost *lost, struct arena *arena)
{
	struct slice value;
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	enum base_failure failure =
		store_get(mailbox->account->space, lost->key, arena, &value);
	if (!failure)
		failure = post_expunged_unpack(value, &expunged);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	note_keywords(lost, &expunged, arena);
	return post_entries_load(
		mailbox->account, mailbox->id, expunged.uids, arena, &lost->entries);
}

static struct post_flags
flags_had(const struct post_expunged *expunged, uint32_t uid)
{
	struct post_flags flags = {{0}};
	for (size_t i = 0; i < expunged->group_count; i++) {
		const struct post_flag_group *group = &expunged->groups[i];
		if (!post_uids_has(group->uids, uid))
			continue;
		for (unsigned word = 0; word < POST_FLAG_WORDS; word++)
			flags.words[word] |= group->set.words[word];
	}
	return flags;
}

/* Rows of format 1 have numbers: those that mean what they meant. */
static void
keep_meant(struct post_flagging *flagging, struct post_flags *flags, uint64_t modseq)
{
	struct post_flags kept = {{0}};
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		if (!post_flags_has(flags, i))
			continue;
		if (i >= POST_KEYWORD_FIRST && !post_flagging_meant(flagging, i, modseq))
			continue;
		post_flags_set(&kept, i);
		post_flags_set(&flagging->taken, i);
	}
	*flags = kept;
}

/* All groups by numbers of today; a keyword that finds no room is lost. */
static void
find_numbers(
	struct post_flagging *flagging, struct post_expunged *expunged, uint64_t modseq)
{
	post_flagging_tip(flagging);
	for (size_t i = 0; i < expunged->group_count; i++)
		keep_meant(flagging, &expunged->groups[i].set, modseq);
	for (size_t i = 0; i < expunged->keyword_count; i++) {
		const struct post_had_keyword *had = &expunged->keywords[i];
		struct post_flags flags;
		if (!post_flagging_numbers(flagging, &had->name, 1, true, &flags, NULL))
			post_expunged_add_group(
				expunged, post_uids_copy(had->uids), &flags);
	}
}

/* Takes the row's new meaning: due at once, moved. Nobody asks for its flags any more. */
static void
put_as_moved(struct post_turn *turn, const struct lost *lost, uint32_t mailbox,
	const struct post_expunged *expunged)
{
	const struct post_expunged moved = {
		.time_ms = expunged->time_ms, .moved = true, .uids = expunged->uids};
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	struct post_key key = post_key_expunged(
		(uint64_t)post_now_ms(turn->account->post), mailbox, lost->modseq);
	post_expunged_pack(&moved, &value);
	store_delete(turn->turn, lost->key);
	post_turn_put(turn, &key, &value);
}

static enum base_failure
restore(struct post_flagging *flagging, const struct lost *lost, uint32_t *restored)
{
	struct slice value;
	struct post_turn *turn = flagging->turn;
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	enum base_failure failure =
		store_turn_get(turn->turn, lost->key, turn->arena, &value);
	if (!failure)
		failure = post_expunged_unpack(value, &expunged);
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	if (!expunged.moved)
		find_numbers(flagging, &expunged, lost->modseq);
	for (size_t i = 0; i < lost->entries.count; i++) {
		const struct post_kept_entry *entry = &lost->entries.list[i];
		uint32_t uid;
		if (expunged.moved || !post_uids_has(expunged.uids, entry->uid))
			continue;
		struct post_flags flags = flags_had(&expunged, entry->uid);
		post_put_copy(turn, flagging->touched, &entry->record, &uid);
		post_count_copy(turn, &entry->record);
		post_flagging_arrived_as(flagging, uid, &flags);
		++*restored;
	}
	if (!expunged.moved)
		put_as_moved(turn, lost, flagging->mailbox->id, &expunged);
	return BASE_OK;
}

static enum base_failure
restore_all(struct post_turn *turn, struct post_mailbox *mailbox, struct lost *first,
	uint32_t *restored)
{
	struct post_touched *touched;
	SCOPED(post_flagging_release) struct post_flagging flagging = {0};
	enum base_failure failure = post_turn_head(turn, mailbox->id, &touched);
	if (failure)
		return failure;
	post_flagging_begin(&flagging, turn, touched, mailbox);
	for (struct lost *lost = first; lost; lost = lost->next)
		post_flagging_keep(&flagging, lost->keywords, lost->keyword_count);
	for (struct lost *lost = first; lost && !failure; lost = lost->next)
		failure = restore(&flagging, lost, restored);
	post_flagging_end(&flagging);
	return failure;
}

static struct base_ticket *
undelete(struct post_mailbox *mailbox, struct searching *searching, uint32_t *restored,
	struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	enum base_failure failure = search(mailbox, searching);
	for (struct lost *lost = searching->first; lost && !failure; lost = lost->next)
		failure = load_entries(mailbox, lost, searching->arena);
	if (failure) {
		base_fail(error, failure, "what was expunged can't be read");
		return NULL;
	}
	if (post_turn_begin(&turn, mailbox->account, STORE_NEW_MAIL, error))
		return NULL;
	failure = restore_all(&turn, mailbox, searching->first, restored);
	if (failure) {
		base_fail(error, failure, "the messages can't be restored");
		return NULL;
	}
	return *restored ? post_turn_submit(&turn) : base_ticket_completed(BASE_OK);
}

struct base_ticket *
post_undelete(struct post_mailbox *mailbox, int64_t expunged_after, uint32_t *restored,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct searching searching = {
		.arena = arena, .mailbox = mailbox->id, .after_ms = expunged_after * 1000};
	searching.end = &searching.first;
	*restored = 0;
	struct base_ticket *ticket = undelete(mailbox, &searching, restored, error);
	for (struct lost *lost = searching.first; lost; lost = lost->next)
		post_entries_free(&lost->entries);
	return ticket;
}
