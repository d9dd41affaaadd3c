/* What SEARCH found, told: RFC 3501 7.2.5, 4731, 5182, 9394. */
#include "imapd/searching.h"

enum { HEAD_MOST = 4096, TAIL_MOST = IMAPD_SCORES_MOST };

/* --- a set as one line, however long ---------------------------------------------------
 */

struct set_line {
	struct imapd_lines lines;
	struct post_view *view;
	struct post_uids *uids;
	bool as_uids, begun, more;
	uint32_t first, last;         /* the walk through uids */
	uint32_t run_first, run_last; /* of numbers, not written yet; 0: none */
	struct buffer head, tail;
	bool set_done;
	size_t tail_put;
};

static void
release(struct imapd_lines *lines)
{
	struct set_line *line = (struct set_line *)lines;
	post_view_drop(line->view);
	post_uids_destroy(line->uids);
	buffer_free(&line->head);
	buffer_free(&line->tail);
	free(line);
}

static void
put_run(struct set_line *line, struct buffer *into)
{
	if (!line->run_first)
		return;
	if (line->more)
		buffer_put_byte(into, ',');
	line->more = true;
	buffer_put_number(into, line->run_first);
	if (line->run_last != line->run_first)
		buffer_printf(into, ":%u", line->run_last);
}

/* What lies side by side in uids does so in the view: a range of UIDs is one of numbers. */
static void
add_range(struct set_line *line, struct buffer *into)
{
	uint32_t first = line->first, last = line->last;
	if (!line->as_uids) {
		first = post_view_sequence(line->view, first);
		last = first + (line->last - line->first);
	}
	if (line->run_first && first == line->run_last + 1) {
		line->run_last = last;
		return;
	}
	put_run(line, into);
	line->run_first = first;
	line->run_last = last;
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct set_line *line = (struct set_line *)lines;
	if (!line->begun)
		buffer_put(into, buffer_slice(&line->head));
	line->begun = true;
	while (into->length < IMAPD_LINES_FILL) {
		if (line->set_done)
			return imapd_lines_fill_tail(
				buffer_slice(&line->tail), &line->tail_put, into);
		if (post_uids_next_range(line->uids, &line->first, &line->last)) {
			add_range(line, into);
			continue;
		}
		put_run(line, into);
		line->set_done = true;
	}
	return true;
}

void
imapd_put_set_line(struct imapd_session *session, struct post_view *view,
	const struct post_uids *uids, bool as_uids, struct slice head, struct slice tail)
{
	struct set_line *line = malloc(sizeof *line);
	ASSERT(line);
	*line = (struct set_line){.lines = {.fill = fill, .release = release},
		.view = post_view_hold(view),
		.uids = post_uids_copy(uids),
		.as_uids = as_uids,
		.head = buffer_with(HEAD_MOST),
		.tail = buffer_with(TAIL_MOST)};
	buffer_put(&line->head, head);
	buffer_put(&line->tail, tail);
	imapd_put_lines(session, &line->lines);
}

/* --- the parts of an answer ------------------------------------------------------------
 */

/* Those in PARTIAL's window (RFC 9394 3.1). */
static struct post_uids *
in_window(const struct wire_imap_partial *window, const struct post_uids *found)
{
	uint32_t first, last;
	struct post_uids *some = post_uids_create();
	if (!wire_imap_partial_resolve(window, post_uids_count(found), &first, &last))
		return some;
	post_uids_add_range(some, post_uids_at(found, first), post_uids_at(found, last));
	post_uids_and(some, found);
	return some;
}

bool
imapd_gives_all(const struct wire_imap_results *results)
{
	const unsigned some =
		WIRE_IMAP_RETURN_MIN | WIRE_IMAP_RETURN_MAX | WIRE_IMAP_RETURN_PARTIAL;
	const unsigned all = WIRE_IMAP_RETURN_ALL | WIRE_IMAP_RETURN_COUNT;
	return results->options & all || !(results->options & some);
}

static struct post_uids *
given_back(const struct wire_imap_results *results, const struct post_uids *found)
{
	if (imapd_gives_all(results) || post_uids_empty(found))
		return post_uids_copy(found);
	struct post_uids *given = results->options & WIRE_IMAP_RETURN_PARTIAL
					  ? in_window(&results->window, found)
					  : post_uids_create();
	if (results->options & WIRE_IMAP_RETURN_MIN)
		post_uids_add(given, post_uids_least(found));
	if (results->options & WIRE_IMAP_RETURN_MAX)
		post_uids_add(given, post_uids_most(found));
	return given;
}

