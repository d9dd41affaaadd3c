/* Searches that stand: RFC 5267 4.3, UPDATE, ADDTO, REMOVEFROM, CANCELUPDATE. */
#include "imapd/rows-due.h"
#include "imapd/searching.h"
#include "imapd/standing-order.h"

enum {
	HEAD_MOST = 4096,
	KEYS_MOST = 2 * WIRE_IMAP_COMMAND_MOST,
	READ_MOST = 100, /* messages that are read at once for a search that stands */
	PLACES_MOST = 1000,
	PLACES_LENGTH = PLACES_MOST * 24
};

struct imapd_standing {
	struct imapd_standing *next;
	struct arena *arena;             /* of itself and what it holds */
	struct slice tag, charset, keys; /* keys: as a client would write them */
	bool as_uids;
	struct post_uids *results;
	struct imapd_standing_order *order; /* of a SORT's results; else NULL */
	uint32_t greatest;                  /* UID, when results were found: "*" */
	struct wire_imap_fetch_item *items; /* of new messages (RFC 5465 7) */
	size_t item_count;
};

static void
standing_end(struct imapd_session *session, struct imapd_standing *standing)
{
	if (standing->item_count)
		imapd_rows_due_drop(session, standing->items);
	post_uids_destroy(standing->results);
	imapd_standing_order_free(standing->order);
	arena_destroy(standing->arena);
}

void
imapd_standing_end_all(struct imapd_session *session, struct imapd_selected *selected)
{
	for (struct imapd_standing *at; (at = selected->standing);) {
		selected->standing = at->next;
		standing_end(session, at);
	}
}

bool
imapd_standing_cancel(struct imapd_session *session, struct slice tag)
{
	struct imapd_standing **link = &session->selected->standing;
	for (; *link; link = &(*link)->next) {
		struct imapd_standing *at = *link;
		if (!slice_equal(at->tag, tag))
			continue;
		*link = at->next;
		standing_end(session, at);
		return true;
	}
	return false;
}

/* --- beginning -------------------------------------------------------------------------
 */

static size_t
count_all(const struct imapd_selected *selected)
{
	size_t count = 0;
	for (const struct imapd_standing *at = selected->standing; at; at = at->next)
		count++;
	return count;
}

static size_t
count_places(const struct imapd_selected *selected)
{
	size_t count = 0;
	for (const struct imapd_standing *at = selected->standing; at; at = at->next)
		count += imapd_standing_order_count(at->order);
	return count;
}

static bool
has_room(const struct imapd_selected *selected, size_t more)
{
	return count_places(selected) + more <= IMAPD_PLACES_MOST;
}

static void
refuse(struct imapd_session *session, struct slice tag)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(HEAD_MOST);
	buffer_put_text(&line, "[NOUPDATE ");
	wire_imap_put_string(&line, tag, false);
	buffer_put_text(&line, "] That is not kept up to date");
	imapd_put_said(session, "* NO ", buffer_slice(&line));
}

void
imapd_standing_refuse(struct imapd_session *session)
{
	refuse(session, session->call->tag);
}

bool
imapd_standing_has_tag(const struct imapd_session *session)
{
	const struct imapd_standing *at = session->selected->standing;
	while (at && !slice_equal(at->tag, session->call->tag))
		at = at->next;
	return at;
}

/* Each number means another message when one before it goes: nobody would tell of that. */
void
imapd_standing_begin(struct imapd_session *session, const struct imapd_searching *searching,
	const struct post_uids *found, struct imapd_standing_order *order)
{
	struct imapd_selected *selected = session->selected;
	SCOPED(buffer_free) struct buffer keys = buffer_with(KEYS_MOST);
	if (count_all(selected) == IMAPD_STANDING_MOST ||
		!has_room(selected, imapd_standing_order_count(order)) ||
		wire_imap_search_has_numbers(searching->wanted.key) ||
		!wire_imap_search_put(&keys, &searching->wanted)) {
		imapd_standing_refuse(session);
		imapd_standing_order_free(order);
		return;
	}
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct imapd_standing *standing = ARENA_NEW(arena, struct imapd_standing);
	standing->arena = arena;
	standing->tag = arena_copy(arena, session->call->tag);
	standing->charset = arena_copy(arena, searching->charset);
	standing->keys = arena_copy(arena, buffer_slice(&keys));
	standing->as_uids = session->call->uid;
	standing->results = post_uids_copy(found);
	standing->order = order;
	standing->greatest = post_uids_most(post_view_uids(selected->view));
	standing->item_count = searching->wanted.results.item_count;
	standing->items = wire_imap_fetch_items_copy(
		arena, searching->wanted.results.items, standing->item_count);
	standing->next = selected->standing;
	selected->standing = standing;
}

