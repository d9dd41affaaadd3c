/* News of mailboxes that others share: RFC 5465 6.4 to 6.6, RFC 4314 4. */
#include "imapd/metadata.h"
#include "imapd/notify-lines.h"
#include "imapd/others.h"
#include "imapd/rights.h"

/* An account that shares something, or may: what is told is weighed by rights, each time.
 */
struct imapd_watched {
	struct imapd_watched *next;
	struct post_account *account; /* held by its news */
	struct slice root;            /* "Other Users/anna@example.org/"; allocated */
	struct post_news *news;
	struct post_tree *names; /* as the client was told; may be NULL */
	bool wanted;
};

static void
leave(struct imapd_watched *watched)
{
	post_names_drop(watched->names);
	post_news_end(watched->news);
	free((void *)(uintptr_t)watched->root.data);
	free(watched);
}

void
imapd_notify_leave_others(struct imapd_notify *notify)
{
	struct imapd_watched *next;
	for (struct imapd_watched *at = notify->others; at; at = next) {
		next = at->next;
		leave(at);
	}
	notify->others = NULL;
}

/* --- who is watched ---------------------------------------------------------------------
 */

struct choosing {
	struct imapd_session *session;
	size_t count;
	bool too_many;
};

static struct imapd_watched *
watched_of(const struct imapd_notify *notify, struct slice root)
{
	for (struct imapd_watched *at = notify->others; at; at = at->next)
		if (slice_equal_nocase(at->root, root))
			return at;
	return NULL;
}

/* News first, as of one's own. */
static struct imapd_watched *
watch(struct imapd_notify *notify, struct post_account *account, struct slice root)
{
	struct imapd_watched *watched = calloc(1, sizeof *watched);
	char *kept = malloc(root.length);
	ASSERT(watched && kept);
	memcpy(kept, root.data, root.length);
	watched->root = slice_of(kept, root.length);
	watched->account = account;
	watched->news = post_news_begin(account, imapd_notify_happened, notify);
	if (post_names_now(account, &watched->names))
		watched->names = NULL;
	watched->next = notify->others;
	notify->others = watched;
	return watched;
}

static void
choose(void *argument, struct post_account *owner, struct slice root)
{
	struct choosing *choosing = argument;
	struct imapd_notify *notify = choosing->session->notify;
	struct imapd_watched *watched = watched_of(notify, root);
	if (watched && watched->wanted)
		return;
	if (choosing->count == IMAPD_NOTIFY_OTHERS_MOST) {
		choosing->too_many = true;
		return;
	}
	choosing->count++;
	watched = watched ? watched : watch(notify, owner, root);
	watched->wanted = true;
}

/* Also of one that is not there, or not to be seen: that may change. */
static void
choose_named(void *argument, struct slice written)
{
	struct choosing *choosing = argument;
	struct post_place place;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure = post_place_find(
		choosing->session->account, imapd_mailbox_name(written), arena, &place);
	if (!failure && place.owner != POST_OWN)
		choose(choosing, place.account, place.root);
}

static void
each_below(struct choosing *choosing, struct slice level)
{
	imapd_each_owner(choosing->session, &level, 1, choose, choosing);
}

static void
choose_group(struct choosing *choosing, const struct wire_imap_notify_group *group)
{
	if (group->filter == WIRE_IMAP_NOTIFY_SUBSCRIBED)
		imapd_each_subscription(choosing->session, choose_named, choosing);
	for (size_t i = 0; i < group->count; i++) {
		choose_named(choosing, group->names[i]);
		if (group->filter != WIRE_IMAP_NOTIFY_MAILBOXES)
			each_below(choosing, imapd_mailbox_name(group->names[i]));
	}
}

static void
leave_unwanted(struct imapd_notify *notify)
{
	struct imapd_watched **link = &notify->others;
	while (*link) {
		struct imapd_watched *at = *link;
		if (at->wanted) {
			link = &at->next;
			continue;
		}
		*link = at->next;
		leave(at);
	}
}

bool
imapd_notify_watch_others(struct imapd_session *session)
{
	struct imapd_notify *notify = session->notify;
	struct choosing choosing = {.session = session};
	for (struct imapd_watched *at = notify->others; at; at = at->next)
		at->wanted = false;
	for (size_t i = 0; i < notify->wanted.count; i++)
		if (notify->wanted.groups[i].events)
			choose_group(&choosing, &notify->wanted.groups[i]);
	leave_unwanted(notify);
	return !choosing.too_many;
}

/* --- names ------------------------------------------------------------------------------
 */

/* What the client may see of an account. */
struct sight {
	struct post_shown *shown; /* in the order of their numbers */
	size_t count;
};

static int
compare_ids(const void *a, const void *b)
{
	const struct post_shown *first = a, *second = b;
	return first->id < second->id ? -1 : first->id > second->id;
}