void
imapd_keep_results(struct imapd_session *session, const struct post_uids *given)
{
	post_uids_destroy(session->selected->saved);
	session->selected->saved = post_uids_copy(given);
}

void
imapd_forget_results(struct imapd_session *session, const struct imapd_searching *searching)
{
	if (!(searching->wanted.results.options & WIRE_IMAP_RETURN_SAVE))
		return;
	post_uids_destroy(session->selected->saved);
	session->selected->saved = NULL;
}

static void
put_edge(struct imapd_session *session, const struct imapd_searching *searching,
	struct buffer *head, const char *name, uint32_t uid)
{
	if (uid)
		buffer_printf(head, " %s %u", name,
			session->call->uid ? uid
					   : post_view_sequence(searching->view, uid));
}

static void
put_head(struct imapd_session *session, const struct imapd_searching *searching,
	const struct post_uids *found, struct buffer *head)
{
	unsigned options = searching->wanted.results.options;
	buffer_put_text(head, "* ESEARCH (TAG ");
	wire_imap_put_string(head, session->call->tag, false);
	buffer_put(head, searching->source);
	buffer_put_text(head, session->call->uid ? ") UID" : ")");
	if (options & WIRE_IMAP_RETURN_MIN)
		put_edge(session, searching, head, "MIN", post_uids_least(found));
	if (options & WIRE_IMAP_RETURN_MAX)
		put_edge(session, searching, head, "MAX", post_uids_most(found));
	if (options & WIRE_IMAP_RETURN_COUNT)
		buffer_printf(head, " COUNT %u", post_uids_count(found));
}

static bool
put_set_name(const struct wire_imap_results *results, const struct post_uids *set,
	struct buffer *head)
{
	if (results->options & WIRE_IMAP_RETURN_PARTIAL) {
		buffer_put_text(head, " PARTIAL (");
		wire_imap_put_partial(head, &results->window);
		buffer_put_text(head, post_uids_empty(set) ? " NIL" : " ");
		return true;
	}
	if (!(results->options & WIRE_IMAP_RETURN_ALL) || post_uids_empty(set))
		return false;
	return buffer_put_text(head, " ALL ");
}

static void
put_extended(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, const struct post_uids *given, const uint8_t *scores)
{
	const struct wire_imap_results *results = &searching->wanted.results;
	SCOPED(buffer_free) struct buffer head = buffer_with(HEAD_MOST);
	SCOPED(buffer_free) struct buffer tail = buffer_with(TAIL_MOST);
	bool partial = results->options & WIRE_IMAP_RETURN_PARTIAL;
	SCOPED(post_uids_release)
	struct post_uids *set =
		partial ? in_window(&results->window, found) : post_uids_copy(found);
	uint64_t modseq = searching->wanted.has_modseq
				  ? post_view_highest_modseq(searching->view, given)
				  : 0;
	put_head(session, searching, found, &head);
	if (partial)
		buffer_put_byte(&tail, ')');
	/* RFC 6203 4: in the order of what is told, or of all where no set is. */
	if (scores)
		imapd_put_scores(found, set, scores, &tail);
	if (!put_set_name(results, set, &head))
		post_uids_minus(set, found);
	if (modseq)
		buffer_printf(&tail, " MODSEQ %llu", (unsigned long long)modseq);
	imapd_put_set_line(session, searching->view, set, session->call->uid,
		buffer_slice(&head), buffer_slice(&tail));
}

static void
put_plain(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found)
{
	uint64_t modseq = searching->wanted.has_modseq
				  ? post_view_highest_modseq(searching->view, found)
				  : 0;
	imapd_put_found(session, searching->view, found, session->call->uid, modseq);
}

void
imapd_put_results(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, const uint8_t *scores)
{
	const struct wire_imap_results *results = &searching->wanted.results;
	SCOPED(post_uids_release) struct post_uids *given = given_back(results, found);
	if (results->options & WIRE_IMAP_RETURN_SAVE)
		imapd_keep_results(session, given);
	/* RFC 5182 2.1: who wants it kept only is told nothing. */
	if (results->extended && results->options == WIRE_IMAP_RETURN_SAVE)
		return;
	if (results->extended)
		put_extended(session, searching, found, given, scores);
	else
		put_plain(session, searching, found);
}

const struct imapd_extension imapd_extension_esearch = {
	.capability = "ESEARCH",
	.rfc = "4731",
	.purpose = "SEARCH gives the least, the greatest, the number, or a set",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_searchres = {
	.capability = "SEARCHRES",
	.rfc = "5182",
	.purpose = "$ is what the last SEARCH kept",
	.file = __FILE__,
};
