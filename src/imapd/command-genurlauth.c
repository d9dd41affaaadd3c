/* GENURLAUTH: RFC 4467 7, 8. */
#include "imapd/rights.h"
#include "imapd/url-token.h"

enum { LINE_MOST = 1024 * 1024 };

struct generating {
	struct wire_imap_url_request *requests;
	struct wire_imap_url *urls;
	size_t count, at;
	struct post_mailbox *mailbox; /* whose key is made */
	struct buffer line;
};

static enum net_next go_on(struct imapd_session *session);

static void
release(void *argument)
{
	struct generating *generating = argument;
	post_mailbox_close(generating->mailbox);
	buffer_free(&generating->line);
}

static void
put_url(struct imapd_session *session, const uint8_t key[POST_URL_KEY_SIZE])
{
	struct generating *generating = session->call->act;
	struct slice url = generating->requests[generating->at++].url;
	struct slice parts[] = {url, SLICE(":" IMAPD_URL_MECHANISM ":"),
		imapd_url_token(key, url, session->call->arena)};
	buffer_put_byte(&generating->line, ' ');
	wire_imap_put_string(
		&generating->line, arena_join(session->call->arena, parts, 3), false);
	post_mailbox_close(generating->mailbox);
	generating->mailbox = NULL;
}

static enum net_next
made(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct generating *generating = session->call->act;
	uint8_t key[POST_URL_KEY_SIZE];
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	enum base_failure failure = event->outcome;
	if (!failure)
		failure = post_url_key_read(session->account, generating->mailbox, key);
	if (failure)
		return imapd_failed(session, failure);
	put_url(session, key);
	return go_on(session);
}

static enum net_next
go_on(struct imapd_session *session)
{
	struct generating *generating = session->call->act;
	struct base_error error = {0};
	if (generating->at == generating->count) {
		buffer_put_text(&generating->line, "\r\n");
		imapd_put(session, &generating->line);
		return imapd_ok(session, "Done");
	}
	struct post_place place;
	enum base_failure failure =
		imapd_open_place(session->account, generating->urls[generating->at].mailbox,
			IMAPD_READS, session->call->arena, &place, &generating->mailbox);
	if (failure)
		return imapd_no_place(session, failure);
	struct base_ticket *ticket =
		post_url_key_make(session->account, generating->mailbox, &error);
	return ticket ? imapd_await(session, ticket, made)
		      : imapd_failed(session, error.failure);
}

/* A rump of one of this account's messages. */
static const char *
fault_of(struct imapd_session *session, const struct wire_imap_url_request *request,
	struct wire_imap_url *url)
{
	uint64_t owner;
	if (!slice_equal_nocase(request->mechanism, SLICE(IMAPD_URL_MECHANISM)))
		return "There is no such mechanism";
	if (!wire_imap_url_parse(request->url, session->call->arena, url) ||
		slice_absent(url->mailbox) || url->access == WIRE_IMAP_ACCESS_NONE ||
		!slice_absent(url->mechanism))
		return "That is no URL to be authorized";
	if (imapd_url_owner(session, url, session->call->arena, &owner) ||
		owner != session->account_id)
		return "That URL is of another account";
	return NULL;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct generating *generating = ARENA_NEW(call->arena, struct generating);
	if (!wire_imap_genurlauth_parse(
		    &call->cursor, &generating->requests, &generating->count))
		return imapd_unparsed(session);
	generating->urls = ARENA_MANY(call->arena, struct wire_imap_url, generating->count);
	for (size_t i = 0; i < generating->count; i++) {
		const char *fault =
			fault_of(session, &generating->requests[i], &generating->urls[i]);
		if (fault)
			return imapd_bad(session, fault);
	}
	generating->line = buffer_with(LINE_MOST);
	buffer_put_text(&generating->line, "* GENURLAUTH");
	call->act = generating;
	arena_on_release(call->arena, release, generating);
	return go_on(session);
}

const struct imapd_command imapd_command_genurlauth = {
	.name = "GENURLAUTH",
	.states = IMAPD_ACCOUNT,
	.capability = "URLAUTH",
	.rfc = "4467 7",
	.purpose = "Makes URLs that let others read a message",
	.file = __FILE__,
	.run = run,
};
