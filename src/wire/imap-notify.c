#include "wire/imap-notify.h"

static const struct {
	struct slice name;
	enum wire_imap_event event;
} EVENTS[] = {
	{SLICE_INIT("MessageNew"), WIRE_IMAP_EVENT_NEW},
	{SLICE_INIT("MessageExpunge"), WIRE_IMAP_EVENT_EXPUNGE},
	{SLICE_INIT("FlagChange"), WIRE_IMAP_EVENT_FLAGS},
	{SLICE_INIT("AnnotationChange"), WIRE_IMAP_EVENT_ANNOTATION},
	{SLICE_INIT("MailboxName"), WIRE_IMAP_EVENT_NAME},
	{SLICE_INIT("SubscriptionChange"), WIRE_IMAP_EVENT_SUBSCRIPTION},
	{SLICE_INIT("MailboxMetadataChange"), WIRE_IMAP_EVENT_METADATA},
	{SLICE_INIT("ServerMetadataChange"), WIRE_IMAP_EVENT_SERVER_METADATA},
};

static const struct slice FILTERS[] = {
	[WIRE_IMAP_NOTIFY_SELECTED] = SLICE_INIT("SELECTED"),
	[WIRE_IMAP_NOTIFY_SELECTED_DELAYED] = SLICE_INIT("SELECTED-DELAYED"),
	[WIRE_IMAP_NOTIFY_INBOXES] = SLICE_INIT("INBOXES"),
	[WIRE_IMAP_NOTIFY_PERSONAL] = SLICE_INIT("PERSONAL"),
	[WIRE_IMAP_NOTIFY_SUBSCRIBED] = SLICE_INIT("SUBSCRIBED"),
	[WIRE_IMAP_NOTIFY_SUBTREE] = SLICE_INIT("SUBTREE"),
	[WIRE_IMAP_NOTIFY_SUBTREE_ONE] = SLICE_INIT("SUBTREE-ONE"),
	[WIRE_IMAP_NOTIFY_MAILBOXES] = SLICE_INIT("MAILBOXES"),
};

enum {
	EVENT_COUNT = sizeof EVENTS / sizeof *EVENTS,
	FILTER_COUNT = sizeof FILTERS / sizeof *FILTERS
};

bool
wire_imap_put_events(struct buffer *into, unsigned events)
{
	bool begun = false;
	for (size_t i = 0; i < EVENT_COUNT; i++) {
		if (!(events & EVENTS[i].event))
			continue;
		if (begun)
			buffer_put_byte(into, ' ');
		begun = true;
		buffer_put(into, EVENTS[i].name);
	}
	return !buffer_failed(into);
}

/* --- which mailboxes -------------------------------------------------------------------
 */

static bool
is_of_selected(const struct wire_imap_notify_group *group)
{
	return group->filter <= WIRE_IMAP_NOTIFY_SELECTED_DELAYED;
}

static bool
take_name(struct wire_imap_cursor *cursor, struct wire_imap_notify_group *group,
	size_t *names_left)
{
	if (!*names_left)
		return wire_imap_fail(cursor, "There are too many mailboxes");
	--*names_left;
	group->names =
		wire_imap_room(cursor, group->names, group->count, sizeof *group->names);
	return group->names && wire_imap_mailbox(cursor, &group->names[group->count++]);
}

/* one-or-more-mailbox */
static bool
take_names(struct wire_imap_cursor *cursor, struct wire_imap_notify_group *group,
	size_t *names_left)
{
	if (!wire_imap_space(cursor))
		return false;
	if (!wire_imap_maybe(cursor, '('))
		return take_name(cursor, group, names_left);
	do {
		if (!take_name(cursor, group, names_left))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')');
}

static bool
take_filter(struct wire_imap_cursor *cursor, struct wire_imap_notify_group *group,
	size_t *names_left)
{
	for (size_t i = 0; i < FILTER_COUNT; i++) {
		if (!wire_imap_maybe_word(cursor, FILTERS[i]))
			continue;
		group->filter = (enum wire_imap_notify_filter)i;
		return i < WIRE_IMAP_NOTIFY_SUBTREE ||
		       take_names(cursor, group, names_left);
	}
	return wire_imap_fail(cursor, "There is no such choice of mailboxes");
}

/* --- which events ----------------------------------------------------------------------
 */

