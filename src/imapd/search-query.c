/* SEARCH's tree of keys as post's (RFC 3501 6.4.4). What it means is post's. */
#include "imapd/searching.h"
#include "wire/charset.h"

enum {
	UTF8_MOST = 4 * WIRE_IMAP_COMMAND_MOST, /* of a text in any charset */
	WORDS_MOST = 32,                        /* of a fuzzy text, the first count */
	NAME_MOST = 256                         /* of a filter that is told to be none */
};

struct making {
	struct imapd_session *session;
	struct arena *arena;
	struct slice charset;
	bool fuzzy; /* below FUZZY */
	const enum imapd_nearness nearness;
	struct post_view *newest; /* whose flags count */
	bool in_filter;
	struct imapd_filters filters;
	const char *fault;
};

static const struct post_query QUERY_OF_ALL = {.kind = POST_QUERY_ALL};

static void
release_uids(void *argument)
{
	post_uids_destroy(argument);
}

/* A few words of a client can ask for more than there is room for: NULL, with the fault. */
static void *
take(struct making *making, size_t count, size_t size)
{
	size_t total;
	void *taken = __builtin_mul_overflow(count, size, &total)
			      ? NULL
			      : arena_try(making->arena, total);
	if (!taken)
		making->fault = "[LIMIT] The search is too large";
	return taken;
}

static struct slice
keep(struct making *making, struct slice text)
{
	char *kept = take(making, text.length + 1, 1); /* comes zeroed */
	if (!kept)
		return SLICE("");
	if (text.length)
		memcpy(kept, text.data, text.length);
	return slice_of(kept, text.length);
}

static struct post_query query_of(
	struct making *making, const struct wire_imap_search_key *key);
static struct post_query query_below_fuzzy(
	struct making *making, const struct wire_imap_search_key *key);

static struct post_query
query_of_uids(struct making *making, struct post_uids *uids)
{
	arena_on_release(making->arena, release_uids, uids);
	return (struct post_query){.kind = POST_QUERY_UIDS, .uids = uids};
}

static struct post_query
query_of_set(struct making *making, const struct wire_imap_search_key *key)
{
	struct post_uids *uids = NULL;
	const char *fault = NULL;
	struct wire_imap_set set = key->set;
	/* "*" means another number when the key is asked again, or of another mailbox. */
	set.ranges = take(making, set.count, sizeof *set.ranges);
	if (!set.ranges)
		return QUERY_OF_ALL;
	if (set.count)
		memcpy(set.ranges, key->set.ranges, set.count * sizeof *set.ranges);
	if (!imapd_uids_sought(making->session, &set, key->kind == WIRE_IMAP_SEARCH_UID,
		    &uids, &fault)) {
		making->fault = fault;
		return QUERY_OF_ALL;
	}
	return query_of_uids(making, uids);
}

static struct post_query
query_of_recent(struct making *making)
{
	const struct post_uids *recent = making->session->selected->recent;
	return query_of_uids(making, recent ? post_uids_copy(recent) : post_uids_create());
}

/* --- what changes ------------------------------------------------------------------------
 */

/*
 * The client's view may be older than what was told of flags since (RFC 3501 7.4.1): those
 * of the newest count, as they do for FETCH, and the view's of what is gone meanwhile. old
 * is taken over.
 */
static struct post_query
query_of_both(struct making *making, struct post_uids *old, const struct post_uids *newest)
{
	post_uids_minus(old, post_view_uids(making->newest));
	if (newest)
		post_uids_or(old, newest);
	return query_of_uids(making, old);
}

static struct post_query
query_of_modseq(struct making *making, uint64_t modseq)
{
	const struct post_view *view = making->session->selected->view;
	if (!modseq)
		return QUERY_OF_ALL;
	SCOPED(post_uids_release)
	struct post_uids *newest = post_view_changed_since(making->newest, modseq - 1);
	return query_of_both(making, post_view_changed_since(view, modseq - 1), newest);
}

static const struct post_uids *
flagged(const struct post_view *view, struct slice name)
{
	int number = post_view_flag_number(view, name);
	return number < 0 ? NULL : post_view_flagged(view, (unsigned)number);
}

static struct post_query
query_of_flag(struct making *making, struct slice name)
{
	const struct post_view *view = making->session->selected->view;
	if (view == making->newest)
		return (struct post_query){
			.kind = POST_QUERY_FLAG, .text = keep(making, name)};
	const struct post_uids *before = flagged(view, name);
	return query_of_both(making, before ? post_uids_copy(before) : post_uids_create(),
		flagged(making->newest, name));
}

