/*
 * ESEARCH: RFC 7377. One search after another, each in a view of its own; mailboxes in
 * which nothing is found are not spoken of. Numbers of messages and "$" are of the selected
 * one.
 */
#include "imapd/rights.h"
#include "imapd/searching.h"
#include "imapd/sync.h"
#include "wire/charset.h"

enum { SOURCE_MOST = 16 * 1024 };

struct multisearch {
	struct imapd_searching searching; /* first; of the mailbox under way */
	struct imapd_session *session;
	struct wire_imap_multisearch wanted;
	struct arena *arena; /* of all names */
	struct arena *part;  /* of the mailbox under way */
	struct slice *names;
	size_t count, at;
	struct post_mailbox *mailbox;
	bool only_selected;
	const char *fault;
	enum base_failure failure;
};

static void
leave_mailbox(struct multisearch *multisearch)
{
	post_search_destroy(multisearch->searching.search);
	post_view_drop(multisearch->searching.view);
	post_mailbox_close(multisearch->mailbox);
	multisearch->searching.search = NULL;
	multisearch->searching.view = NULL;
	multisearch->mailbox = NULL;
	arena_reset(multisearch->part);
}

static void
release(void *argument)
{
	struct multisearch *multisearch = argument;
	leave_mailbox(multisearch);
	arena_destroy(multisearch->part);
	arena_destroy(multisearch->arena);
}

/* --- one of them -----------------------------------------------------------------------
 */

/* "MAILBOX name UIDVALIDITY 5" (RFC 7377 2.1) */
static struct slice
source_of(const struct multisearch *multisearch)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(SOURCE_MOST);
	buffer_put_text(&text, " MAILBOX ");
	wire_imap_put_mailbox(&text, multisearch->names[multisearch->at],
		imapd_speaks_utf8(multisearch->session));
	buffer_printf(
		&text, " UIDVALIDITY %u", post_mailbox_uid_validity(multisearch->mailbox));
	return arena_copy(multisearch->arena, buffer_slice(&text));
}

/* The query as if the mailbox under way were the selected one, of which keys speak. */
static bool
make_query(struct multisearch *multisearch, bool is_selected)
{
	struct imapd_session *session = multisearch->session;
	struct imapd_selected *selected = session->selected;
	struct imapd_searching *searching = &multisearch->searching;
	struct imapd_selected other = {
		.mailbox = multisearch->mailbox, .view = searching->view};
	if (!is_selected)
		session->selected = &other;
	const char *fault;
	bool made = imapd_query_of(session, multisearch->part, searching->charset,
		searching->wanted.key, &searching->query, &fault);
	session->selected = selected;
	if (!made)
		multisearch->fault = arena_text(multisearch->arena, slice_of_text(fault));
	return made;
}

static bool
enter_mailbox(struct multisearch *multisearch)
{
	struct imapd_session *session = multisearch->session;
	const struct imapd_selected *selected = session->selected;
	struct imapd_searching *searching = &multisearch->searching;
	struct post_place place;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	/* Deleted since, or not to be read: nothing is found in it (RFC 7377 2.1). */
	if (!session->account ||
		imapd_open_place(session->account, multisearch->names[multisearch->at],
			IMAPD_READS, arena, &place, &multisearch->mailbox)) {
		multisearch->mailbox = NULL;
		return false;
	}
	bool is_selected = imapd_is_selected_mailbox(session,
		post_mailbox_account_id(multisearch->mailbox),
		post_mailbox_id(multisearch->mailbox));
	searching->view = is_selected ? post_view_hold(selected->view)
				      : post_view_newest(multisearch->mailbox);
	if (!make_query(multisearch, is_selected))
		return false;
	searching->search = post_search_begin(searching->view, &searching->query);
	return true;
}

static void
tell(struct multisearch *multisearch)
{
	struct post_uids *found = NULL;
	struct imapd_searching *searching = &multisearch->searching;
	enum base_failure failure = post_search_end(searching->search, &found);
	searching->search = NULL;
	if (failure) {
		multisearch->failure = failure;
		return;
	}
	searching->source = source_of(multisearch);
	if (!post_uids_empty(found) || multisearch->only_selected)
		imapd_put_results(multisearch->session, searching, found, NULL);
	post_uids_destroy(found);
}

