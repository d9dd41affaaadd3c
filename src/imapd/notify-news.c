/* News of an account, as a client asked for them: RFC 5465 5. */
#include "imapd/metadata.h"
#include "imapd/notify-lines.h"

/* --- names -----------------------------------------------------------------------------
 */

static bool
is_above(struct slice name, struct slice below)
{
	return name.length < below.length && slice_starts(below, name) &&
	       below.data[name.length] == POST_SEPARATOR;
}

bool
imapd_notify_is_own_name(
	const struct imapd_notify *notify, struct slice name, bool subscription)
{
	for (size_t i = 0; i < 2; i++) {
		struct slice own = notify->own.names[i];
		if (slice_empty(own))
			continue;
		/* Parents came with it, or went. */
		if (imapd_names_equal(name, own) || (!subscription && is_above(name, own)))
			return true;
	}
	return false;
}

/* RFC 5465 5.4: a mailbox that is made or deleted concerns its parent too. */
static void
add_parent(struct imapd_notices *notices, struct slice name)
{
	const struct imapd_notify *notify = notices->session->notify;
	size_t slash = slice_find_last_byte(name, POST_SEPARATOR);
	if (slash == name.length)
		return;
	struct slice parent = slice_first(name, slash);
	bool subscribed = post_names_subscribed(notices->names, parent);
	if (imapd_notify_events(notify, parent, subscribed) & WIRE_IMAP_EVENT_NAME)
		imapd_notice_add_list(notices, parent, SLICE_NONE, SLICE_NONE);
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
add_renewed(struct imapd_notices *notices, const struct post_name_change *change,
	unsigned events)
{
	if (change->events & POST_NAME_RENEWED && events & WIRE_IMAP_EVENT_FLAGS)
		*imapd_notice_add(notices) = (struct imapd_notice){
			.kind = IMAPD_NOTICE_STATUS,
			.name = change->name,
			.items = WIRE_IMAP_STATUS_MESSAGES | WIRE_IMAP_STATUS_UIDNEXT |
				 WIRE_IMAP_STATUS_UIDVALIDITY};
}

static void
add_change(struct imapd_notices *notices, const struct post_tree *before,
	const struct post_name_change *change)
{
	const struct imapd_notify *notify = notices->session->notify;
	const unsigned named = POST_NAME_CREATED | POST_NAME_DELETED | POST_NAME_RENAMED;
	unsigned events = events_of_change(notify, before, notices->names, change);
	bool tells_name = events & WIRE_IMAP_EVENT_NAME && change->events & named &&
			  !(change->events & POST_NAME_WITH_PARENT);
	bool tells_subscription = events & WIRE_IMAP_EVENT_SUBSCRIPTION &&
				  change->events & POST_NAME_SUBSCRIBED;
	if (imapd_notify_is_own_name(
		    notify, change->name, change->events & POST_NAME_SUBSCRIBED))
		return;
	if (tells_name && change->events & (POST_NAME_CREATED | POST_NAME_DELETED))
		add_parent(notices, change->name);
	if (tells_name || tells_subscription)
		imapd_notice_add_list(notices, change->name,
			slice_empty(change->old_name) ? SLICE_NONE : change->old_name,
			SLICE_NONE);
	add_renewed(notices, change, events);
}

/* False when there are too many. */
static bool
add_changes(struct imapd_notices *notices, const struct post_tree *before)
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
unsigned
imapd_notify_items(const struct imapd_session *session,
	const struct post_news_mailbox *mailbox, unsigned events)
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

unsigned
imapd_notify_first_items(unsigned events)
{
	return WIRE_IMAP_STATUS_MESSAGES | WIRE_IMAP_STATUS_UIDNEXT |
	       WIRE_IMAP_STATUS_UIDVALIDITY |
	       (events & WIRE_IMAP_EVENT_FLAGS ? WIRE_IMAP_STATUS_HIGHESTMODSEQ : 0U);
}

void
imapd_notify_take_own(const struct imapd_notify *notify, uint64_t account,
	struct post_news_mailbox *mailbox)
{
	const struct imapd_own *own = &notify->own;
	if (own->account == account && own->mailbox == mailbox->id)
		mailbox->arrived -=
			mailbox->arrived < own->arrived ? mailbox->arrived : own->arrived;
}

static bool
is_selected(const struct imapd_session *session, uint64_t mailbox)
{
	return imapd_is_selected_mailbox(session, session->account_id, mailbox);
}

static void
add_mailbox(struct imapd_notices *notices, struct post_news_mailbox mailbox)
{
	struct post_mailbox_info info;
	const struct imapd_session *session = notices->session;
	const struct imapd_notify *notify = session->notify;
	if (is_selected(session, mailbox.id) || !notify->wanted.count ||
		!post_names_by_id(notices->names, mailbox.id, notices->arena, &info))
		return;
	imapd_notify_take_own(notify, session->account_id, &mailbox);
	unsigned events = imapd_notify_events(notify, info.name, info.subscribed);
	unsigned items = imapd_notify_items(session, &mailbox, events);
	if (items)
		*imapd_notice_add(notices) = (struct imapd_notice){
			.kind = IMAPD_NOTICE_STATUS, .name = info.name, .items = items};
}

/* --- annotations -----------------------------------------------------------------------
 */

static bool
is_watched(struct imapd_notices *notices, const struct post_news_entry *entry,
	struct slice *name)
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
add_entries(struct imapd_notices *notices, const struct post_news_batch *batch)
{
	uint64_t mailbox = 0;
	struct imapd_notice *last = NULL;
	for (size_t i = 0; i < batch->entry_count; i++) {
		struct slice name;
		const struct post_news_entry *entry = &batch->entries[i];
		const struct imapd_own *mine = &notices->session->notify->own;
		bool own = mine->annotated == notices->session->account_id &&
			   mine->serial == entry->serial;
		if (own || !is_watched(notices, entry, &name))
			continue;
		if (!last || entry->mailbox != mailbox) {
			last = imapd_notice_add(notices);
			*last = (struct imapd_notice){
				.kind = IMAPD_NOTICE_METADATA, .name = name};
			last->entries = ARENA_MANY(
				notices->arena, struct slice, batch->entry_count);
			mailbox = entry->mailbox;
		}
		last->entries[last->count++] = arena_copy(notices->arena, entry->name);
	}
}

/* --- all of it -------------------------------------------------------------------------
 */

void
imapd_notify_overflow(struct imapd_session *session)
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
	struct imapd_notices *notices = imapd_notices_new(session, session->account);
	if (!notices)
		return;
	if (batch->names && notify->names && notify->wanted.count &&
		!add_changes(notices, notify->names)) {
		imapd_notices_drop(notices);
		imapd_notify_overflow(session);
		return;
	}
	for (size_t i = 0; i < batch->mailbox_count; i++)
		add_mailbox(notices, batch->mailboxes[i]);
	add_entries(notices, batch);
	remember(notify, notices->names);
	imapd_notices_hand_over(notices);
}

