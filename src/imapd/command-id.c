/* ID: RFC 2971 3.1. */
#include "imapd/imapd-internal.h"

/* What a client calls itself helps whoever reads the log at night. */
static void
log_id(const struct imapd_session *session, struct slice name, struct slice version)
{
	LOG(session->context->log, BASE_LOG_INFO, "imap.client",
		LOG_NUMBER("session", net_session_id(session->net)),
		LOG_STRING("account", session->address), LOG_TEXT("name", name),
		LOG_TEXT("version", version));
}

static struct slice
value_of(const struct wire_imap_id_pair *pairs, size_t count, struct slice field)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(pairs[i].field, field))
			return pairs[i].value;
	return SLICE_NONE;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_id_pair *pairs;
	size_t count;
	if (!wire_imap_id_parse(&call->cursor, &pairs, &count))
		return imapd_unparsed(session);
	struct slice name = value_of(pairs, count, SLICE("name"));
	struct slice version = value_of(pairs, count, SLICE("version"));
	log_id(session, name, version);
	imapd_put_text(session, "* ID (\"name\" \"Troika\")\r\n");
	imapd_client_is(session, name, version);
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