/* --- news ------------------------------------------------------------------------------
 */

static void
put_head(const struct imapd_standing *standing, const char *name, struct buffer *into)
{
	buffer_put_text(into, "* ESEARCH (TAG ");
	wire_imap_put_string(into, standing->tag, false);
	buffer_printf(into, ")%s %s (", standing->as_uids ? " UID" : "", name);
}

/* RFC 5267 4.3.3: position 0, as a search has no order. */
static void
tell_set(struct imapd_session *session, const struct imapd_standing *standing,
	struct post_view *view, const char *name, const struct post_uids *uids)
{
	SCOPED(buffer_free) struct buffer head = buffer_with(HEAD_MOST);
	put_head(standing, name, &head);
	buffer_put_text(&head, "0 ");
	imapd_put_set_line(
		session, view, uids, standing->as_uids, buffer_slice(&head), SLICE(")"));
}

static void
tell_places(struct imapd_session *session, const struct imapd_standing *standing,
	const struct post_view *view, const char *name, const struct imapd_place *places,
	size_t count)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(HEAD_MOST + PLACES_LENGTH);
	put_head(standing, name, &line);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&line, "%s%u %u", i ? " " : "", places[i].place,
			standing->as_uids ? places[i].uid
					  : post_view_sequence(view, places[i].uid));
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
}

/* False when that is too much to be told with places. */
static bool
tell_removed(struct imapd_session *session, struct imapd_standing *standing,
	const struct post_uids *removed)
{
	struct imapd_place places[PLACES_MOST];
	struct post_view *view = session->selected->view;
	size_t count = post_uids_count(removed);
	if (!count)
		return true;
	post_uids_minus(standing->results, removed);
	if (!standing->order) {
		tell_set(session, standing, view, "REMOVEFROM", removed);
		return true;
	}
	if (count > PLACES_MOST)
		return false;
	imapd_standing_order_take(standing->order, removed, places);
	tell_places(session, standing, view, "REMOVEFROM", places, count);
	return true;
}

/* False when that is too much to be put in order before an answer, or can't be read. */
static bool
tell_added(struct imapd_session *session, struct imapd_standing *standing,
	const struct post_uids *added, unsigned *comparisons)
{
	struct imapd_place places[READ_MOST];
	struct post_view *view = session->selected->view;
	size_t count = post_uids_count(added);
	if (!count)
		return true;
	post_uids_or(standing->results, added);
	if (!standing->order) {
		tell_set(session, standing, view, "ADDTO", added);
		return true;
	}
	if (count > READ_MOST || !has_room(session->selected, count) ||
		imapd_standing_order_add(standing->order, view, added, comparisons, places))
		return false;
	tell_places(session, standing, view, "ADDTO", places, count);
	return true;
}

static void
give_up(struct imapd_session *session, const struct imapd_standing *standing)
{
	refuse(session, standing->tag);
	imapd_standing_cancel(session, standing->tag);
}

void
imapd_standing_gone(struct imapd_session *session, const struct post_uids *vanished)
{
	struct imapd_standing *next;
	for (struct imapd_standing *at = session->selected->standing; at; at = next) {
		SCOPED(post_uids_release)
		struct post_uids *gone = post_uids_copy(at->results);
		next = at->next;
		post_uids_and(gone, vanished);
		if (!tell_removed(session, at, gone))
			give_up(session, at);
	}
}

