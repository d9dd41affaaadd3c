/* ID: RFC 2971 3.1. */
#include "imapd/imapd-internal.h"

/* What a client calls itself helps whoever reads the log at night. */
static void
log_id(struct imapd_session *session, const struct wire_imap_id_pair *pairs, size_t count)
{
	struct slice name = SLICE_NONE, version = SLICE_NONE;
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(pairs[i].field, SLICE("name")))
			name = pairs[i].value;
		else if (slice_equal_nocase(pairs[i].field, SLICE("version")))
			version = pairs[i].value;
	LOG(session->context->log, BASE_LOG_INFO, "imap.client",
		LOG_NUMBER("session", net_session_id(session->net)),
		LOG_STRING("account", session->address), LOG_TEXT("name", name),
		LOG_TEXT("version", version));
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_id_pair *pairs;
	size_t count;
	if (!wire_imap_id_parse(&call->cursor, &pairs, &count))
		return imapd_unparsed(session);
	log_id(session, pairs, count);
	imapd_put_text(session, "* ID (\"name\" \"Troika\")\r\n");
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_id = {
	.name = "ID",
	.states = IMAPD_ANY,
	.capability = "ID",
	.announced = IMAPD_ANY,
	.rfc = "2971 3.1",
	.purpose = "Exchanges names of client and server",
	.file = __FILE__,
	.run = run,
};
