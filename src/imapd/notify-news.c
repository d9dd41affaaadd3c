/* News of an account, as a client asked for them: RFC 5465 5. */
#include "imapd/lines.h"
#include "imapd/metadata.h"
#include "imapd/notify.h"

/* One line to come. */
struct notice {
	enum { STATUS, LIST, METADATA } kind;
	struct slice name, old_name; /* of LIST, absent: not renamed */
	unsigned items;              /* of STATUS */
	struct slice *entries;       /* of METADATA */
	size_t count;
};

/* Owned by the output: in an arena of its own. */
struct notices {
	struct imapd_lines lines;
	struct arena *arena;
	struct imapd_session *session;
	struct post_tree *names; /* held */
	struct notice *all;
	size_t count, room, put;
};

static void
release(struct imapd_lines *lines)
{
	struct notices *notices = (struct notices *)lines;
	post_names_drop(notices->names);
	arena_destroy(notices->arena);
}

static struct notice *
add(struct notices *notices)
{
	if (notices->count == notices->room) {
		notices->room = notices->room ? 2 * notices->room : 16;
		struct notice *moved =
			ARENA_MANY(notices->arena, struct notice, notices->room);
		if (notices->count)
			memcpy(moved, notices->all, notices->count * sizeof *moved);
		notices->all = moved;
	}
	return &notices->all[notices->count++];
}

/* --- writing ---------------------------------------------------------------------------
 */

/* RFC 5465 5.4: what is no mailbox (any more) is \NonExistent. */
static void
put_attributes(struct buffer *into, const struct notices *notices, struct slice name)
{
	struct post_mailbox_info info;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	bool subscribed = post_names_subscribed(notices->names, name);
	if (!post_names_find(notices->names, name, arena, &info)) {
		buffer_printf(into, "\\NonExistent%s", subscribed ? " \\Subscribed" : "");
		return;
	}
	const char *use = imapd_use_name(info.use);
	buffer_printf(into, "%s%s%s%s%s",
		info.selectable ? "" : "\\NonExistent \\Noselect ",
		info.has_children ? "\\HasChildren" : "\\HasNoChildren",
		subscribed ? " \\Subscribed" : "", *use ? " " : "", use);
}

static void
put_list(struct buffer *into, const struct notices *notices, const struct notice *notice)
{
	bool utf8 = imapd_speaks_utf8(notices->session);
	buffer_put_text(into, "* LIST (");
	put_attributes(into, notices, notice->name);
	buffer_printf(into, ") \"%c\" ", POST_SEPARATOR);
	wire_imap_put_mailbox(into, notice->name, utf8);
	if (!slice_absent(notice->old_name)) {
		buffer_put_text(into, " (\"OLDNAME\" (");
		wire_imap_put_mailbox(into, notice->old_name, utf8);
		buffer_put_text(into, "))");
	}
	buffer_put_text(into, "\r\n");
}

/* RFC 5464 4.4.2: names, no values. */
static void
put_entries(struct buffer *into, const struct notices *notices, const struct notice *notice)
{
	buffer_put_text(into, "* METADATA ");
	wire_imap_put_mailbox(into, notice->name, imapd_speaks_utf8(notices->session));
	for (size_t i = 0; i < notice->count; i++) {
		buffer_put_byte(into, ' ');
		wire_imap_put_astring(into, notice->entries[i], false);
	}
	buffer_put_text(into, "\r\n");
}

static void
put_notice(struct buffer *into, const struct notices *notices, const struct notice *notice)
{
	switch (notice->kind) {
	case STATUS:
		/* One that is gone meanwhile has no numbers. */
		if (imapd_put_status(notices->session, into, notice->name, notice->items))
			return;
		break;
	case LIST:
		put_list(into, notices, notice);
		break;
	case METADATA:
		put_entries(into, notices, notice);
		break;
	}
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct notices *notices = (struct notices *)lines;
	while (notices->put < notices->count && into->length < IMAPD_LINES_FILL)
		put_notice(into, notices, &notices->all[notices->put++]);
	return notices->put < notices->count;
}

