/* SEARCH: RFC 3501 6.4.4. The tree is turned into post's; what it means is post's. */
#include "imapd/lines.h"
#include "wire/charset.h"
#include "wire/imap-search.h"

enum {
	UTF8_MOST = 4 * WIRE_IMAP_COMMAND_MOST, /* of a text in any charset */
	SLICE_MS = 5
};

struct searching {
	struct post_view *view;
	struct post_query query;
	struct post_search *search;
	struct slice charset;
	const char *fault;
};

static void
release(void *argument)
{
	struct searching *searching = argument;
	post_search_destroy(searching->search);
	post_view_drop(searching->view);
}

static void
release_uids(void *argument)
{
	post_uids_destroy(argument);
}

/* --- the query ----------------------------------------------------------------------- */

static struct post_query query_of(struct imapd_session *session,
	struct searching *searching, const struct wire_imap_search_key *key);

static struct post_query
query_of_uids(struct imapd_session *session, struct post_uids *uids)
{
	arena_on_release(session->call->arena, release_uids, uids);
	return (struct post_query){.kind = POST_QUERY_UIDS, .uids = uids};
}

static struct post_query
query_of_set(struct imapd_session *session, struct searching *searching,
	const struct wire_imap_search_key *key)
{
	struct post_uids *uids = NULL;
	struct wire_imap_set set = key->set;
	if (!imapd_uids_sought(session, &set, key->kind == WIRE_IMAP_SEARCH_UID, &uids,
		    &searching->fault))
		uids = post_uids_create();
	return query_of_uids(session, uids);
}

static struct post_query
query_of_recent(struct imapd_session *session)
{
	struct post_uids *uids = post_uids_create();
	post_uids_add_range(uids, session->selected->recent_from, UINT32_MAX - 1);
	return query_of_uids(session, uids);
}

static struct post_query
query_of_children(struct imapd_session *session, struct searching *searching,
	const struct wire_imap_search_key *key, enum post_query_kind kind)
{
	size_t count = 0;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		count++;
	struct post_query *children =
		ARENA_MANY(session->call->arena, struct post_query, count);
	size_t filled = 0;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		children[filled++] = query_of(session, searching, at);
	return (struct post_query){.kind = kind, .children = children, .count = count};
}

static struct slice
in_utf8(struct imapd_session *session, const struct searching *searching, struct slice text)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(UTF8_MOST);
	wire_to_utf8(searching->charset, text, &utf8);
	return arena_copy(session->call->arena, buffer_slice(&utf8));
}

static enum post_query_kind
plain_kind(enum wire_imap_search_kind kind)
{
	static const enum post_query_kind kinds[] = {
		[WIRE_IMAP_SEARCH_FLAG] = POST_QUERY_FLAG,
		[WIRE_IMAP_SEARCH_KEYWORD] = POST_QUERY_FLAG,
		[WIRE_IMAP_SEARCH_BEFORE] = POST_QUERY_BEFORE,
		[WIRE_IMAP_SEARCH_ON] = POST_QUERY_ON,
		[WIRE_IMAP_SEARCH_SINCE] = POST_QUERY_SINCE,
		[WIRE_IMAP_SEARCH_SENT_BEFORE] = POST_QUERY_SENT_BEFORE,
		[WIRE_IMAP_SEARCH_SENT_ON] = POST_QUERY_SENT_ON,
		[WIRE_IMAP_SEARCH_SENT_SINCE] = POST_QUERY_SENT_SINCE,
		[WIRE_IMAP_SEARCH_LARGER] = POST_QUERY_LARGER,
		[WIRE_IMAP_SEARCH_SMALLER] = POST_QUERY_SMALLER,
		[WIRE_IMAP_SEARCH_HEADER] = POST_QUERY_HEADER,
		[WIRE_IMAP_SEARCH_BODY] = POST_QUERY_BODY,
		[WIRE_IMAP_SEARCH_TEXT] = POST_QUERY_TEXT,
	};
	return kinds[kind];
}

