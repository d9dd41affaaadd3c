/* What COPY and MOVE share; COPYUID: RFC 4315 3. */
#include "imapd/many.h"
#include "imapd/notify.h"
#include "imapd/rights.h"

/* The answer to so many messages that each stands alone in the set. */
enum { CODE_MOST = 64 * 1024 * 1024 };

struct copying {
	struct post_mailbox *target;
	struct post_uids *uids;
	struct arena *pairs; /* of any number of messages */
	struct post_copied copied;
	struct imapd_many *many;   /* NULL: a few */
	struct post_flags allowed; /* that may go along (RFC 4314 4) */
	bool move;
};

static void
release(void *argument)
{
	struct copying *copying = argument;
	post_uids_destroy(copying->uids);
	post_mailbox_close(copying->target);
	arena_destroy(copying->pairs);
	imapd_many_drop(copying->many);
}

static void
put_numbers(struct buffer *into, const uint32_t *numbers, size_t count)
{
	struct wire_imap_set_writer writer = {.into = into};
	for (size_t i = 0; i < count; i++)
		wire_imap_set_writer_add(&writer, numbers[i]);
	wire_imap_set_writer_end(&writer);
}

/* Absent when nothing was copied, and for a set that no client would read. */
static struct slice
copy_code(struct copying *copying)
{
	const struct post_copied *copied = &copying->copied;
	SCOPED(buffer_free) struct buffer text = buffer_with(CODE_MOST);
	if (!copied->count)
		return SLICE("");
	buffer_printf(&text, "[COPYUID %u ", copied->uid_validity);
	put_numbers(&text, copied->source, copied->count);
	buffer_put_byte(&text, ' ');
	put_numbers(&text, copied->target, copied->count);
	buffer_put_text(&text, "] ");
	return buffer_failed(&text) ? SLICE("")
				    : arena_copy(copying->pairs, buffer_slice(&text));
}

/* A MOVE says COPYUID before the EXPUNGEs (RFC 6851 4.3). */
static void
put_moved(struct imapd_session *session, struct copying *copying)
{
	struct slice parts[] = {copy_code(copying), SLICE("Moved")};
	if (!slice_empty(parts[0]))
		imapd_put_said(session, "* OK ", arena_join(copying->pairs, parts, 2));
}

static enum net_next
copied(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct copying *copying = session->call->act;
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (copying->many)
		copying->copied = imapd_many_copied(copying->many);
	/* RFC 6851 3.3: some of a MOVE may be done, and is told, when the rest fails. */
	if (event->outcome && !(copying->many && copying->move))
		return imapd_failed(session, event->outcome);
	imapd_notify_own_arrivals(
		session, copying->target, copying->copied.target, copying->copied.count);
	if (copying->move)
		put_moved(session, copying);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	if (copying->move)
		return imapd_ok_slice(session, imapd_with_modseq(session, "Done"));
	struct slice parts[] = {copy_code(copying), SLICE("Copied")};
	return imapd_ok_slice(session, arena_join(copying->pairs, parts, 2));
}

static struct base_ticket *
begin_many(struct imapd_session *session, struct copying *copying, struct base_error *error)
{
	struct base_ticket *ticket;
	copying->many =
		imapd_many_begin(session, copying->move ? IMAPD_MANY_MOVE : IMAPD_MANY_COPY,
			copying->uids, copying->target, &copying->allowed, &ticket);
	error->failure = BASE_UNAVAILABLE;
	return copying->many ? ticket : NULL;
}

/* RFC 2180 4.4: all that was named by numbers, or nothing. */
static enum net_next
begin(struct imapd_session *session, struct copying *copying)
{
	struct base_error error = {0};
	if (imapd_names_expunged(session, copying->uids))
		return imapd_expunged(session);
	copying->pairs = arena_create(ARENA_NO_CEILING);
	struct base_ticket *ticket =
		post_uids_count(copying->uids) > POST_SLICE
			? begin_many(session, copying, &error)
			: post_copy_within(session->selected->mailbox, copying->uids,
				  copying->target, copying->move, &copying->allowed,
				  copying->pairs, &copying->copied, &error);
	return ticket ? imapd_await(session, ticket, copied)
		      : imapd_failed(session, error.failure);
}

enum net_next
imapd_copy(struct imapd_session *session, struct imapd_call *call, bool move)
{
	struct wire_imap_copy wanted;
	struct post_place place;
	const char *fault = NULL;
	if (!wire_imap_copy_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	struct copying *copying = ARENA_NEW(call->arena, struct copying);
	copying->move = move;
	call->act = copying;
	if (!imapd_uids_of_set(session, &wanted.set, call->uid, &copying->uids, &fault))
		return imapd_bad(session, fault);
	arena_on_release(call->arena, release, copying);
	enum base_failure failure = imapd_open_place(session->account, wanted.name,
		IMAPD_INSERTS, call->arena, &place, &copying->target);
	copying->allowed = imapd_flags_of_rights(place.rights);
	if (failure)
		return imapd_no_target_place(session, failure, &place);
	const char *refusal = imapd_limit_refusal_of(session, copying->uids);
	return refusal ? imapd_no(session, refusal) : begin(session, copying);
}
