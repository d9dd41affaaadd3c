/* SORT: RFC 5256 3, 5957 (display names), 5267 3 (RETURN). */
#include "imapd/searching.h"
#include "imapd/standing-order.h"

enum { HEAD_MOST = 4096, TAIL_MOST = IMAPD_SCORES_MOST };

struct sorting {
	struct imapd_searching searching; /* first */
	struct wire_imap_sort wanted;
	struct post_ordering *ordering;
	struct post_uids *found; /* what is put in order */
	const uint8_t *scores;
};

static void
release(void *argument)
{
	struct sorting *sorting = argument;
	post_order_destroy(sorting->ordering);
	post_uids_destroy(sorting->found);
}

/* --- numbers in an order, as a line ----------------------------------------------------
 */

/* Holds the UIDs itself, as it outlives the command. */
struct order_line {
	struct imapd_lines lines;
	struct post_view *view;
	uint32_t *uids;
	size_t count, put, tail_put;
	bool as_uids, as_set;
	struct wire_imap_set_writer writer;
	struct buffer head, tail;
};

static void
release_line(struct imapd_lines *lines)
{
	struct order_line *line = (struct order_line *)lines;
	post_view_drop(line->view);
	buffer_free(&line->head);
	buffer_free(&line->tail);
	free(line->uids);
	free(line);
}

static void
put_number(struct order_line *line, struct buffer *into)
{
	uint32_t uid = line->uids[line->put++];
	uint32_t number = line->as_uids ? uid : post_view_sequence(line->view, uid);
	if (line->as_set) {
		wire_imap_set_writer_add(&line->writer, number);
		return;
	}
	buffer_put_byte(into, ' ');
	buffer_put_number(into, number);
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct order_line *line = (struct order_line *)lines;
	line->writer.into = into;
	if (line->put == 0 && line->tail_put == 0)
		buffer_put(into, buffer_slice(&line->head));
	while (line->put < line->count && into->length < IMAPD_LINES_FILL)
		put_number(line, into);
	if (line->put < line->count)
		return true;
	if (line->as_set && !line->tail_put)
		wire_imap_set_writer_end(&line->writer);
	return imapd_lines_fill_tail(buffer_slice(&line->tail), &line->tail_put, into);
}

static void
put_line(struct imapd_session *session, const struct sorting *sorting, const uint32_t *uids,
	size_t count, bool as_set, const struct buffer *head, const struct buffer *tail)
{
	struct order_line *line = malloc(sizeof *line);
	ASSERT(line);
	*line = (struct order_line){.lines = {.fill = fill, .release = release_line},
		.view = post_view_hold(sorting->searching.view),
		.uids = malloc((count + 1) * sizeof *uids),
		.count = count,
		.as_uids = session->call->uid,
		.as_set = as_set,
		.head = buffer_with(HEAD_MOST),
		.tail = buffer_with(TAIL_MOST)};
	ASSERT(line->uids);
	if (count)
		memcpy(line->uids, uids, count * sizeof *uids);
	buffer_put(&line->head, buffer_slice(head));
	buffer_put(&line->tail, buffer_slice(tail));
	imapd_put_lines(session, &line->lines);
}

/* --- ESORT: RFC 5267 3 -----------------------------------------------------------------
 */

static void
put_edge(struct imapd_session *session, const struct sorting *sorting, struct buffer *head,
	const char *name, uint32_t uid)
{
	buffer_printf(head, " %s %u", name,
		session->call->uid ? uid
				   : post_view_sequence(sorting->searching.view, uid));
}

static void
put_head(struct imapd_session *session, const struct sorting *sorting, const uint32_t *uids,
	size_t count, struct buffer *head)
{
	unsigned options = sorting->searching.wanted.results.options;
	buffer_put_text(head, "* ESEARCH (TAG ");
	wire_imap_put_string(head, session->call->tag, false);
	buffer_put_text(head, session->call->uid ? ") UID" : ")");
	if (options & WIRE_IMAP_RETURN_MIN && count)
		put_edge(session, sorting, head, "MIN", uids[0]);
	if (options & WIRE_IMAP_RETURN_MAX && count)
		put_edge(session, sorting, head, "MAX", uids[count - 1]);
	if (options & WIRE_IMAP_RETURN_COUNT)
		buffer_printf(head, " COUNT %zu", count);
}

/* As of a search, but that the edges and the window are those of the order. */
static struct post_uids *
given_back(const struct sorting *sorting, const uint32_t *uids, size_t count)
{
	const struct wire_imap_results *results = &sorting->searching.wanted.results;
	uint32_t first = 1, last = 0;
	if (imapd_gives_all(results))
		return post_uids_copy(sorting->found);
	struct post_uids *given = post_uids_create();
	if (results->options & WIRE_IMAP_RETURN_MIN && count)
		post_uids_add(given, uids[0]);
	if (results->options & WIRE_IMAP_RETURN_MAX && count)
		post_uids_add(given, uids[count - 1]);
	bool some =
		results->options & WIRE_IMAP_RETURN_PARTIAL &&
		wire_imap_partial_resolve(&results->window, (uint32_t)count, &first, &last);
	for (uint32_t i = first; some && i <= last; i++)
		post_uids_add(given, uids[i - 1]);
	return given;
}

