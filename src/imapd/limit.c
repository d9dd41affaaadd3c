/*
 * MESSAGELIMIT, SAVELIMIT: RFC 9738. Of more messages than one command may have, the newest
 * are served, and the tagged OK names the least UID of those; but what is done whole or not
 * at all (APPEND, COPY, SORT, THREAD) is refused. EXPUNGE without UIDs, and ESEARCH, have
 * no such bound.
 */
#include "imapd/imapd-internal.h"

static uint32_t
limit_of(const struct imapd_session *session)
{
	const struct imapd_context *context = session->context;
	uint32_t most = context->message_limit;
	bool saves = session->call->command->traits & IMAPD_SAVES;
	if (saves && context->save_limit && (!most || context->save_limit < most))
		most = context->save_limit;
	return most;
}

void
imapd_limit(struct imapd_session *session, struct post_uids *uids)
{
	uint32_t most = limit_of(session), count = post_uids_count(uids);
	if (!most || count <= most || session->call->command->traits & IMAPD_WHOLE)
		return;
	SCOPED(post_uids_release) struct post_uids *newest = post_uids_create();
	session->call->limited_to = post_uids_at(uids, count - most + 1);
	post_uids_add_range(newest, session->call->limited_to, UINT32_MAX - 1);
	post_uids_and(uids, newest);
}

void
imapd_limit_window(struct imapd_session *session, struct wire_imap_partial *window,
	const struct post_uids *found)
{
	uint32_t first, last, most = limit_of(session);
	if (!most ||
		!wire_imap_partial_resolve(window, post_uids_count(found), &first, &last) ||
		last - first < most)
		return;
	window->left_out = last - first + 1 - most;
	session->call->limited_to = post_uids_at(found, first + window->left_out);
}

const char *
imapd_limit_refusal(const struct imapd_session *session, size_t count)
{
	struct arena *arena = session->call->arena;
	uint32_t most = limit_of(session);
	if (!most || count <= most)
		return NULL;
	return arena_text(arena,
		arena_printf(arena, "[MESSAGELIMIT %u] There are too many messages", most));
}

/* The UID is that of the last which would do, from the newest on. */
const char *
imapd_limit_refusal_of(const struct imapd_session *session, const struct post_uids *uids)
{
	struct arena *arena = session->call->arena;
	uint32_t most = limit_of(session), count = post_uids_count(uids);
	if (!(session->call->command->traits & IMAPD_WHOLE) || !most || count <= most)
		return NULL;
	return arena_text(arena,
		arena_printf(arena, "[MESSAGELIMIT %u %u] There are too many messages",
			most, post_uids_at(uids, count - most + 1)));
}

struct slice
imapd_limit_code(const struct imapd_session *session)
{
	return arena_printf(session->call->arena,
		"[MESSAGELIMIT %u %u] Not all at once: the newest", limit_of(session),
		session->call->limited_to);
}

static bool
has_message_limit(const struct imapd_session *session)
{
	return session->context->message_limit;
}

static void
put_message_limit(const struct imapd_session *session, struct buffer *into)
{
	buffer_printf(into, "MESSAGELIMIT=%u", session->context->message_limit);
}

const struct imapd_extension imapd_extension_messagelimit = {
	.capability = "MESSAGELIMIT",
	.rfc = "9738",
	.purpose = "How many messages a command may have; off where not configured",
	.file = __FILE__,
	.offered = has_message_limit,
	.put = put_message_limit,
};

static bool
has_save_limit(const struct imapd_session *session)
{
	return session->context->save_limit;
}

static void
put_save_limit(const struct imapd_session *session, struct buffer *into)
{
	buffer_printf(into, "SAVELIMIT=%u", session->context->save_limit);
}

const struct imapd_extension imapd_extension_savelimit = {
	.capability = "SAVELIMIT",
	.rfc = "9738",
	.purpose = "How many messages a command may save; off where not configured",
	.file = __FILE__,
	.offered = has_save_limit,
	.put = put_save_limit,
};
