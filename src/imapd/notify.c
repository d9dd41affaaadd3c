/* What a client wants to be told of: RFC 5465 3, 6; RFC 5464 4.4. */
#include "imapd/notify.h"
#include "imapd/rows-due.h"

void
imapd_notify_happened(void *argument)
{
	struct imapd_notify *notify = argument;
	if (atomic_load(&notify->listens))
		net_wake(notify->handle, 1);
}

static struct imapd_notify *
notify_of(struct imapd_session *session)
{
	if (session->notify)
		return session->notify;
	session->notify = calloc(1, sizeof *session->notify);
	ASSERT(session->notify);
	session->notify->handle = net_handle(session->net);
	return session->notify;
}

/* News first: what happens between the two is told twice rather than never. */
static void
watch(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	if (!notify->news)
		notify->news =
			post_news_begin(session->account, imapd_notify_happened, notify);
	/* Without them no change of names is told, until they can be read. */
	if (!notify->names && post_names_now(session->account, &notify->names))
		notify->names = NULL;
}

static void
stop_watching(struct imapd_notify *notify)
{
	imapd_notify_leave_others(notify);
	post_news_end(notify->news);
	notify->news = NULL;
	post_names_drop(notify->names);
	notify->names = NULL;
}

static void
forget_wanted(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	if (notify->selected && notify->selected->item_count)
		imapd_rows_due_drop(session, notify->selected->items);
	arena_destroy(notify->arena);
	notify->arena = NULL;
	notify->wanted = (struct wire_imap_notify){0};
	notify->selected = NULL;
	notify->own = (struct imapd_own){0};
}

void
imapd_notify_set(struct imapd_session *session, struct arena *arena,
	const struct wire_imap_notify *wanted)
{
	struct imapd_notify *notify = notify_of(session);
	forget_wanted(session);
	notify->arena = arena;
	notify->wanted = *wanted;
	notify->used = true;
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->groups[i].filter <= WIRE_IMAP_NOTIFY_SELECTED_DELAYED)
			notify->selected = &wanted->groups[i];
	if (!wanted->count)
		imapd_notify_leave_others(notify);
	if (wanted->count || imapd_is_on(session, IMAPD_METADATA))
		watch(session);
	else
		stop_watching(notify);
	imapd_notify_listen(session, false);
}

void
imapd_notify_metadata(struct imapd_session *session)
{
	if (!notify_of(session)->news)
		watch(session);
}

void
imapd_notify_end(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	if (!notify)
		return;
	stop_watching(notify);
	forget_wanted(session);
	session->notify = NULL;
	free(notify);
}

bool
imapd_notify_is_on(const struct imapd_session *session)
{
	return session->notify && session->notify->wanted.count;
}

void
imapd_notify_listen(struct imapd_session *session, bool idling)
{
	bool listens = idling || imapd_notify_is_on(session);
	if (session->notify)
		atomic_store(&session->notify->listens, listens);
	if (session->selected)
		atomic_store(&session->selected->idling, listens);
}

/* --- which events ----------------------------------------------------------------------
 */

unsigned
imapd_notify_selected(const struct imapd_session *session)
{
	const struct imapd_notify *notify = session->notify;
	if (!notify || !notify->used)
		return WIRE_IMAP_EVENTS_OF_MESSAGES;
	return notify->selected ? notify->selected->events : 0;
}

bool
imapd_notify_at_once(const struct imapd_session *session)
{
	return imapd_notify_is_on(session) && session->notify->selected &&
	       session->notify->selected->filter == WIRE_IMAP_NOTIFY_SELECTED;
}

static bool
is_in_inbox(struct slice name)
{
	return slice_starts_nocase(name, SLICE("INBOX")) &&
	       (name.length == 5 || name.data[5] == POST_SEPARATOR);
}

bool
imapd_names_equal(struct slice a, struct slice b)
{
	if (is_in_inbox(a) && is_in_inbox(b))
		return slice_equal(slice_from(a, 5), slice_from(b, 5));
	return slice_equal(a, b);
}

static bool
is_in_subtree(struct slice name, struct slice top, bool one_level)
{
	if (!imapd_names_equal(slice_first(name, top.length), top))
		return false;
	if (name.length == top.length)
		return true;
	struct slice rest = slice_from(name, top.length + 1);
	return name.data[top.length] == POST_SEPARATOR &&
	       (!one_level || slice_find_byte(rest, POST_SEPARATOR) == rest.length);
}

