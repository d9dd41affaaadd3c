#include "post/entries.h"
#include "post/mailbox-internal.h"
#include "post/message-internal.h"
#include "post/uids-internal.h"

/*
 * Many messages' records. Email ids rise in the order of delivery, as UIDs do: where they
 * lie close enough together their contents are read as one run, which costs a tenth of
 * looking each up.
 */
#define ROWS_READ_OVER 4 /* for each that is wanted */

struct reading {
	const struct post_view *view;
	enum post_depth depth;
	struct arena *arena; /* of one message */
	post_message_seen *seen;
	void *argument;
	const struct post_kept_entry *next, *end;
	enum base_failure failure; /* the first */
	bool stopped;
};

static void
note(struct reading *reading, enum base_failure failure)
{
	if (!reading->failure)
		reading->failure = failure;
}

/* Both records of reading->next are there. */
static void
give(struct reading *reading, const struct post_content_record *content)
{
	struct post_message message;
	const struct post_kept_entry *entry = reading->next++;
	enum base_failure failure = post_message_of_records(entry->uid, &entry->record,
		content, reading->depth, reading->arena, &message);
	if (failure)
		note(reading, failure);
	else
		reading->stopped = !reading->seen(reading->argument, &message);
	arena_reset(reading->arena);
}

/* --- together --------------------------------------------------------------------------
 */

static bool
lie_together(const struct post_kept_entry *first, const struct post_kept_entry *end)
{
	uint64_t before = first->record.email;
	for (const struct post_kept_entry *each = first; each < end; each++) {
		if (each->record.email < before)
			return false;
		before = each->record.email;
	}
	return before - first->record.email < (uint64_t)(end - first) * ROWS_READ_OVER;
}

static bool
is_next(const struct reading *reading, uint64_t email)
{
	return reading->next < reading->end && reading->next->record.email == email;
}

static bool
take_content(void *argument, struct slice key, struct slice value)
{
	struct reading *reading = argument;
	struct post_content_record content;
	uint64_t email;
	if (!post_key_take_content(key, &email)) {
		note(reading, BASE_DAMAGED);
		return false;
	}
	for (; reading->next < reading->end && reading->next->record.email < email;
		reading->next++)
		note(reading, BASE_DAMAGED); /* it has no content */
	if (!is_next(reading, email))
		return true;
	if (post_content_unpack(value, &content))
		return true; /* the next row's loop passes over it */
	while (is_next(reading, email) && !reading->stopped)
		give(reading, &content);
	return !reading->stopped;
}

static enum base_failure
read_together(struct reading *reading)
{
	struct post_key from = post_key_content(reading->next->record.email);
	struct post_key until = post_key_content(reading->end[-1].record.email + 1);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure = store_scan(reading->view->mailbox->account->space,
		&range, take_content, reading, NULL);
	if (!failure && !reading->stopped && reading->next < reading->end)
		failure = BASE_DAMAGED;
	return failure;
}

/* --- one by one ------------------------------------------------------------------------
 */

static void
read_apart(struct reading *reading)
{
	struct post_content_record content;
	while (reading->next < reading->end && !reading->stopped) {
		enum base_failure failure = post_message_content(reading->view,
			reading->next->record.email, reading->arena, &content);
		if (!failure) {
			give(reading, &content);
			continue;
		}
		note(reading, failure);
		reading->next++;
	}
}

enum base_failure
post_messages_read(const struct post_view *view, const struct post_uids *uids,
	enum post_depth depth, struct arena *arena, post_message_seen *seen, void *argument)
{
	SCOPED(arena_release) struct arena *prefixes = arena_create(ARENA_NO_CEILING);
	SCOPED(post_uids_release) struct post_uids *shown = post_uids_copy(uids);
	SCOPED(post_entries_free) struct post_kept_entries entries = {0};
	post_uids_and(shown, view->uids);
	enum base_failure failure = post_entries_load(
		view->mailbox->account, view->mailbox->id, shown, prefixes, &entries);
	if (failure || entries.count == 0)
		return failure || post_uids_empty(shown) ? failure : BASE_DAMAGED;
	struct reading reading = {view, depth, arena, seen, argument, entries.list,
		entries.list + entries.count};
	if (entries.count < post_uids_count(shown))
		note(&reading, BASE_DAMAGED);
	if (lie_together(reading.next, reading.end))
		note(&reading, read_together(&reading));
	else
		read_apart(&reading);
	return reading.failure;
}