static bool
step(void *state)
{
	struct multisearch *multisearch = state;
	if (multisearch->at == multisearch->count)
		return false;
	bool under_way = multisearch->searching.search || enter_mailbox(multisearch);
	if (under_way && post_search_step(multisearch->searching.search))
		return true;
	if (under_way)
		tell(multisearch);
	leave_mailbox(multisearch);
	multisearch->at++;
	return !multisearch->fault && !multisearch->failure;
}

static enum net_next
done(struct imapd_session *session, void *state)
{
	const struct multisearch *multisearch = state;
	if (multisearch->fault)
		return imapd_no_search(
			session, &multisearch->searching, multisearch->fault);
	if (!multisearch->failure)
		return imapd_ok(session, "Done");
	imapd_forget_results(session, &multisearch->searching);
	return imapd_failed(session, multisearch->failure);
}

static enum net_next
begin(struct imapd_session *session, void *state)
{
	return imapd_steps(
		session, &(struct imapd_steps){.step = step, .done = done, .state = state});
}

/* --- the command -----------------------------------------------------------------------
 */

static bool
names_selected(const struct wire_imap_multisearch *wanted, bool only)
{
	size_t selected = 0;
	for (size_t i = 0; i < wanted->count; i++)
		selected += wanted->sources[i].kind == WIRE_IMAP_SOURCE_SELECTED;
	return only ? selected == wanted->count : selected > 0;
}

/* RFC 7377 2.1, 2.3. */
static const char *
fault_of(const struct imapd_session *session, const struct wire_imap_multisearch *wanted)
{
	unsigned options = wanted->search.results.options;
	if (names_selected(wanted, false) && !session->selected)
		return "No mailbox is selected";
	if (options & WIRE_IMAP_RETURN_SAVE && !names_selected(wanted, true))
		return "SAVE is for the selected mailbox";
	if (!names_selected(wanted, true) &&
		wire_imap_search_has_numbers(wanted->search.key))
		return "Numbers and $ are of the selected mailbox";
	if (options & WIRE_IMAP_RETURN_UPDATE)
		return "UPDATE is for SEARCH";
	if (options & WIRE_IMAP_RETURN_RELEVANCY)
		return "RELEVANCY is for SEARCH";
	if (imapd_charset_conflicts(session, wanted->search.charset, true))
		return "After ENABLE UTF8=ACCEPT there is no CHARSET";
	return NULL;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct multisearch *multisearch = ARENA_NEW(call->arena, struct multisearch);
	struct wire_imap_multisearch *wanted = &multisearch->wanted;
	if (!wire_imap_multisearch_parse(&call->cursor, wanted))
		return imapd_unparsed(session);
	const char *fault = fault_of(session, wanted);
	if (fault)
		return imapd_bad(session, fault);
	multisearch->searching.wanted = wanted->search;
	if (!slice_absent(wanted->search.charset) &&
		!wire_charset_known(wanted->search.charset))
		return imapd_no_search(session, &multisearch->searching,
			"[BADCHARSET (UTF-8 US-ASCII)] That charset is unknown");
	/* RFC 7162 3.1.5: who asks counts by mod-sequences, of the mailbox that is
	 * selected. */
	if (wanted->search.has_modseq)
		imapd_turn_on(session, IMAPD_CONDSTORE);
	if (!wanted->search.results.extended)
		wanted->search.results = (struct wire_imap_results){
			.extended = true, .options = WIRE_IMAP_RETURN_ALL};
	imapd_tell_arrivals(session);
	call->uid = true; /* all that is told is UIDs */
	multisearch->session = session;
	multisearch->only_selected = names_selected(wanted, true);
	multisearch->searching.wanted = wanted->search;
	multisearch->searching.charset = slice_absent(wanted->search.charset)
						 ? SLICE("UTF-8")
						 : wanted->search.charset;
	multisearch->arena = arena_create(ARENA_NO_CEILING);
	multisearch->part = arena_create(IMAPD_CALL_MEMORY);
	multisearch->count = imapd_search_sources(
		session, wanted, multisearch->arena, &multisearch->names);
	arena_on_release(call->arena, release, multisearch);
	return imapd_read_attachments(
		session, session->account_id, wanted->search.key, begin, multisearch);
}

const struct imapd_command imapd_command_esearch = {
	.name = "ESEARCH",
	.states = IMAPD_ACCOUNT,
	.capability = "MULTISEARCH",
	.rfc = "7377 2",
	.purpose = "Finds messages in many mailboxes",
	.file = __FILE__,
	.run = run,
};