/* --- what stays as it is -----------------------------------------------------------------
 */

/* RFC 8474 6: an id that was never given out is nobody's. */
static struct post_query
query_of_email(struct making *making, struct slice text)
{
	uint64_t id;
	if (!imapd_email_id_of(making->session, text, &id))
		return query_of_uids(making, post_uids_create());
	return (struct post_query){.kind = POST_QUERY_EMAIL, .number = id};
}

static struct post_query
query_of_thread(struct making *making, struct slice text)
{
	uint64_t id;
	if (!imapd_thread_id_of(text, &id))
		return query_of_uids(making, post_uids_create());
	return (struct post_query){.kind = POST_QUERY_THREAD, .number = id};
}

/* RFC 5032 3: both bounds are in. */
static struct post_query
query_of_age(const struct making *making, const struct wire_imap_search_key *key)
{
	int64_t now = base_clock_wall_ms(making->session->context->clock) / 1000;
	int64_t moment = now - (int64_t)key->number;
	return (struct post_query){.kind = key->kind == WIRE_IMAP_SEARCH_YOUNGER
						   ? POST_QUERY_ARRIVED_SINCE
						   : POST_QUERY_ARRIVED_UNTIL,
		.number = moment > 0 ? (uint64_t)moment : 0};
}

static struct post_query
query_of_children(struct making *making, const struct wire_imap_search_key *key,
	enum post_query_kind kind)
{
	size_t count = 0;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		count++;
	struct post_query *children = take(making, count, sizeof *children);
	size_t filled = 0;
	if (!children)
		return QUERY_OF_ALL;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		children[filled++] = query_of(making, at);
	return (struct post_query){.kind = kind, .children = children, .count = count};
}

static struct slice
in_utf8(struct making *making, struct slice text)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(UTF8_MOST);
	wire_to_utf8(making->charset, text, &utf8);
	return keep(making, buffer_slice(&utf8));
}

static enum post_query_kind
plain_kind(enum wire_imap_search_kind kind)
{
	static const enum post_query_kind kinds[] = {
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
		[WIRE_IMAP_SEARCH_SAVED_BEFORE] = POST_QUERY_SAVED_BEFORE,
		[WIRE_IMAP_SEARCH_SAVED_ON] = POST_QUERY_SAVED_ON,
		[WIRE_IMAP_SEARCH_SAVED_SINCE] = POST_QUERY_SAVED_SINCE,
	};
	return kinds[kind];
}

/* Below FUZZY (RFC 6203 3): a text is sought by its words, as near as it is asked for. */
static struct post_query
query_of_words(struct making *making, struct post_query query)
{
	struct slice rest = query.text, word;
	size_t count = 0;
	struct post_query *words = take(making, WORDS_MOST, sizeof *words);
	while (words && rest.length && count < WORDS_MOST) {
		word = slice_cut(&rest, ' ');
		if (slice_empty(word))
			continue;
		words[count] = query;
		words[count++].text = word;
	}
	return (struct post_query){
		.kind = POST_QUERY_AND, .children = words, .count = count};
}

static struct post_query
query_of_fuzzy(struct making *making, struct post_query query)
{
	enum imapd_nearness nearness = making->nearness;
	bool anywhere = query.kind != POST_QUERY_HEADER;
	if (nearness & IMAPD_IN_SUBJECT && anywhere) {
		query.kind = POST_QUERY_HEADER;
		query.name = SLICE("Subject");
	}
	if (nearness & IMAPD_PHRASE)
		return query;
	if (nearness & IMAPD_WORDS)
		return query_of_words(making, query);
	query.alike = true;
	return query;
}

static struct post_query
query_of_condition(struct making *making, const struct wire_imap_search_key *key)
{
	struct post_query query = {
		.kind = plain_kind(key->kind), .name = keep(making, key->field)};
	switch (key->kind) {
	case WIRE_IMAP_SEARCH_LARGER:
	case WIRE_IMAP_SEARCH_SMALLER:
		query.number = key->number;
		break;
	case WIRE_IMAP_SEARCH_HEADER:
	case WIRE_IMAP_SEARCH_BODY:
	case WIRE_IMAP_SEARCH_TEXT:
		query.text = in_utf8(making, key->text);
		return making->fuzzy ? query_of_fuzzy(making, query) : query;
	default:
		query.number = key->day > 0 ? (uint64_t)key->day : 0;
	}
	return query;
}

/* --- filters: RFC 5466 -------------------------------------------------------------------
 */

