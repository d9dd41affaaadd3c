/* NAMESPACE: RFC 2342 5; TRANSLATION: RFC 5255 3.4. */
#include "imapd/imapd-internal.h"

enum { LINE_MOST = 1024 };

/* A string, whatever the name is made of (RFC 5255 7). */
static void
put_string(struct imapd_session *session, struct buffer *line, const char *name)
{
	SCOPED(buffer_free) struct buffer written = buffer_with(LINE_MOST);
	wire_imap_put_mailbox(&written, slice_of_text(name), imapd_speaks_utf8(session));
	bool quoted = slice_starts(buffer_slice(&written), SLICE("\""));
	buffer_put_text(line, quoted ? "" : "\"");
	buffer_put(line, buffer_slice(&written));
	buffer_put_text(line, quoted ? "" : "\"");
}

/* Names stay as they are; what a person reads instead is told beside them. */
static void
put_namespace(struct imapd_session *session, struct buffer *line, const char *root)
{
	const char *said = session->language ? base_text(session->language, root) : root;
	buffer_printf(line, " ((\"%s\" \"%c\"", root, POST_SEPARATOR);
	if (said != root) {
		buffer_put_text(line, " \"TRANSLATION\" (");
		put_string(session, line, said);
		buffer_put_byte(line, ')');
	}
	buffer_put_text(line, "))");
}

void
imapd_put_namespaces(struct imapd_session *session)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* NAMESPACE ((\"\" \"/\"))");
	put_namespace(session, &line, POST_OTHERS_ROOT "/");
	put_namespace(session, &line, POST_SHARED_ROOT "/");
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_put_namespaces(session);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_namespace = {
	.name = "NAMESPACE",
	.states = IMAPD_ACCOUNT,
	.capability = "NAMESPACE",
	.announced = IMAPD_ANY,
	.rfc = "2342 5, 5255 3.4",
	.purpose = "Names the namespaces and their separators",
	.file = __FILE__,
	.run = run,
};