/* --- names -----------------------------------------------------------------------------
 */

static bool
is_above(struct slice name, struct slice below)
{
	return name.length < below.length && slice_starts(below, name) &&
	       below.data[name.length] == POST_SEPARATOR;
}

static bool
is_own(const struct imapd_own *own, const struct post_name_change *change)
{
	for (size_t i = 0; i < 2; i++) {
		struct slice name = own->names[i];
		if (slice_empty(name))
			continue;
		if (imapd_names_equal(change->name, name))
			return true;
		/* Parents came with it, or went. */
		if (is_above(change->name, name) &&
			!(change->events & POST_NAME_SUBSCRIBED))
			return true;
	}
	return false;
}

static bool
is_listed(const struct notices *notices, struct slice name)
{
	for (size_t i = notices->count; i-- > 0;)
		if (notices->all[i].kind == LIST && slice_equal(notices->all[i].name, name))
			return true;
	return false;
}

static void
add_list(struct notices *notices, struct slice name, struct slice old_name)
{
	if (!slice_empty(name) && !is_listed(notices, name))
		*add(notices) =
			(struct notice){.kind = LIST, .name = name, .old_name = old_name};
}

/* RFC 5465 5.4: a mailbox that is made or deleted concerns its parent too. */
static void
add_parent(struct notices *notices, struct slice name)
{
	const struct imapd_notify *notify = notices->session->notify;
	size_t slash = slice_find_last_byte(name, POST_SEPARATOR);
	if (slash == name.length)
		return;
	struct slice parent = slice_first(name, slash);
	bool subscribed = post_names_subscribed(notices->names, parent);
	if (imapd_notify_events(notify, parent, subscribed) & WIRE_IMAP_EVENT_NAME)
		add_list(notices, parent, SLICE_NONE);
}

static unsigned
events_of_change(const struct imapd_notify *notify, const struct post_tree *before,
	const struct post_tree *after, const struct post_name_change *change)
{
	bool subscribed = post_names_subscribed(after, change->name) ||
			  post_names_subscribed(before, change->name);
	unsigned events = imapd_notify_events(notify, change->name, subscribed);
	if (!slice_empty(change->old_name))
		events |= imapd_notify_events(notify, change->old_name,
			post_names_subscribed(before, change->old_name));
	return events;
}

/* RFC 5465 5.1: another UIDVALIDITY is told to who watches flags. */
static void
add_renewed(struct notices *notices, const struct post_name_change *change, unsigned events)
{
	if (change->events & POST_NAME_RENEWED && events & WIRE_IMAP_EVENT_FLAGS)
		*add(notices) = (struct notice){.kind = STATUS,
			.name = change->name,
			.items = WIRE_IMAP_STATUS_MESSAGES | WIRE_IMAP_STATUS_UIDNEXT |
				 WIRE_IMAP_STATUS_UIDVALIDITY};
}

static void
add_change(struct notices *notices, const struct post_tree *before,
	const struct post_name_change *change)
{
	const struct imapd_notify *notify = notices->session->notify;
	const unsigned named = POST_NAME_CREATED | POST_NAME_DELETED | POST_NAME_RENAMED;
	unsigned events = events_of_change(notify, before, notices->names, change);
	bool tells_name = events & WIRE_IMAP_EVENT_NAME && change->events & named &&
			  !(change->events & POST_NAME_WITH_PARENT);
	bool tells_subscription = events & WIRE_IMAP_EVENT_SUBSCRIPTION &&
				  change->events & POST_NAME_SUBSCRIBED;
	if (is_own(&notify->own, change))
		return;
	if (tells_name && change->events & (POST_NAME_CREATED | POST_NAME_DELETED))
		add_parent(notices, change->name);
	if (tells_name || tells_subscription)
		add_list(notices, change->name,
			slice_empty(change->old_name) ? SLICE_NONE : change->old_name);
	add_renewed(notices, change, events);
}

