#include "imapd/rights.h"

static const struct imapd_command *
command_named(struct slice name)
{
	for (const struct imapd_command *const *at = imapd_commands; *at; at++)
		if (slice_equal_nocase(name, slice_of_text((*at)->name)))
			return *at;
	return NULL;
}

/* The name, behind UID perhaps. False leaves the cursor's error, or none for an unknown
 * one. */
static bool
read_name(struct imapd_call *call)
{
	struct slice word;
	if (!wire_imap_word(&call->cursor, &word))
		return false;
	if (slice_equal_nocase(word, SLICE("UID"))) {
		call->uid = true;
		if (!wire_imap_space(&call->cursor) ||
			!wire_imap_word(&call->cursor, &word))
			return false;
	}
	call->command = command_named(word);
	return call->command && (!call->uid || call->command->traits & IMAPD_HAS_UID);
}

static const char *
out_of_order(const struct imapd_session *session, const struct imapd_call *call)
{
	if (call->command->states & session->state)
		return NULL;
	if (session->state == IMAPD_NOT_SIGNED_IN)
		return "Sign in first";
	if (call->command->states == IMAPD_SELECTED)
		return "Select a mailbox first";
	return "You are signed in already";
}

static struct imapd_call *
call_begin(struct imapd_session *session)
{
	struct arena *arena = arena_create(IMAPD_CALL_MEMORY);
	struct imapd_call *call = ARENA_NEW(arena, struct imapd_call);
	call->arena = arena;
	call->cursor =
		wire_imap_cursor_over(wire_imap_gather_text(&session->gather), arena);
	call->cursor.utf8 = imapd_speaks_utf8(session);
	call->tag = wire_imap_gather_tag(&session->gather);
	session->call = call;
	return call;
}

void
imapd_call_shrink(struct imapd_session *session)
{
	struct arena *arena = arena_create_small(IMAPD_CALL_MEMORY);
	struct imapd_call *call = ARENA_NEW(arena, struct imapd_call);
	ASSERT(!session->call->act);
	call->arena = arena;
	call->command = session->call->command;
	call->tag = session->call->tag; /* the gatherer's, which waits */
	call->cursor = wire_imap_cursor_over(SLICE(""), arena);
	imapd_call_end(session);
	session->call = call;
}

void
imapd_call_end(struct imapd_session *session)
{
	if (session->call)
		arena_destroy(session->call->arena);
	session->call = NULL;
}

static void
count_command(const struct imapd_session *session, const struct imapd_command *command)
{
	for (size_t i = 0; imapd_commands[i]; i++)
		if (imapd_commands[i] == command)
			base_metric_add(session->context->metrics.commands[i], 1);
}

enum net_next
imapd_run(struct imapd_session *session)
{
	struct imapd_call *call = call_begin(session);
	struct slice tag;
	session->commands += session->state == IMAPD_NOT_SIGNED_IN;
	if (!wire_imap_tag(&call->cursor, &tag))
		return imapd_unparsed(session);
	if (!read_name(call))
		return call->cursor.error ? imapd_unparsed(session)
					  : imapd_bad(session, "Unknown command");
	const char *fault = out_of_order(session, call);
	if (fault)
		return imapd_bad(session, fault);
	if (call->command->traits & IMAPD_WRITES && session->selected &&
		session->selected->read_only)
		return imapd_no(session, "[READ-ONLY] The mailbox was opened for reading");
	imapd_renew_rights(session);
	if (!imapd_may(session, call->command->act))
		return imapd_no_place(session, BASE_DENIED);
	count_command(session, call->command);
	return call->command->run(session, call);
}