static bool
reads_messages(const struct post_query *query)
{
	if (query->kind == POST_QUERY_BODY || query->kind == POST_QUERY_TEXT)
		return true;
	for (size_t i = 0; i < query->count; i++)
		if (reads_messages(&query->children[i]))
			return true;
	return false;
}

/* Anew each time, as UIDs, mod-sequences, ages and filters mean other messages by now. */
static bool
make_query(struct imapd_session *session, const struct imapd_standing *standing,
	struct arena *arena, struct post_query *query)
{
	const char *fault;
	struct wire_imap_search search;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(standing->keys, arena);
	return wire_imap_search_keys_parse(&cursor, &search) &&
	       imapd_query_of(session, arena, standing->charset, search.key, query, &fault);
}

/* "*" means another message by now: no more than these two are found, or not, for that. */
static struct post_uids *
with_greatest(const struct imapd_standing *standing, const struct post_view *view,
	const struct post_uids *touched)
{
	struct post_uids *all = post_uids_copy(touched);
	uint32_t greatest = post_uids_most(post_view_uids(view));
	if (greatest == standing->greatest)
		return all;
	post_uids_add(all, standing->greatest);
	post_uids_add(all, greatest);
	post_uids_and(all, post_view_uids(view));
	return all;
}

/*
 * Those of touched that the search finds now; NULL when it failed. Many messages can't be
 * read before an answer: then it failed, too.
 */
static struct post_uids *
find_again(struct imapd_session *session, const struct imapd_standing *standing,
	const struct post_uids *touched)
{
	struct post_uids *found = NULL;
	SCOPED(arena_release) struct arena *arena = arena_create(IMAPD_CALL_MEMORY);
	struct post_query both[] = {{.kind = POST_QUERY_UIDS, .uids = touched}, {0}};
	const struct post_query query = {
		.kind = POST_QUERY_AND, .children = both, .count = 2};
	if (!make_query(session, standing, arena, &both[1]) ||
		(reads_messages(&both[1]) && post_uids_count(touched) > READ_MOST))
		return NULL;
	struct post_search *search = post_search_begin(session->selected->view, &query);
	while (post_search_step(search))
		continue;
	return post_search_end(search, &found) ? NULL : found;
}

/* False when it can't be kept up to date any more. */
static bool
update(struct imapd_session *session, struct imapd_standing *standing,
	const struct post_uids *touched, const struct post_uids *arrived,
	unsigned *comparisons)
{
	struct post_view *view = session->selected->view;
	SCOPED(post_uids_release)
	struct post_uids *doubtful = with_greatest(standing, view, touched);
	standing->greatest = post_uids_most(post_view_uids(view));
	if (post_uids_empty(doubtful))
		return true;
	SCOPED(post_uids_release)
	struct post_uids *found = find_again(session, standing, doubtful);
	if (!found)
		return false;
	SCOPED(post_uids_release) struct post_uids *added = post_uids_copy(found);
	SCOPED(post_uids_release)
	struct post_uids *removed = post_uids_copy(standing->results);
	post_uids_minus(added, standing->results);
	post_uids_and(removed, doubtful);
	post_uids_minus(removed, found);
	if (!tell_removed(session, standing, removed) ||
		!tell_added(session, standing, added, comparisons))
		return false;
	post_uids_and(added, arrived);
	imapd_rows_due_add(session, standing->items, standing->item_count, added);
	return true;
}

void
imapd_standing_update(struct imapd_session *session, const struct post_uids *touched,
	const struct post_uids *arrived)
{
	struct imapd_standing *next;
	unsigned comparisons = IMAPD_COMPARISONS_MOST;
	for (struct imapd_standing *at = session->selected->standing; at; at = next) {
		next = at->next;
		if (!update(session, at, touched, arrived, &comparisons))
			give_up(session, at);
	}
}

const struct imapd_extension imapd_extension_context_search = {
	.capability = "CONTEXT=SEARCH",
	.rfc = "5267 4",
	.purpose = "What a search finds is kept up to date",
	.file = __FILE__,
};
