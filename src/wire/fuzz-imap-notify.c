#include "base/error.h"
#include "wire/imap-notify.h"
#include "wire/imap-response.h"

/* NOTIFY: what was read keeps its rules; written from what was read, it reads the same. */

static void
check_group(const struct wire_imap_notify_group *group)
{
	bool arrivals = group->events & WIRE_IMAP_EVENT_NEW;
	ASSERT(arrivals == !!(group->events & WIRE_IMAP_EVENT_EXPUNGE));
	ASSERT(arrivals || !(group->events & WIRE_IMAP_EVENT_FLAGS));
	ASSERT(!group->item_count || group->filter <= WIRE_IMAP_NOTIFY_SELECTED_DELAYED);
	ASSERT(!!group->count == (group->filter >= WIRE_IMAP_NOTIFY_SUBTREE));
}

static void
put_names(struct buffer *into, const struct wire_imap_notify_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		buffer_put_text(into, i ? " " : " (");
		wire_imap_put_mailbox(into, group->names[i], false);
	}
	if (group->count)
		buffer_put_byte(into, ')');
}

static void
put_group(struct buffer *into, const struct wire_imap_notify_group *group)
{
	static const char *const filters[] = {"SELECTED", "SELECTED-DELAYED", "INBOXES",
		"PERSONAL", "SUBSCRIBED", "SUBTREE", "SUBTREE-ONE", "MAILBOXES"};
	buffer_printf(into, " (%s", filters[group->filter]);
	put_names(into, group);
	if (!group->events) {
		buffer_put_text(into, " NONE)");
		return;
	}
	buffer_put_text(into, " (");
	wire_imap_put_events(into, group->events);
	if (group->events & WIRE_IMAP_EVENT_UNKNOWN)
		buffer_put_text(into, into->data[into->length - 1] == '(' ? "X" : " X");
	buffer_put_text(into, "))");
}

static void
check_again(const struct wire_imap_notify *notify)
{
	struct wire_imap_notify again;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	buffer_put_text(&text, notify->status ? " SET STATUS" : " SET");
	for (size_t i = 0; i < notify->count; i++)
		put_group(&text, &notify->groups[i]);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(buffer_slice(&text), arena);
	ASSERT(wire_imap_notify_parse(&cursor, &again));
	ASSERT(again.count == notify->count && again.events == notify->events);
	for (size_t i = 0; i < again.count; i++)
		for (size_t j = 0; j < again.groups[i].count; j++)
			ASSERT(slice_equal(
				again.groups[i].names[j], notify->groups[i].names[j]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 18);
	struct wire_imap_cursor cursor = wire_imap_cursor_over(slice_of(data, size), arena);
	struct wire_imap_notify notify;
	bool parsed = wire_imap_notify_parse(&cursor, &notify);
	ASSERT(parsed == !cursor.error);
	for (size_t i = 0; parsed && i < notify.count; i++)
		check_group(&notify.groups[i]);
	if (parsed && notify.count)
		check_again(&notify);
	return 0;
}