static bool
is_named(enum wire_imap_notify_filter filter, struct slice name, struct slice named)
{
	return filter == WIRE_IMAP_NOTIFY_MAILBOXES
		       ? imapd_names_equal(name, named)
		       : is_in_subtree(name, named, filter == WIRE_IMAP_NOTIFY_SUBTREE_ONE);
}

/* RFC 5465 6.2 to 6.6. Any mailbox may receive mail, so INBOXES are PERSONAL. */
static bool
matches(const struct wire_imap_notify_group *group, struct slice name, bool subscribed,
	bool personal)
{
	switch (group->filter) {
	case WIRE_IMAP_NOTIFY_INBOXES:
	case WIRE_IMAP_NOTIFY_PERSONAL:
		return personal;
	case WIRE_IMAP_NOTIFY_SUBSCRIBED:
		return subscribed;
	case WIRE_IMAP_NOTIFY_SUBTREE:
	case WIRE_IMAP_NOTIFY_SUBTREE_ONE:
	case WIRE_IMAP_NOTIFY_MAILBOXES:
		break;
	default:
		return false;
	}
	for (size_t i = 0; i < group->count; i++) {
		struct slice named = imapd_mailbox_name(group->names[i]);
		if (is_named(group->filter, name, named))
			return true;
	}
	return false;
}

/* RFC 5465 8: NONE means none of these, whatever else names them. */
static unsigned
events_of(const struct imapd_notify *notify, struct slice name, bool subscribed,
	bool personal)
{
	unsigned events = 0;
	for (size_t i = 0; i < notify->wanted.count; i++) {
		const struct wire_imap_notify_group *group = &notify->wanted.groups[i];
		if (!matches(group, name, subscribed, personal))
			continue;
		if (!group->events)
			return 0;
		events |= group->events;
	}
	return events;
}

unsigned
imapd_notify_events(const struct imapd_notify *notify, struct slice name, bool subscribed)
{
	return events_of(notify, name, subscribed, true);
}

unsigned
imapd_notify_events_of_others(const struct imapd_notify *notify, struct slice name)
{
	bool subscribed = notify->names && post_names_subscribed(notify->names, name);
	return events_of(notify, name, subscribed, false);
}

/* --- what this client did --------------------------------------------------------------
 */

static bool
is_selected(const struct imapd_session *session, const struct post_mailbox *mailbox)
{
	return session->selected && session->selected->mailbox == mailbox;
}

void
imapd_notify_own_arrivals(struct imapd_session *session, const struct post_mailbox *mailbox,
	const uint32_t *uids, size_t count)
{
	struct imapd_notify *notify = session->notify;
	if (is_selected(session, mailbox)) {
		struct imapd_selected *selected = session->selected;
		if (!selected->own_arrivals)
			selected->own_arrivals = post_uids_create();
		for (size_t i = 0; i < count; i++)
			post_uids_add(selected->own_arrivals, uids[i]);
	} else if (notify) {
		notify->own.account = post_mailbox_account_id(mailbox);
		notify->own.mailbox = post_mailbox_id(mailbox);
		notify->own.arrived = count;
	}
}

void
imapd_notify_own_names(struct imapd_session *session, struct slice name, struct slice other)
{
	if (!session->notify)
		return;
	session->notify->own.names[0] = imapd_mailbox_name(name);
	session->notify->own.names[1] = imapd_mailbox_name(other);
}

void
imapd_notify_own_entries(
	struct imapd_session *session, const struct post_account *account, uint64_t serial)
{
	if (!session->notify)
		return;
	session->notify->own.annotated = post_account_id(account);
	session->notify->own.serial = serial;
}

/* --- between commands, and in IDLE -----------------------------------------------------
 */

/* Of those that this client put there itself it needs no data. */
void
imapd_notify_arrived(struct imapd_session *session, const struct post_uids *arrived)
{
	const struct imapd_notify *notify = session->notify;
	if (notify && notify->selected)
		imapd_rows_due_add(session, notify->selected->items,
			notify->selected->item_count, arrived);
}

enum net_next
imapd_notify_go_on(struct imapd_session *session,
	enum net_next (*resume)(struct imapd_session *session))
{
	if (session->call || imapd_notify_is_on(session))
		imapd_sync(session, NULL);
	imapd_notify_put(session);
	return imapd_rows_due_put(session, resume);
}

const struct imapd_extension imapd_extension_notify = {
	.capability = "NOTIFY",
	.rfc = "5465",
	.purpose = "What happens in any mailbox is told at any time, as asked for",
	.file = "src/imapd/command-notify.c",
};