static bool
is_empty(const struct post_news_batch *batch)
{
	return !batch->names && !batch->mailbox_count && !batch->entry_count;
}

/* False when it was too much, and nothing is told any more. */
static bool
put_own(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	struct post_news_batch batch;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	post_news_take(notify->news, arena, &batch);
	if (batch.missed && notify->wanted.count) {
		imapd_notify_overflow(session);
		return false;
	}
	if (!is_empty(&batch))
		put_batch(session, &batch);
	/* Of another's mailbox, too, one may be subscribed to from now on. */
	if (batch.names)
		imapd_notify_watch_others(session);
	return true;
}

void
imapd_notify_put(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	if (!notify || !notify->news)
		return;
	if (put_own(session))
		imapd_notify_put_others(session);
	notify->own = (struct imapd_own){0};
}

void
imapd_notify_put_statuses(struct imapd_session *session)
{
	struct post_mailbox_info *mailboxes;
	struct imapd_notices *notices = imapd_notices_new(session, session->account);
	if (!notices)
		return;
	size_t count = post_mailboxes(session->account, notices->arena, &mailboxes);
	for (size_t i = 0; i < count; i++) {
		unsigned events = imapd_notify_events(
			session->notify, mailboxes[i].name, mailboxes[i].subscribed);
		if (!(events & WIRE_IMAP_EVENT_NEW) || !mailboxes[i].selectable ||
			is_selected(session, mailboxes[i].id))
			continue;
		*imapd_notice_add(notices) =
			(struct imapd_notice){.kind = IMAPD_NOTICE_STATUS,
				.name = mailboxes[i].name,
				.items = imapd_notify_first_items(events)};
	}
	imapd_notices_hand_over(notices);
	imapd_notify_put_statuses_of_others(session);
}