/* The part of the order that ALL or PARTIAL gives; its name goes into head. */
static void
choose(const struct wire_imap_results *results, const uint32_t **uids, size_t *count,
	struct buffer *head, struct buffer *tail)
{
	uint32_t first, last;
	if (!(results->options & WIRE_IMAP_RETURN_PARTIAL)) {
		if (!(results->options & WIRE_IMAP_RETURN_ALL))
			*count = 0;
		buffer_put_text(head, *count ? " ALL " : "");
		return;
	}
	bool some = wire_imap_partial_resolve(
		&results->window, (uint32_t)*count, &first, &last);
	*uids += some ? first - 1 : 0;
	*count = some ? last - first + 1 : 0;
	buffer_put_text(head, " PARTIAL (");
	wire_imap_put_partial(head, &results->window);
	buffer_put_text(head, *count ? " " : " NIL");
	buffer_put_byte(tail, ')');
}

static void
put_scores(const struct sorting *sorting, const uint32_t *uids, size_t count,
	struct buffer *into)
{
	const struct wire_imap_results *results = &sorting->searching.wanted.results;
	if (!(results->options & WIRE_IMAP_RETURN_RELEVANCY) || !count)
		return;
	buffer_put_text(into, " RELEVANCY (");
	for (size_t i = 0; i < count; i++) {
		uint32_t rank = post_uids_rank(sorting->found, uids[i]);
		buffer_put_text(into, i ? " " : "");
		buffer_put_number(into, rank ? sorting->scores[rank - 1] : 1);
	}
	buffer_put_byte(into, ')');
}

static void
put_extended(struct imapd_session *session, const struct sorting *sorting,
	const uint32_t *uids, size_t count, const struct post_uids *given)
{
	const struct wire_imap_results *results = &sorting->searching.wanted.results;
	SCOPED(buffer_free) struct buffer head = buffer_with(HEAD_MOST);
	SCOPED(buffer_free) struct buffer tail = buffer_with(TAIL_MOST);
	put_head(session, sorting, uids, count, &head);
	uint64_t modseq = sorting->searching.wanted.has_modseq
				  ? post_view_highest_modseq(sorting->searching.view, given)
				  : 0;
	choose(results, &uids, &count, &head, &tail);
	put_scores(sorting, uids, count, &tail);
	if (modseq)
		buffer_printf(&tail, " MODSEQ %llu", (unsigned long long)modseq);
	put_line(session, sorting, uids, count, count > 0, &head, &tail);
}

static void
put_plain(struct imapd_session *session, const struct sorting *sorting,
	const uint32_t *uids, size_t count, const struct post_uids *given)
{
	SCOPED(buffer_free) struct buffer head = buffer_with(HEAD_MOST);
	SCOPED(buffer_free) struct buffer tail = buffer_with(HEAD_MOST);
	buffer_put_text(&head, "* SORT");
	if (sorting->searching.wanted.has_modseq && count)
		buffer_printf(&tail, " (MODSEQ %llu)",
			(unsigned long long)post_view_highest_modseq(
				sorting->searching.view, given));
	put_line(session, sorting, uids, count, false, &head, &tail);
}

static void
put_order(struct imapd_session *session, const struct sorting *sorting,
	const uint32_t *uids, size_t count)
{
	const struct wire_imap_results *results = &sorting->searching.wanted.results;
	SCOPED(post_uids_release)
	struct post_uids *given = given_back(sorting, uids, count);
	if (results->options & WIRE_IMAP_RETURN_SAVE)
		imapd_keep_results(session, given);
	/* RFC 5182 2.1: who wants it kept only is told nothing. */
	if (results->extended && results->options == WIRE_IMAP_RETURN_SAVE)
		return;
	if (results->extended)
		put_extended(session, sorting, uids, count, given);
	else
		put_plain(session, sorting, uids, count, given);
}

/* --- the command -----------------------------------------------------------------------
 */

static size_t
order_keys(const struct wire_imap_sort *wanted, struct post_order_key *keys)
{
	static const enum post_order orders[] = {
		[WIRE_IMAP_SORT_ARRIVAL] = POST_ORDER_ARRIVAL,
		[WIRE_IMAP_SORT_CC] = POST_ORDER_CC,
		[WIRE_IMAP_SORT_DATE] = POST_ORDER_DATE,
		[WIRE_IMAP_SORT_DISPLAYFROM] = POST_ORDER_DISPLAY_FROM,
		[WIRE_IMAP_SORT_DISPLAYTO] = POST_ORDER_DISPLAY_TO,
		[WIRE_IMAP_SORT_FROM] = POST_ORDER_FROM,
		[WIRE_IMAP_SORT_RELEVANCY] = POST_ORDER_SCORE,
		[WIRE_IMAP_SORT_SIZE] = POST_ORDER_SIZE,
		[WIRE_IMAP_SORT_SUBJECT] = POST_ORDER_SUBJECT,
		[WIRE_IMAP_SORT_TO] = POST_ORDER_TO,
	};
	size_t count = 0;
	for (size_t i = 0; i < wanted->count; i++)
		keys[count++] = (struct post_order_key){
			orders[wanted->keys[i].kind], wanted->keys[i].reverse};
	return count;
}

