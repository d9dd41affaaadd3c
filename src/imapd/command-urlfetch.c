/* URLFETCH: RFC 4467 7, 8. What may not be read, or is not there, is NIL. */
#include "imapd/rights.h"
#include "imapd/url-token.h"

enum { SCRATCH_MOST = 16 * 1024 * 1024 };

/* In time that says nothing of where they differ. */
static bool
is_same_token(struct slice given, struct slice right)
{
	unsigned char difference = given.length != right.length;
	for (size_t i = 0; i < given.length && i < right.length; i++)
		difference |= (unsigned char)(byte_lower(given.data[i]) ^ right.data[i]);
	return difference == 0;
}

static bool
is_genuine(struct post_account *owner, const struct wire_imap_url *url, struct arena *arena)
{
	struct post_mailbox *mailbox;
	struct post_place place;
	uint8_t key[POST_URL_KEY_SIZE];
	if (!slice_equal_nocase(url->mechanism, SLICE(IMAPD_URL_MECHANISM)) ||
		imapd_open_place(owner, url->mailbox, IMAPD_READS, arena, &place, &mailbox))
		return false;
	bool known = !post_url_key_read(owner, mailbox, key);
	post_mailbox_close(mailbox);
	return known && is_same_token(url->token, imapd_url_token(key, url->rump, arena));
}

/* The message, for who may read it; false: NIL. */
static bool
open_message(struct imapd_session *session, struct slice text, struct arena *arena,
	struct wire_imap_url *url, struct imapd_url_message *opened)
{
	struct post_account *owner;
	uint64_t id;
	if (!wire_imap_url_parse(text, arena, url) || slice_absent(url->mailbox) ||
		!imapd_url_admits(session, url) ||
		imapd_url_owner(session, url, arena, &id) ||
		post_account_open(session->context->post, id, &owner))
		return false;
	bool is_open =
		is_genuine(owner, url, arena) && !imapd_url_open(owner, url, arena, opened);
	post_account_close(owner);
	return is_open;
}

static bool
put_bytes(struct imapd_session *session, const struct wire_imap_url *url,
	const struct imapd_url_message *opened, struct arena *arena)
{
	SCOPED(buffer_free) struct buffer head = buffer_with(256);
	struct imapd_url_bytes bytes;
	if (imapd_url_bytes_of(opened, url, arena, &bytes))
		return false;
	buffer_put_byte(&head, ' ');
	wire_imap_put_literal_head(&head, bytes.length);
	imapd_put(session, &head);
	imapd_url_put_bytes(session, &bytes);
	return true;
}

static void
fetch(struct imapd_session *session, const struct wire_imap_url_request *request)
{
	SCOPED(arena_release) struct arena *arena = arena_create(SCRATCH_MOST);
	SCOPED(buffer_free) struct buffer head = buffer_with(WIRE_IMAP_URL_MOST + 1024);
	SCOPED(imapd_url_close) struct imapd_url_message opened = {0};
	struct wire_imap_url url;
	buffer_put_byte(&head, ' ');
	wire_imap_put_string(&head, request->url, false);
	imapd_put(session, &head);
	bool found = open_message(session, request->url, arena, &url, &opened);
	if (found && request->wants)
		found = imapd_url_put_extended(
			session, &url, &opened, request->wants, arena);
	else if (found)
		found = put_bytes(session, &url, &opened, arena);
	if (!found)
		imapd_put_text(session, " NIL");
}

struct fetching {
	struct wire_imap_url_request *requests;
	size_t count, at;
};

/* What was read of some is held until the client has taken it. */
static enum net_next
fetch_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct fetching *fetching = session->call->act;
	if (event->why != NET_DRAINED && event->why != NET_AGAIN)
		return imapd_gone(session, event);
	if (fetching->at < fetching->count) {
		fetch(session, &fetching->requests[fetching->at++]);
		return NET_MORE;
	}
	imapd_put_text(session, "\r\n");
	return imapd_ok(session, "Done");
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct fetching *fetching = ARENA_NEW(call->arena, struct fetching);
	if (!wire_imap_urlfetch_parse(&call->cursor, &fetching->requests, &fetching->count))
		return imapd_unparsed(session);
	for (size_t i = 0; i < fetching->count; i++)
		if (fetching->requests[i].url.length > WIRE_IMAP_URL_MOST)
			return imapd_bad(session, "That URL is too long");
	imapd_put_text(session, "* URLFETCH");
	call->act = fetching;
	return imapd_drain(session, fetch_step);
}

const struct imapd_command imapd_command_urlfetch = {
	.name = "URLFETCH",
	.states = IMAPD_ACCOUNT,
	.rfc = "4467 7, 5524 3",
	.purpose = "Reads what URLs grant access to",
	.file = __FILE__,
	.run = run,
};
