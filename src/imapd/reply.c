#include "imapd/notify.h"

enum { SAID_MOST = 256 /* of a sentence that is looked up */ };

void
imapd_put(struct imapd_session *session, const struct buffer *bytes)
{
	net_put(session->net, buffer_slice(bytes));
}

void
imapd_put_text(struct imapd_session *session, const char *text)
{
	net_put(session->net, slice_of_text(text));
}

/* How much of a text is its response code, with the blank behind it. */
static size_t
code_length(struct slice text)
{
	size_t length = 0, end;
	if (!slice_starts(text, SLICE("[")))
		return 0;
	for (struct slice rest = text; (end = slice_find(rest, SLICE("] "))) < rest.length;
		rest = slice_from(rest, end + 2))
		length += end + 2;
	return length;
}

static void
put_in_language(struct imapd_session *session, struct slice text)
{
	char english[SAID_MOST];
	size_t code = code_length(text);
	struct slice said = slice_from(text, code);
	if (!session->language || said.length >= sizeof english) {
		net_put(session->net, text);
		return;
	}
	memcpy(english, said.data, said.length);
	english[said.length] = 0;
	net_put(session->net, slice_first(text, code));
	imapd_put_text(session, base_text(session->language, english));
}

void
imapd_put_said(struct imapd_session *session, const char *head, struct slice text)
{
	imapd_put_text(session, head);
	put_in_language(session, text);
	net_put(session->net, SLICE("\r\n"));
}

static enum net_next
answer(struct imapd_session *session, const char *verdict, struct slice text)
{
	imapd_sync(session, NULL);
	imapd_notify_put(session);
	net_put(session->net, session->call->tag);
	imapd_put_said(session, verdict, text);
	imapd_call_end(session);
	return imapd_next(session);
}

enum net_next
imapd_ok_slice(struct imapd_session *session, struct slice text)
{
	session->errors = 0;
	if (session->call->limited_to) {
		/* An answer has one code: the command's own goes before. */
		if (code_length(text))
			imapd_put_said(session, "* OK ", text);
		text = imapd_limit_code(session);
	}
	return answer(session, " OK ", text);
}

enum net_next
imapd_ok(struct imapd_session *session, const char *text)
{
	return imapd_ok_slice(session, slice_of_text(text));
}

enum net_next
imapd_no(struct imapd_session *session, const char *text)
{
	return answer(session, " NO ", slice_of_text(text));
}

enum net_next
imapd_bad(struct imapd_session *session, const char *text)
{
	session->errors++;
	return answer(session, " BAD ", slice_of_text(text));
}

enum net_next
imapd_unparsed(struct imapd_session *session)
{
	const char *error = session->call->cursor.error;
	if (session->call->cursor.cannot)
		return imapd_no(session, error);
	return imapd_bad(session, error ? error : "Syntax error");
}

/* RFC 5530 3. */
const char *
imapd_failure_text(enum base_failure failure)
{
	switch (failure) {
	case BASE_NOT_FOUND:
		return "[NONEXISTENT] There is no such mailbox";
	case BASE_EXISTS:
		return "[ALREADYEXISTS] There is one of that name";
	case BASE_INVALID:
		return "[CANNOT] That name can't be used";
	case BASE_DENIED:
		return "[CANNOT] That can't be done to this mailbox";
	case BASE_TOO_LARGE:
		return "[LIMIT] That is more than is allowed";
	case BASE_QUOTA:
		return "[OVERQUOTA] The account is full";
	case BASE_DISK_FULL:
		return "[UNAVAILABLE] The server has no room, try again later";
	case BASE_DAMAGED:
		return "[CORRUPTION] Stored bytes are damaged; the administrator is told";
	default:
		return "[UNAVAILABLE] Try again later";
	}
}

enum net_next
imapd_failed(struct imapd_session *session, enum base_failure failure)
{
	if (failure == BASE_DAMAGED)
		LOG(session->context->log, BASE_LOG_ERROR, "imap.damaged",
			LOG_STRING("account", session->address),
			LOG_STRING("command", session->call->command->name));
	return imapd_no(session, imapd_failure_text(failure));
}

enum net_next
imapd_no_target(struct imapd_session *session, enum base_failure failure)
{
	if (failure == BASE_NOT_FOUND)
		return imapd_no(session, "[TRYCREATE] There is no such mailbox");
	return imapd_failed(session, failure);
}

enum net_next
imapd_expunged(struct imapd_session *session)
{
	return imapd_no(session, "[EXPUNGEISSUED] Some of the messages are gone meanwhile");
}