/*
 * RFC 5267 4.3. Scores are those of a moment: an order by them can't be kept, nor one that
 * lacks what was found, as its record is damaged.
 */
static void
stand(struct imapd_session *session, const struct sorting *sorting, const uint32_t *uids,
	size_t count)
{
	struct post_order_key keys[WIRE_IMAP_SORT_KEYS_MOST];
	size_t key_count = order_keys(&sorting->wanted, keys);
	if (sorting->scores || count != post_uids_count(sorting->found))
		imapd_standing_refuse(session);
	else
		imapd_standing_begin(session, &sorting->searching, sorting->found,
			imapd_standing_order_new(uids, count, keys, key_count));
}

static bool
order_step(void *state)
{
	struct sorting *sorting = state;
	return post_order_step(sorting->ordering);
}

static enum net_next
ordered(struct imapd_session *session, void *state)
{
	struct sorting *sorting = state;
	const uint32_t *uids;
	size_t count;
	enum base_failure failure = post_order_result(sorting->ordering, &uids, &count);
	if (failure) {
		imapd_forget_results(session, &sorting->searching);
		return imapd_failed(session, failure);
	}
	put_order(session, sorting, uids, count);
	if (sorting->searching.wanted.results.options & WIRE_IMAP_RETURN_UPDATE)
		stand(session, sorting, uids, count);
	return imapd_ok(session, "Done");
}

static enum net_next
order(struct imapd_session *session, struct sorting *sorting, const struct post_uids *found)
{
	struct post_order_key keys[WIRE_IMAP_SORT_KEYS_MOST];
	size_t count = order_keys(&sorting->wanted, keys);
	sorting->found = post_uids_copy(found);
	sorting->ordering = post_order_begin(sorting->searching.view, found, keys, count);
	post_order_by_scores(sorting->ordering, sorting->scores);
	arena_on_release(session->call->arena, release, sorting);
	return imapd_steps(
		session, &(struct imapd_steps){
				 .step = order_step, .done = ordered, .state = sorting});
}

/* RFC 6203 6 */
static enum net_next
scored(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, const uint8_t *scores)
{
	struct sorting *sorting = (struct sorting *)searching;
	sorting->scores = scores;
	return order(session, sorting, found);
}

static bool
wants_scores(const struct wire_imap_sort *wanted)
{
	bool wants = wanted->search.results.options & WIRE_IMAP_RETURN_RELEVANCY;
	for (size_t i = 0; i < wanted->count; i++)
		wants = wants || wanted->keys[i].kind == WIRE_IMAP_SORT_RELEVANCY;
	return wants;
}

static enum net_next
found(struct imapd_session *session, struct imapd_searching *searching,
	struct post_uids *owned)
{
	struct sorting *sorting = (struct sorting *)searching;
	SCOPED(post_uids_release) struct post_uids *all = owned;
	if (wants_scores(&sorting->wanted))
		return imapd_score(session, searching, all, scored);
	return order(session, sorting, all);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct sorting *sorting = ARENA_NEW(call->arena, struct sorting);
	if (!wire_imap_sort_parse(&call->cursor, &sorting->wanted))
		return imapd_unparsed(session);
	if (imapd_charset_conflicts(session, sorting->wanted.search.charset, false))
		return imapd_bad(session, "After ENABLE UTF8=ACCEPT the charset is UTF-8");
	if (wants_scores(&sorting->wanted) && !imapd_is_fuzzy(sorting->wanted.search.key))
		return imapd_bad(session, "RELEVANCY wants a FUZZY key");
	if (sorting->wanted.search.results.options & WIRE_IMAP_RETURN_UPDATE &&
		imapd_standing_has_tag(session))
		return imapd_bad(session, "That tag is a search's that is kept up to date");
	sorting->searching.wanted = sorting->wanted.search;
	sorting->searching.found = found;
	return imapd_search(session, &sorting->searching);
}

const struct imapd_command imapd_command_sort = {
	.name = "SORT",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS | IMAPD_WHOLE,
	.capability = "SORT",
	.rfc = "5256 3",
	.purpose = "Finds messages and puts them in an order",
	.file = __FILE__,
	.run = run,
};

const struct imapd_extension imapd_extension_sort_display = {
	.capability = "SORT=DISPLAY",
	.rfc = "5957",
	.purpose = "SORT by the names of people",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_esort = {
	.capability = "ESORT",
	.rfc = "5267 3",
	.purpose = "SORT gives the first, the last, the number, or a part",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_i18nlevel = {
	.capability = "I18NLEVEL=1 I18NLEVEL=2",
	.rfc = "5255 4",
	.purpose =
		"SORT, THREAD and SEARCH compare without regard to case in all languages",
	.file = "src/post/query-fold.c",
};