/* False when there are too many. */
static bool
add_changes(struct notices *notices, const struct post_tree *before)
{
	struct post_name_change *changes;
	size_t count = post_names_compare(before, notices->names, notices->arena, &changes);
	if (count > IMAPD_NOTIFY_NAMES_MOST)
		return false;
	for (size_t i = 0; i < count; i++)
		add_change(notices, before, &changes[i]);
	return true;
}

/* --- messages --------------------------------------------------------------------------
 */

/* RFC 5465 5.1 to 5.3. */
static unsigned
items_of(const struct imapd_session *session, const struct post_news_mailbox *mailbox,
	unsigned events)
{
	unsigned items = 0;
	bool counts = imapd_is_on(session, IMAPD_CONDSTORE);
	if (events & WIRE_IMAP_EVENT_NEW && (mailbox->arrived || mailbox->expunged)) {
		items |= WIRE_IMAP_STATUS_MESSAGES | WIRE_IMAP_STATUS_UIDNEXT;
		if (events & WIRE_IMAP_EVENT_FLAGS)
			items |= WIRE_IMAP_STATUS_UNSEEN;
	}
	if (events & WIRE_IMAP_EVENT_FLAGS && mailbox->flagged)
		items |= WIRE_IMAP_STATUS_UIDVALIDITY | WIRE_IMAP_STATUS_UNSEEN;
	return items && counts ? items | WIRE_IMAP_STATUS_HIGHESTMODSEQ : items;
}

static bool
is_selected(const struct imapd_session *session, uint64_t mailbox)
{
	const struct imapd_selected *selected = session->selected;
	return selected &&
	       post_mailbox_account_id(selected->mailbox) == session->account_id &&
	       post_mailbox_id(selected->mailbox) == mailbox;
}

static void
add_mailbox(struct notices *notices, struct post_news_mailbox mailbox)
{
	struct post_mailbox_info info;
	const struct imapd_session *session = notices->session;
	const struct imapd_notify *notify = session->notify;
	if (is_selected(session, mailbox.id) || !notify->wanted.count ||
		!post_names_by_id(notices->names, mailbox.id, notices->arena, &info))
		return;
	if (notify->own.mailbox == mailbox.id)
		mailbox.arrived -= mailbox.arrived < notify->own.arrived
					   ? mailbox.arrived
					   : notify->own.arrived;
	unsigned events = imapd_notify_events(notify, info.name, info.subscribed);
	unsigned items = items_of(session, &mailbox, events);
	if (items)
		*add(notices) =
			(struct notice){.kind = STATUS, .name = info.name, .items = items};
}

/* --- annotations -----------------------------------------------------------------------
 */

static bool
is_watched(struct notices *notices, const struct post_news_entry *entry, struct slice *name)
{
	if (slice_absent(imapd_entry_of_kept(notices->session, true, entry->name)))
		return false;
	struct post_mailbox_info info;
	const struct imapd_notify *notify = notices->session->notify;
	bool always = imapd_is_on(notices->session, IMAPD_METADATA);
	*name = SLICE("");
	if (!entry->mailbox)
		return always || notify->wanted.events & WIRE_IMAP_EVENT_SERVER_METADATA;
	if (!post_names_by_id(notices->names, entry->mailbox, notices->arena, &info))
		return false;
	*name = info.name;
	return always || imapd_notify_events(notify, info.name, info.subscribed) &
				 WIRE_IMAP_EVENT_METADATA;
}