static struct sight
sight_of(const struct imapd_notices *notices, const struct post_tree *names)
{
	struct sight sight = {0};
	sight.count = post_names_shown(
		names, notices->session->account_id, notices->arena, &sight.shown);
	qsort(sight.shown, sight.count, sizeof *sight.shown, compare_ids);
	return sight;
}

static const struct post_shown *
find_name(const struct sight *sight, struct slice name)
{
	for (size_t i = 0; i < sight->count; i++)
		if (slice_equal(sight->shown[i].name, name))
			return &sight->shown[i];
	return NULL;
}

static const struct post_shown *
find_id(const struct sight *sight, uint64_t id)
{
	struct post_shown key = {.id = id};
	return sight->count
		       ? bsearch(&key, sight->shown, sight->count, sizeof key, compare_ids)
		       : NULL;
}

struct telling {
	struct imapd_notices *notices;
	const struct imapd_watched *watched;
	struct sight before, after;
	size_t told;
};

static struct slice
full_name(const struct telling *telling, struct slice name)
{
	struct slice parts[] = {telling->watched->root, name};
	return arena_join(telling->notices->arena, parts, 2);
}

static bool
is_asked(const struct telling *telling, struct slice name)
{
	const struct imapd_notify *notify = telling->notices->session->notify;
	return imapd_notify_events_of_others(notify, name) & WIRE_IMAP_EVENT_NAME;
}

static struct slice
attributes_of(
	const struct telling *telling, const struct post_shown *shown, struct slice name)
{
	const struct imapd_notify *notify = telling->notices->session->notify;
	bool subscribed = notify->names && post_names_subscribed(notify->names, name);
	return arena_printf(telling->notices->arena, "%s%s",
		!shown                ? "\\NonExistent"
		: shown->has_children ? "\\HasChildren"
				      : "\\HasNoChildren",
		subscribed ? " \\Subscribed" : "");
}

/* RFC 5465 5.4: one that came or went concerns the mailbox above it too. */
static void
tell_parent(struct telling *telling, struct slice name)
{
	size_t slash = slice_find_last_byte(name, POST_SEPARATOR);
	if (slash == name.length)
		return;
	const struct post_shown *parent =
		find_name(&telling->after, slice_first(name, slash));
	struct slice full = parent ? full_name(telling, parent->name) : SLICE("");
	if (parent && is_asked(telling, full))
		imapd_notice_add_list(telling->notices, full, SLICE_NONE,
			attributes_of(telling, parent, full));
}

/* Children follow the mailbox above them without a word. */
static bool
went_with_parent(const struct telling *telling, const struct post_shown *old,
	const struct post_shown *now)
{
	size_t slash = slice_find_last_byte(old->name, POST_SEPARATOR);
	const struct post_shown *former =
		slash == old->name.length
			? NULL
			: find_name(&telling->before, slice_first(old->name, slash));
	const struct post_shown *parent =
		former ? find_id(&telling->after, former->id) : NULL;
	return parent && slice_starts(now->name, parent->name) &&
	       slice_equal(slice_from(old->name, slash),
		       slice_from(now->name, parent->name.length));
}

static void
tell_change(
	struct telling *telling, const struct post_shown *old, const struct post_shown *now)
{
	const struct imapd_notify *notify = telling->notices->session->notify;
	ASSERT(old || now);
	struct slice name = full_name(telling, now ? now->name : old->name);
	struct slice former = old && now ? full_name(telling, old->name) : SLICE_NONE;
	bool asked = is_asked(telling, name) ||
		     (!slice_absent(former) && is_asked(telling, former));
	telling->told++;
	if (!asked || imapd_notify_is_own_name(notify, name, false) ||
		(old && now && went_with_parent(telling, old, now)))
		return;
	if (!old || !now)
		tell_parent(telling, old ? old->name : now->name);
	imapd_notice_add_list(
		telling->notices, name, former, attributes_of(telling, now, name));
}

/* False when there are too many. Rights that were given or taken show and hide names. */
static bool
tell_names(struct telling *telling)
{
	const struct sight *before = &telling->before, *after = &telling->after;
	size_t i = 0, j = 0;
	while (i < before->count || j < after->count) {
		const struct post_shown *old = i < before->count ? &before->shown[i] : NULL;
		const struct post_shown *now = j < after->count ? &after->shown[j] : NULL;
		if (old && now && old->id != now->id) {
			if (old->id < now->id)
				now = NULL;
			else
				old = NULL;
		}
		i += old ? 1 : 0;
		j += now ? 1 : 0;
		if (!old || !now || !slice_equal(old->name, now->name))
			tell_change(telling, old, now);
		if (telling->told > IMAPD_NOTIFY_NAMES_MOST)
			return false;
	}
	return true;
}

/* --- messages and annotations -----------------------------------------------------------
 */

