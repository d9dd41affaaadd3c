/* A search of texts waits for what programs make of attachments: not for ever. */
#include "imapd/searching.h"

/* Of the errand; of the session, as others may be before it in the lane. */
enum { READING_MS = 15 * 1000, PATIENCE_MS = 20 * 1000 };

struct waiting {
	void *state;
	imapd_continue *then;
};

struct reading {
	struct post *post;
	uint64_t account;
};

/* A filter (RFC 5466) may say anything. */
static bool
looks_into_texts(const struct wire_imap_search_key *key)
{
	if (key->kind == WIRE_IMAP_SEARCH_BODY || key->kind == WIRE_IMAP_SEARCH_TEXT ||
		key->kind == WIRE_IMAP_SEARCH_FILTER)
		return true;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		if (looks_into_texts(at))
			return true;
	return false;
}

static enum base_failure
run(void *argument, struct arena *moved)
{
	const struct reading *reading = argument;
	(void)moved;
	post_attached_read(reading->post, reading->account, READING_MS);
	return BASE_OK;
}

static struct base_ticket *
start(struct imapd_session *session, uint64_t account)
{
	struct arena *moved = arena_create(ARENA_NO_CEILING);
	struct reading *reading = ARENA_NEW(moved, struct reading);
	*reading = (struct reading){session->context->post, account};
	struct base_ticket *ticket =
		net_errand(net_of(session->net), NET_LANE_HELPER, run, reading, moved);
	if (!ticket)
		arena_destroy(moved);
	return ticket;
}

static enum net_next
step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	const struct waiting *waiting = session->call->act;
	if (event->why != NET_TICKET && event->why != NET_DEADLINE)
		return imapd_gone(session, event);
	return waiting->then(session, waiting->state);
}

enum net_next
imapd_read_attachments(struct imapd_session *session, uint64_t account,
	const struct wire_imap_search_key *key, imapd_continue *then, void *state)
{
	if (!looks_into_texts(key) || !post_attached_waits(session->context->post, account))
		return then(session, state);
	struct base_ticket *ticket = start(session, account);
	if (!ticket)
		return then(session, state);
	struct waiting *waiting = ARENA_NEW(session->call->arena, struct waiting);
	*waiting = (struct waiting){state, then};
	session->call->act = waiting;
	return net_park(session->net,
		&(struct net_want){.ticket = ticket, .deadline = PATIENCE_MS}, step);
}