/* Neighbours of one mailbox share a line. */
static void
add_entries(struct notices *notices, const struct post_news_batch *batch)
{
	uint64_t mailbox = 0;
	struct notice *last = NULL;
	for (size_t i = 0; i < batch->entry_count; i++) {
		struct slice name;
		const struct post_news_entry *entry = &batch->entries[i];
		bool own = entry->serial == notices->session->notify->own.serial;
		if (own || !is_watched(notices, entry, &name))
			continue;
		if (!last || entry->mailbox != mailbox) {
			last = add(notices);
			*last = (struct notice){.kind = METADATA, .name = name};
			last->entries = ARENA_MANY(
				notices->arena, struct slice, batch->entry_count);
			mailbox = entry->mailbox;
		}
		last->entries[last->count++] = arena_copy(notices->arena, entry->name);
	}
}

/* --- all of it -------------------------------------------------------------------------
 */

static struct notices *
notices_new(struct imapd_session *session)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct notices *notices = ARENA_NEW(arena, struct notices);
	*notices = (struct notices){.lines = {.fill = fill, .release = release},
		.arena = arena,
		.session = session};
	if (post_names_now(session->account, &notices->names)) {
		arena_destroy(arena);
		return NULL;
	}
	return notices;
}

static void
hand_over(struct notices *notices)
{
	if (notices->count)
		imapd_put_lines(notices->session, &notices->lines);
	else
		release(&notices->lines);
}

/* RFC 5465 5.8. */
static void
overflow(struct imapd_session *session)
{
	static const struct wire_imap_notify none = {0};
	imapd_put_said(session, "* OK ",
		SLICE("[NOTIFICATIONOVERFLOW] Too much happened; nothing is told now"));
	imapd_notify_set(session, NULL, &none);
}

static void
remember(struct imapd_notify *notify, struct post_tree *names)
{
	post_names_drop(notify->names);
	notify->names = post_names_hold(names);
}

static void
put_batch(struct imapd_session *session, const struct post_news_batch *batch)
{
	struct imapd_notify *notify = session->notify;
	struct notices *notices = notices_new(session);
	if (!notices)
		return;
	if (batch->names && notify->names && notify->wanted.count &&
		!add_changes(notices, notify->names)) {
		release(&notices->lines);
		overflow(session);
		return;
	}
	for (size_t i = 0; i < batch->mailbox_count; i++)
		add_mailbox(notices, batch->mailboxes[i]);
	add_entries(notices, batch);
	remember(notify, notices->names);
	hand_over(notices);
}

static bool
is_empty(const struct post_news_batch *batch)
{
	return !batch->names && !batch->mailbox_count && !batch->entry_count;
}

void
imapd_notify_put(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	struct post_news_batch batch;
	if (!notify || !notify->news)
		return;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	post_news_take(notify->news, arena, &batch);
	if (batch.missed && notify->wanted.count)
		overflow(session);
	else if (!is_empty(&batch))
		put_batch(session, &batch);
	notify->own = (struct imapd_own){0};
}

void
imapd_notify_put_statuses(struct imapd_session *session)
{
	struct post_mailbox_info *mailboxes;
	struct notices *notices = notices_new(session);
	if (!notices)
		return;
	size_t count = post_mailboxes(session->account, notices->arena, &mailboxes);
	for (size_t i = 0; i < count; i++) {
		unsigned events = imapd_notify_events(
			session->notify, mailboxes[i].name, mailboxes[i].subscribed);
		if (!(events & WIRE_IMAP_EVENT_NEW) || !mailboxes[i].selectable ||
			is_selected(session, mailboxes[i].id))
			continue;
		*add(notices) = (struct notice){.kind = STATUS,
			.name = mailboxes[i].name,
			.items = WIRE_IMAP_STATUS_MESSAGES | WIRE_IMAP_STATUS_UIDNEXT |
				 WIRE_IMAP_STATUS_UIDVALIDITY |
				 (events & WIRE_IMAP_EVENT_FLAGS
						 ? WIRE_IMAP_STATUS_HIGHESTMODSEQ
						 : 0U)};
	}
	hand_over(notices);
}
