/* RESETKEY: RFC 4467 7. */
#include "imapd/rights.h"
#include "imapd/url-token.h"

static enum net_next
reset(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	return imapd_ok(session, "[URLMECH " IMAPD_URL_MECHANISM "] All its URLs are void");
}

static struct base_ticket *
forget(struct imapd_session *session, struct slice name, struct base_error *error)
{
	struct post_mailbox *mailbox;
	struct post_place place;
	if (slice_absent(name))
		return post_url_keys_forget(session->account, error);
	enum base_failure failure = imapd_open_place(session->account, name, IMAPD_READS,
		session->call->arena, &place, &mailbox);
	if (failure) {
		base_fail(error, failure, "there is no such mailbox");
		return NULL;
	}
	struct base_ticket *ticket = post_url_key_forget(session->account, mailbox, error);
	post_mailbox_close(mailbox);
	return ticket;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_resetkey wanted;
	struct base_error error = {0};
	if (!wire_imap_resetkey_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	for (size_t i = 0; i < wanted.count; i++)
		if (!slice_equal_nocase(wanted.mechanisms[i], SLICE(IMAPD_URL_MECHANISM)))
			return imapd_bad(session, "There is no such mechanism");
	struct base_ticket *ticket = forget(session, wanted.name, &error);
	return ticket ? imapd_await(session, ticket, reset)
		      : imapd_no_place(session, error.failure);
}

const struct imapd_command imapd_command_resetkey = {
	.name = "RESETKEY",
	.states = IMAPD_ACCOUNT,
	.rfc = "4467 7",
	.purpose = "Makes the URLs of a mailbox void",
	.file = __FILE__,
	.run = run,
};
