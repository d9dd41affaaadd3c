/* SEARCH: RFC 3501 6.4.4. */
#include "imapd/searching.h"

static enum net_next
tell(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, const uint8_t *scores)
{
	imapd_put_results(session, searching, found, scores);
	if (searching->wanted.results.options & WIRE_IMAP_RETURN_UPDATE)
		imapd_standing_begin(session, searching, found, NULL);
	return imapd_ok(session, "Done");
}

static enum net_next
found(struct imapd_session *session, struct imapd_searching *searching,
	struct post_uids *owned)
{
	SCOPED(post_uids_release) struct post_uids *all = owned;
	if (searching->wanted.results.options & WIRE_IMAP_RETURN_RELEVANCY)
		return imapd_score(session, searching, all, tell);
	return tell(session, searching, all, NULL);
}

/* RFC 4731 3.1, 9394 3.1: what lies between MIN and MAX, or outside a window, is not told.
 */
static void
limit(struct imapd_searching *searching)
{
	const struct wire_imap_results *results = &searching->wanted.results;
	const struct wire_imap_partial *window = &results->window;
	const unsigned some =
		WIRE_IMAP_RETURN_MIN | WIRE_IMAP_RETURN_MAX | WIRE_IMAP_RETURN_PARTIAL;
	const unsigned all =
		WIRE_IMAP_RETURN_ALL | WIRE_IMAP_RETURN_COUNT | WIRE_IMAP_RETURN_UPDATE;
	if (!(results->options & some) || results->options & all)
		return;
	searching->least_wanted = results->options & WIRE_IMAP_RETURN_MIN ? 1 : 0;
	searching->greatest_wanted = results->options & WIRE_IMAP_RETURN_MAX ? 1 : 0;
	if (!(results->options & WIRE_IMAP_RETURN_PARTIAL))
		return;
	if (window->from_end)
		searching->greatest_wanted = window->last;
	else
		searching->least_wanted = window->last;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct imapd_searching *searching = ARENA_NEW(call->arena, struct imapd_searching);
	if (!wire_imap_search_parse(&call->cursor, &searching->wanted))
		return imapd_unparsed(session);
	if (imapd_charset_conflicts(session, searching->wanted.charset, true))
		return imapd_bad(session, "After ENABLE UTF8=ACCEPT there is no CHARSET");
	if (searching->wanted.results.options & WIRE_IMAP_RETURN_UPDATE &&
		imapd_standing_has_tag(session))
		return imapd_bad(session, "That tag is a search's that is kept up to date");
	/* RFC 9051 6.4.4.1: always ESEARCH. */
	if (imapd_is_on(session, IMAPD_REV2) && !searching->wanted.results.extended)
		searching->wanted.results = (struct wire_imap_results){
			.extended = true, .options = WIRE_IMAP_RETURN_ALL};
	searching->found = found;
	limit(searching);
	return imapd_search(session, searching);
}

const struct imapd_command imapd_command_search = {
	.name = "SEARCH",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_HAS_UID | IMAPD_KEEPS_NUMBERS,
	.rfc = "3501 6.4.4, 4731 3.1, 9394 3.1",
	.purpose = "Finds messages",
	.file = __FILE__,
	.run = run,
};
