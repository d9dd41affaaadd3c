#include "post/entries.h"
#include "post/mailbox-internal.h"
#include "post/message.h"
#include "post/uids-internal.h"

struct walk {
	const struct post_uids *wanted;
	post_entry_row *row;
	void *argument;
	enum base_failure failure;
	bool stopped;
};

static bool
walk_row(void *argument, struct slice key, struct slice value)
{
	struct walk *walk = argument;
	struct post_entry_record record;
	uint32_t mailbox, uid;
	if (!post_key_take_entry(key, &mailbox, &uid) ||
		post_entry_unpack(value, &record)) {
		walk->failure = BASE_DAMAGED;
		return false;
	}
	if (post_uids_has(walk->wanted, uid))
		walk->stopped = !walk->row(walk->argument, uid, &record);
	return !walk->stopped;
}

/* Ranges with small gaps between them are read as one; over wide ones a seek pays. */
#define GAP_READ_OVER 64

static uint32_t
stretch_end(const struct post_uids *uids, uint32_t first)
{
	uint32_t start = first, last = first - 1, end = first;
	while (post_uids_next_range(uids, &start, &last) &&
		(start == first || start - end <= GAP_READ_OVER))
		end = last;
	return end;
}

enum base_failure
post_entries_scan(struct post_account *account, uint32_t mailbox,
	const struct post_uids *uids, post_entry_row *row, void *argument)
{
	struct walk walk = {.wanted = uids, .row = row, .argument = argument};
	uint32_t first = post_uids_next(uids, 0);
	enum base_failure failure = BASE_OK;
	while (first && !failure && !walk.failure && !walk.stopped) {
		uint32_t last = stretch_end(uids, first);
		struct post_key from = post_key_entry(mailbox, first);
		struct post_key until =
			last == UINT32_MAX
				? post_key_after_mailbox(POST_KEY_OF_ENTRY, mailbox)
				: post_key_entry(mailbox, last + 1);
		struct store_range range = {
			post_key_slice(&from), post_key_slice(&until), 0};
		failure = store_scan(account->space, &range, walk_row, &walk, NULL);
		first = post_uids_next(uids, last);
	}
	return failure ? failure : walk.failure;
}

void
post_entries_keep(struct post_kept_entries *entries, uint32_t uid,
	const struct post_entry_record *entry)
{
	if (entries->count == entries->room) {
		entries->room = entries->room ? entries->room * 2 : 16;
		entries->list =
			reallocarray(entries->list, entries->room, sizeof *entries->list);
		ASSERT(entries->list);
	}
	struct post_kept_entry *kept = &entries->list[entries->count++];
	*kept = (struct post_kept_entry){uid, *entry};
	kept->record.prefix =
		entries->arena ? arena_copy(entries->arena, entry->prefix) : SLICE_NONE;
}

static bool
keep_entry(void *argument, uint32_t uid, const struct post_entry_record *entry)
{
	post_entries_keep(argument, uid, entry);
	return true;
}

enum base_failure
post_entries_load(struct post_account *account, uint32_t mailbox,
	const struct post_uids *uids, struct arena *arena,
	struct post_kept_entries *entries)
{
	*entries = (struct post_kept_entries){.arena = arena};
	enum base_failure failure =
		post_entries_scan(account, mailbox, uids, keep_entry, entries);
	if (failure)
		post_entries_free(entries);
	return failure;
}

void
post_entries_free(struct post_kept_entries *entries)
{
	free(entries->list);
	*entries = (struct post_kept_entries){0};
}

/* --- message.h's, limited to a view --------------------------------------------------- */

struct in_view {
	post_entry_seen *seen;
	void *argument;
};

static bool
pass_entry(void *argument, uint32_t uid, const struct post_entry_record *record)
{
	struct in_view *in_view = argument;
	struct post_entry entry = {uid, record->email, record->internal_date,
		record->save_date, record->size, record->zone};
	return in_view->seen(in_view->argument, &entry);
}

enum base_failure
post_entries_read(const struct post_view *view, const struct post_uids *uids,
	post_entry_seen *seen, void *argument)
{
	struct in_view in_view = {seen, argument};
	SCOPED(post_uids_release) struct post_uids *shown = post_uids_copy(uids);
	post_uids_and(shown, view->uids);
	return post_entries_scan(
		view->mailbox->account, view->mailbox->id, shown, pass_entry, &in_view);
}