static struct post_query
query_of_condition(struct imapd_session *session, const struct searching *searching,
	const struct wire_imap_search_key *key)
{
	struct post_query query = {.kind = plain_kind(key->kind), .name = key->field};
	switch (key->kind) {
	case WIRE_IMAP_SEARCH_FLAG:
		query.text =
			wire_imap_system_flag_name((enum wire_imap_system_flag)key->number);
		break;
	case WIRE_IMAP_SEARCH_KEYWORD:
		query.text = key->text;
		break;
	case WIRE_IMAP_SEARCH_LARGER:
	case WIRE_IMAP_SEARCH_SMALLER:
		query.number = key->number;
		break;
	case WIRE_IMAP_SEARCH_HEADER:
	case WIRE_IMAP_SEARCH_BODY:
	case WIRE_IMAP_SEARCH_TEXT:
		query.text = in_utf8(session, searching, key->text);
		break;
	default:
		query.number = key->day > 0 ? (uint64_t)key->day : 0;
	}
	return query;
}

static struct post_query
query_of(struct imapd_session *session, struct searching *searching,
	const struct wire_imap_search_key *key)
{
	switch (key->kind) {
	case WIRE_IMAP_SEARCH_AND:
		if (!key->child)
			return (struct post_query){.kind = POST_QUERY_ALL};
		return query_of_children(session, searching, key, POST_QUERY_AND);
	case WIRE_IMAP_SEARCH_OR:
		return query_of_children(session, searching, key, POST_QUERY_OR);
	case WIRE_IMAP_SEARCH_NOT:
		return query_of_children(session, searching, key, POST_QUERY_NOT);
	case WIRE_IMAP_SEARCH_SET:
	case WIRE_IMAP_SEARCH_UID:
		return query_of_set(session, searching, key);
	case WIRE_IMAP_SEARCH_RECENT:
		return query_of_recent(session);
	default:
		return query_of_condition(session, searching, key);
	}
}

/* --- the search ---------------------------------------------------------------------- */

static enum net_next
finish(struct imapd_session *session, struct searching *searching)
{
	SCOPED(post_uids_release) struct post_uids *found = NULL;
	enum base_failure failure = post_search_end(searching->search, &found);
	searching->search = NULL;
	if (failure)
		return imapd_failed(session, failure);
	imapd_put_found(session, searching->view, found, session->call->uid);
	return imapd_ok(session, "Done");
}

/* A few steps; true when all is done. Others on this worker get their turn in between. */
static bool
work(struct imapd_session *session, struct searching *searching)
{
	uint64_t until = base_clock_steady_ms(session->context->clock) + SLICE_MS;
	while (post_search_step(searching->search))
		if (base_clock_steady_ms(session->context->clock) >= until)
			return false;
	return true;
}

static enum net_next
search_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct searching *searching = session->call->act;
	if (event->why != NET_DRAINED && event->why != NET_AGAIN)
		return imapd_gone(session, event);
	return work(session, searching) ? finish(session, searching) : NET_MORE;
}

static enum net_next
begin(struct imapd_session *session, struct searching *searching)
{
	searching->search = post_search_begin(searching->view, &searching->query);
	if (work(session, searching))
		return finish(session, searching);
	return imapd_drain(session, search_step);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_search search;
	if (!wire_imap_search_parse(&call->cursor, &search))
		return imapd_unparsed(session);
	/* RFC 3501 6.4.4: US-ASCII and UTF-8 must be known. */
	if (!slice_absent(search.charset) && !wire_charset_known(search.charset))
		return imapd_no(
			session, "[BADCHARSET (UTF-8 US-ASCII)] That charset is unknown");
	struct searching *searching = ARENA_NEW(call->arena, struct searching);
	searching->charset = slice_absent(search.charset) ? SLICE("UTF-8") : search.charset;
	searching->view = post_view_hold(session->selected->view);
	arena_on_release(call->arena, release, searching);
	call->act = searching;
	searching->query = query_of(session, searching, search.key);
	if (searching->fault)
		return imapd_bad(session, searching->fault);
	return begin(session, searching);
}

const struct imapd_command imapd_command_search = {
	.name = "SEARCH",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS,
	.rfc = "3501 6.4.4",
	.purpose = "Finds messages",
	.file = __FILE__,
	.run = run,
};
