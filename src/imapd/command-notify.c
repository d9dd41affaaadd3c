/* NOTIFY: RFC 5465 3.1. */
#include "imapd/notify.h"

enum { ANSWER_MOST = 512 };

#define UNSUPPORTED (WIRE_IMAP_EVENT_ANNOTATION | WIRE_IMAP_EVENT_UNKNOWN)

static enum net_next
refuse_events(struct imapd_session *session)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(ANSWER_MOST);
	buffer_put_text(&text, "[BADEVENT (");
	wire_imap_put_events(&text, ~(unsigned)UNSUPPORTED);
	buffer_put_text(&text, ")] There are no other events");
	return imapd_no(session, arena_text(session->call->arena, buffer_slice(&text)));
}

/* What is asked for outlives the command: it is parsed in an arena of its own. */
static bool
parse(struct imapd_call *call, struct arena *arena, struct wire_imap_notify *wanted)
{
	struct wire_imap_cursor cursor = call->cursor;
	cursor.arena = arena;
	cursor.rest = arena_copy(arena, cursor.rest);
	bool parsed = wire_imap_notify_parse(&cursor, wanted);
	call->cursor.error = cursor.error;
	return parsed;
}

static enum net_next
set(struct imapd_session *session, struct arena **arena, struct wire_imap_notify *wanted)
{
	/* RFC 5465 3.1: what has gathered is told first, also to who asked for nothing. */
	if (wanted->count && session->notify)
		session->notify->used = false;
	imapd_sync(session, NULL);
	imapd_notify_put(session);
	imapd_notify_set(session, *arena, wanted);
	*arena = NULL;
	if (wanted->count && !imapd_notify_watch_others(session)) {
		imapd_notify_set(session, NULL, &(struct wire_imap_notify){0});
		return imapd_no(session, "[NOTIFICATIONOVERFLOW] That is too much");
	}
	if (wanted->status)
		imapd_notify_put_statuses(session);
	return imapd_ok(session, "Done");
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_notify wanted;
	if (call->cursor.rest.length > IMAPD_NOTIFY_TEXT_MOST)
		return imapd_no(session, "[NOTIFICATIONOVERFLOW] That is too much");
	SCOPED(arena_release) struct arena *arena = arena_create(IMAPD_NOTIFY_MEMORY);
	if (!parse(call, arena, &wanted))
		return imapd_unparsed(session);
	return wanted.events & UNSUPPORTED ? refuse_events(session)
					   : set(session, &arena, &wanted);
}

const struct imapd_command imapd_command_notify = {
	.name = "NOTIFY",
	.states = IMAPD_ACCOUNT,
	.rfc = "5465 3.1",
	.purpose = "Says of what the client is told unasked",
	.file = __FILE__,
	.run = run,
};