static void
tell_mailbox(struct telling *telling, struct post_news_mailbox mailbox)
{
	struct imapd_notices *notices = telling->notices;
	struct imapd_session *session = notices->session;
	uint64_t account = post_account_id(telling->watched->account);
	const struct post_shown *shown = find_id(&telling->after, mailbox.id);
	if (!shown || !(shown->rights & WIRE_RIGHT_READ) ||
		imapd_is_selected_mailbox(session, account, mailbox.id))
		return;
	imapd_notify_take_own(session->notify, account, &mailbox);
	struct slice name = full_name(telling, shown->name);
	unsigned items = imapd_notify_items(
		session, &mailbox, imapd_notify_events_of_others(session->notify, name));
	if (items)
		*imapd_notice_add(notices) = (struct imapd_notice){
			.kind = IMAPD_NOTICE_STATUS, .name = name, .items = items};
}

/* A line for each. */
static void
tell_entry(struct telling *telling, const struct post_news_entry *entry)
{
	struct imapd_notices *notices = telling->notices;
	struct imapd_session *session = notices->session;
	const struct imapd_own *own = &session->notify->own;
	struct imapd_annotated annotated;
	const struct post_shown *shown = find_id(&telling->after, entry->mailbox);
	struct slice kept = imapd_entry_of_kept(session, false, entry->name);
	if (!shown || slice_absent(kept) ||
		(own->annotated == post_account_id(telling->watched->account) &&
			own->serial == entry->serial))
		return;
	struct slice name = full_name(telling, shown->name);
	if (!(imapd_notify_events_of_others(session->notify, name) &
		    WIRE_IMAP_EVENT_METADATA) ||
		imapd_annotated_find(session, name, notices->arena, &annotated))
		return;
	struct imapd_notice *notice = imapd_notice_add(notices);
	*notice = (struct imapd_notice){
		.kind = IMAPD_NOTICE_METADATA, .name = name, .count = 1};
	notice->entries = ARENA_NEW(notices->arena, struct slice);
	notice->entries[0] = arena_copy(notices->arena, kept);
}

/* --- all of it --------------------------------------------------------------------------
 */

static bool
tell_batch(struct telling *telling, const struct post_news_batch *batch)
{
	if (batch->names && telling->watched->names && !tell_names(telling))
		return false;
	for (size_t i = 0; i < batch->mailbox_count; i++)
		tell_mailbox(telling, batch->mailboxes[i]);
	for (size_t i = 0; i < batch->entry_count; i++)
		tell_entry(telling, &batch->entries[i]);
	return true;
}

/* False when it is too much. Of an account that is gone nothing is there any more. */
static bool
put_batch(struct imapd_session *session, struct imapd_watched *watched,
	const struct post_news_batch *batch)
{
	struct imapd_notices *notices = imapd_notices_new(session, watched->account);
	if (!notices)
		return true;
	struct telling telling = {.notices = notices, .watched = watched};
	if (!batch->gone)
		telling.after = sight_of(notices, notices->names);
	if (batch->names && watched->names)
		telling.before = sight_of(notices, watched->names);
	if (!tell_batch(&telling, batch)) {
		imapd_notices_drop(notices);
		return false;
	}
	post_names_drop(watched->names);
	watched->names = post_names_hold(notices->names);
	imapd_notices_hand_over(notices);
	return true;
}

static bool
put_of(struct imapd_session *session, struct imapd_watched *watched)
{
	struct post_news_batch batch;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	post_news_take(watched->news, arena, &batch);
	batch.names |= batch.gone;
	watched->wanted = !batch.gone;
	if (batch.missed)
		return false;
	return (!batch.names && !batch.mailbox_count && !batch.entry_count) ||
	       put_batch(session, watched, &batch);
}

/* Whoever holds a removed account open keeps its mail on the disk. */
void
imapd_notify_put_others(struct imapd_session *session)
{
	for (struct imapd_watched *at = session->notify->others; at; at = at->next)
		if (!put_of(session, at)) {
			imapd_notify_overflow(session);
			return;
		}
	leave_unwanted(session->notify);
}

static void
put_statuses_of(struct imapd_session *session, const struct imapd_watched *watched)
{
	struct imapd_notices *notices = imapd_notices_new(session, watched->account);
	if (!notices)
		return;
	struct telling telling = {.notices = notices, .watched = watched};
	struct post_shown *shown;
	size_t count = post_names_shown(
		notices->names, session->account_id, notices->arena, &shown);
	for (size_t i = 0; i < count; i++) {
		struct slice name = full_name(&telling, shown[i].name);
		unsigned events = imapd_notify_events_of_others(session->notify, name);
		if (events & WIRE_IMAP_EVENT_NEW && shown[i].rights & WIRE_RIGHT_READ &&
			!imapd_is_selected_mailbox(
				session, post_account_id(watched->account), shown[i].id))
			*imapd_notice_add(notices) =
				(struct imapd_notice){.kind = IMAPD_NOTICE_STATUS,
					.name = name,
					.items = imapd_notify_first_items(events)};
	}
	imapd_notices_hand_over(notices);
}

void
imapd_notify_put_statuses_of_others(struct imapd_session *session)
{
	for (struct imapd_watched *at = session->notify->others; at; at = at->next)
		put_statuses_of(session, at);
}