/* What a filter says is in UTF-8; it speaks of no other, so that none goes in a circle. */
static struct post_query
query_in_filter(struct making *making, const struct wire_imap_search_key *key)
{
	struct slice charset = making->charset;
	making->in_filter = true;
	making->charset = SLICE("UTF-8");
	struct post_query query = query_of(making, key);
	making->charset = charset;
	making->in_filter = false;
	return query;
}

static void
refuse_filter(struct making *making, struct slice name)
{
	SCOPED(buffer_free) struct buffer fault = buffer_with(2 * NAME_MOST);
	buffer_printf(&fault, "[UNDEFINED-FILTER %.*s] There is no such filter",
		SLICE_ARG(slice_first(name, NAME_MOST)));
	struct slice kept = keep(making, buffer_slice(&fault));
	making->fault = making->fault ? making->fault : kept.data;
}

static struct post_query
query_of_filter(struct making *making, struct slice name)
{
	struct wire_imap_search search = {0};
	if (making->fault)
		return QUERY_OF_ALL;
	switch (making->in_filter ? IMAPD_FILTER_NONE
				  : imapd_filter_read(&making->filters, name, &search)) {
	case IMAPD_FILTER_READ:
		return query_in_filter(making, search.key);
	case IMAPD_FILTER_TOO_LARGE:
		making->fault = "[LIMIT] The search has too many keys";
		break;
	case IMAPD_FILTER_NONE:
		refuse_filter(making, name);
	}
	return QUERY_OF_ALL;
}

static struct post_query
query_of(struct making *making, const struct wire_imap_search_key *key)
{
	switch (key->kind) {
	case WIRE_IMAP_SEARCH_AND:
		if (!key->child)
			return QUERY_OF_ALL;
		return query_of_children(making, key, POST_QUERY_AND);
	case WIRE_IMAP_SEARCH_OR:
		return query_of_children(making, key, POST_QUERY_OR);
	case WIRE_IMAP_SEARCH_NOT:
		return query_of_children(making, key, POST_QUERY_NOT);
	case WIRE_IMAP_SEARCH_FUZZY:
		return query_below_fuzzy(making, key);
	case WIRE_IMAP_SEARCH_SET:
	case WIRE_IMAP_SEARCH_UID:
		return query_of_set(making, key);
	case WIRE_IMAP_SEARCH_RECENT:
		return query_of_recent(making);
	case WIRE_IMAP_SEARCH_FLAG:
		return query_of_flag(
			making, wire_imap_system_flag_name(
					(enum wire_imap_system_flag)key->number));
	case WIRE_IMAP_SEARCH_KEYWORD:
		return query_of_flag(making, key->text);
	case WIRE_IMAP_SEARCH_MODSEQ:
		return query_of_modseq(making, key->modseq);
	case WIRE_IMAP_SEARCH_EMAILID:
		return query_of_email(making, key->text);
	case WIRE_IMAP_SEARCH_THREADID:
		return query_of_thread(making, key->text);
	case WIRE_IMAP_SEARCH_FILTER:
		return query_of_filter(making, key->text);
	case WIRE_IMAP_SEARCH_YOUNGER:
	case WIRE_IMAP_SEARCH_OLDER:
		return query_of_age(making, key);
	default:
		return query_of_condition(making, key);
	}
}

static struct post_query
query_below_fuzzy(struct making *making, const struct wire_imap_search_key *key)
{
	bool outside = making->fuzzy;
	making->fuzzy = true;
	struct post_query query = query_of_children(making, key, POST_QUERY_AND);
	making->fuzzy = outside;
	return query;
}

bool
imapd_query_as_near(struct imapd_session *session, struct arena *arena,
	struct slice charset, const struct wire_imap_search_key *key,
	enum imapd_nearness nearness, struct post_query *query, const char **fault)
{
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(session->selected->mailbox);
	struct making making = {.session = session,
		.arena = arena,
		.charset = charset,
		.nearness = nearness,
		.newest = newest,
		.filters = {.session = session, .arena = arena}};
	*query = query_of(&making, key);
	*fault = making.fault;
	return !making.fault;
}

bool
imapd_query_of(struct imapd_session *session, struct arena *arena, struct slice charset,
	const struct wire_imap_search_key *key, struct post_query *query,
	const char **fault)
{
	return imapd_query_as_near(session, arena, charset, key, IMAPD_ALIKE, query, fault);
}

const struct imapd_extension imapd_extension_within = {
	.capability = "WITHIN",
	.rfc = "5032",
	.purpose = "SEARCH by age: OLDER, YOUNGER",
	.file = __FILE__,
};