/* "MessageNew (UID FLAGS)"; without a list, the blank is the next event's. */
static bool
take_items(struct wire_imap_cursor *cursor, struct wire_imap_notify_group *group)
{
	struct wire_imap_fetch fetch = {0};
	struct wire_imap_cursor ahead = *cursor;
	if (!wire_imap_maybe(&ahead, ' ') || wire_imap_peek(&ahead) != '(')
		return true;
	*cursor = ahead;
	if (!is_of_selected(group))
		return wire_imap_fail(
			cursor, "Data of new messages are told of SELECTED alone");
	if (group->item_count)
		return wire_imap_fail(cursor, "An event is named twice");
	if (!wire_imap_fetch_items_parse(cursor, &fetch))
		return false;
	group->items = fetch.items;
	group->item_count = fetch.count;
	return true;
}

static bool
take_event(struct wire_imap_cursor *cursor, struct wire_imap_notify_group *group)
{
	struct slice unknown;
	for (size_t i = 0; i < EVENT_COUNT; i++) {
		if (!wire_imap_maybe_word(cursor, EVENTS[i].name))
			continue;
		group->events |= EVENTS[i].event;
		return EVENTS[i].event != WIRE_IMAP_EVENT_NEW || take_items(cursor, group);
	}
	group->events |= WIRE_IMAP_EVENT_UNKNOWN;
	return wire_imap_atom(cursor, &unknown);
}

/* RFC 5465 5, 6.1: what goes together. */
static bool
check_events(struct wire_imap_cursor *cursor, const struct wire_imap_notify_group *group)
{
	unsigned events = group->events;
	bool arrivals = events & WIRE_IMAP_EVENT_NEW;
	bool removals = events & WIRE_IMAP_EVENT_EXPUNGE;
	if (arrivals != removals)
		return wire_imap_fail(cursor, "MessageNew and MessageExpunge go together");
	if (events & (WIRE_IMAP_EVENT_FLAGS | WIRE_IMAP_EVENT_ANNOTATION) && !arrivals)
		return wire_imap_fail(cursor, "That needs MessageNew and MessageExpunge");
	const unsigned elsewhere = ~(unsigned)WIRE_IMAP_EVENTS_OF_MESSAGES;
	if (is_of_selected(group) &&
		events & elsewhere & ~(unsigned)WIRE_IMAP_EVENT_UNKNOWN)
		return wire_imap_fail(
			cursor, "Of SELECTED there are events of messages only");
	return true;
}

static bool
take_events(struct wire_imap_cursor *cursor, struct wire_imap_notify_group *group)
{
	if (wire_imap_maybe_word(cursor, SLICE("NONE")))
		return true;
	if (!wire_imap_byte(cursor, '('))
		return false;
	do {
		if (!take_event(cursor, group))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_byte(cursor, ')') && check_events(cursor, group);
}

/* --- the command -----------------------------------------------------------------------
 */

static bool
has_selected(const struct wire_imap_notify *notify)
{
	for (size_t i = 0; i < notify->count; i++)
		if (is_of_selected(&notify->groups[i]))
			return true;
	return false;
}

static bool
take_group(struct wire_imap_cursor *cursor, struct wire_imap_notify *notify,
	size_t *names_left)
{
	struct wire_imap_notify_group group = {0};
	if (notify->count == WIRE_IMAP_NOTIFY_GROUPS_MOST)
		return wire_imap_fail(cursor, "There are too many groups");
	notify->groups = wire_imap_room(
		cursor, notify->groups, notify->count, sizeof *notify->groups);
	if (!notify->groups || !wire_imap_byte(cursor, '(') ||
		!take_filter(cursor, &group, names_left) || !wire_imap_space(cursor) ||
		!take_events(cursor, &group) || !wire_imap_byte(cursor, ')'))
		return false;
	if (is_of_selected(&group) && has_selected(notify))
		return wire_imap_fail(cursor, "The selected mailbox is named twice");
	notify->groups[notify->count++] = group;
	notify->events |= group.events;
	return true;
}

bool
wire_imap_notify_parse(struct wire_imap_cursor *cursor, struct wire_imap_notify *notify)
{
	size_t names_left = WIRE_IMAP_NOTIFY_NAMES_MOST;
	*notify = (struct wire_imap_notify){0};
	if (!wire_imap_space(cursor))
		return false;
	if (wire_imap_maybe_word(cursor, SLICE("NONE")))
		return wire_imap_end(cursor);
	if (!wire_imap_maybe_word(cursor, SLICE("SET")))
		return wire_imap_fail(cursor, "SET or NONE was expected");
	if (!wire_imap_space(cursor))
		return false;
	notify->status = wire_imap_maybe_word(cursor, SLICE("STATUS"));
	if (notify->status && !wire_imap_space(cursor))
		return false;
	do {
		if (!take_group(cursor, notify, &names_left))
			return false;
	} while (wire_imap_maybe(cursor, ' '));
	return wire_imap_end(cursor);
}
