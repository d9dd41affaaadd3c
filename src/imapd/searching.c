/* A search on its way, by steps. */
#include "imapd/searching.h"
#include "imapd/sync.h"
#include "wire/charset.h"

enum { SLICE_MS = 5, PATIENCE_MS = 10 * 1000 };

static void
release(void *argument)
{
	struct imapd_searching *searching = argument;
	post_search_destroy(searching->search);
	post_view_drop(searching->view);
}

/* --- steps -----------------------------------------------------------------------------
 */

/* RFC 9585 3: a client that waits long is told that it need not give up. */
static void
tell_progress(struct imapd_session *session, struct imapd_steps *steps, uint64_t now)
{
	if (now - steps->told < PATIENCE_MS)
		return;
	steps->told = now;
	SCOPED(buffer_free) struct buffer line = buffer_with(1024);
	buffer_put_text(&line, "[INPROGRESS (");
	wire_imap_put_string(&line, session->call->tag, false);
	buffer_put_text(&line, " NIL NIL)] Still working");
	imapd_put_said(session, "* OK ", buffer_slice(&line));
}

/* True when all is done. */
static bool
work(struct imapd_session *session, struct imapd_steps *steps)
{
	uint64_t now = base_clock_steady_ms(session->context->clock);
	uint64_t until = now + SLICE_MS;
	tell_progress(session, steps, now);
	while (steps->step(steps->state))
		if (base_clock_steady_ms(session->context->clock) >= until)
			return false;
	return true;
}

static enum net_next
next_steps(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct imapd_steps *steps = session->call->act;
	if (event->why != NET_DRAINED && event->why != NET_AGAIN)
		return imapd_gone(session, event);
	return work(session, steps) ? steps->done(session, steps->state) : NET_MORE;
}

enum net_next
imapd_steps(struct imapd_session *session, const struct imapd_steps *given)
{
	struct imapd_steps *steps = ARENA_NEW(session->call->arena, struct imapd_steps);
	*steps = *given;
	steps->told = base_clock_steady_ms(session->context->clock);
	session->call->act = steps;
	return work(session, steps) ? steps->done(session, steps->state)
				    : imapd_drain(session, next_steps);
}

/* RFC 5182 2.1: only NO makes "$" empty. */
enum net_next
imapd_no_search(struct imapd_session *session, const struct imapd_searching *searching,
	const char *fault)
{
	if (*fault != '[' || slice_starts(slice_of_text(fault), SLICE("[UIDREQUIRED]")))
		return imapd_bad(session, fault);
	imapd_forget_results(session, searching);
	return imapd_no(session, fault);
}

/* --- the search ------------------------------------------------------------------------
 */

static bool
search_step(void *state)
{
	struct imapd_searching *searching = state;
	return post_search_step(searching->search);
}

/* Of a window only what lies in it is told, wherever it lies. */
static void
limit(struct imapd_session *session, struct imapd_searching *searching,
	struct post_uids *found)
{
	struct wire_imap_results *results = &searching->wanted.results;
	if (results->options & WIRE_IMAP_RETURN_PARTIAL)
		imapd_limit_window(session, &results->window, found);
	else
		imapd_limit(session, found);
}

static enum net_next
finish(struct imapd_session *session, void *state)
{
	struct imapd_searching *searching = state;
	struct post_uids *found = NULL;
	enum base_failure failure = post_search_end(searching->search, &found);
	searching->search = NULL;
	if (failure) {
		imapd_forget_results(session, searching);
		return imapd_failed(session, failure);
	}
	const char *refusal = imapd_limit_refusal_of(session, found);
	if (refusal) {
		post_uids_destroy(found);
		return imapd_no_search(session, searching, refusal);
	}
	limit(session, searching, found);
	return searching->found(session, searching, found);
}

static enum net_next
begin(struct imapd_session *session, void *state)
{
	struct imapd_searching *searching = state;
	searching->view = post_view_hold(session->selected->view);
	searching->search = post_search_begin(searching->view, &searching->query);
	if (searching->least_wanted || searching->greatest_wanted)
		post_search_want(searching->search, searching->least_wanted,
			searching->greatest_wanted);
	arena_on_release(session->call->arena, release, searching);
	return imapd_steps(
		session, &(struct imapd_steps){
				 .step = search_step, .done = finish, .state = searching});
}

bool
imapd_charset_conflicts(
	const struct imapd_session *session, struct slice charset, bool may_be_left_out)
{
	if (slice_absent(charset) || !imapd_is_on(session, IMAPD_UTF8))
		return false;
	if (may_be_left_out)
		return !imapd_is_on(session, IMAPD_REV2);
	return !slice_equal_nocase(charset, SLICE("UTF-8")) &&
	       !slice_equal_nocase(charset, SLICE("US-ASCII"));
}

enum net_next
imapd_search(struct imapd_session *session, struct imapd_searching *searching)
{
	const struct wire_imap_search *wanted = &searching->wanted;
	const char *fault = NULL;
	if (imapd_is_on(session, IMAPD_UIDONLY) && !session->call->uid)
		return imapd_bad(session, IMAPD_UID_REQUIRED);
	/* RFC 6203 4 */
	if (wanted->results.options & WIRE_IMAP_RETURN_RELEVANCY &&
		!imapd_is_fuzzy(wanted->key))
		return imapd_bad(session, "RELEVANCY wants a FUZZY key");
	/* RFC 3501 6.4.4: US-ASCII and UTF-8 must be known. */
	if (!slice_absent(wanted->charset) && !wire_charset_known(wanted->charset))
		return imapd_no_search(session, searching,
			"[BADCHARSET (UTF-8 US-ASCII)] That charset is unknown");
	/* RFC 7162 3.1.5: who asks counts by mod-sequences. */
	if (wanted->has_modseq)
		imapd_turn_on(session, IMAPD_CONDSTORE);
	searching->charset =
		slice_absent(wanted->charset) ? SLICE("UTF-8") : wanted->charset;
	imapd_tell_arrivals(session);
	if (!imapd_query_of(session, session->call->arena, searching->charset, wanted->key,
		    &searching->query, &fault))
		return imapd_no_search(session, searching, fault);
	return imapd_read_attachments(session,
		post_mailbox_account_id(session->selected->mailbox), wanted->key, begin,
		searching);
}

const struct imapd_extension imapd_extension_inprogress = {
	.capability = "INPROGRESS",
	.rfc = "9585",
	.purpose = "A long search says that it goes on",
	.file = __FILE__,
};
