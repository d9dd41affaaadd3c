/* CAPABILITY, NOOP, LOGOUT (RFC 3501 6.1), CHECK (6.4.1), NAMESPACE (RFC 2342), ID (2971),
 * ENABLE (5161). */
#include "imapd/imapd-internal.h"

static enum net_next
run_capability(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	buffer_put_text(&line, "* CAPABILITY ");
	imapd_put_capabilities(session, &line);
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
	return imapd_ok(session, "That is all");
}

static enum net_next
run_noop(struct imapd_session *session, struct imapd_call *call)
{
	return wire_imap_end(&call->cursor) ? imapd_ok(session, "Done")
					    : imapd_unparsed(session);
}

static enum net_next
run_logout(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	SCOPED(buffer_free) struct buffer lines = buffer_with(1024);
	buffer_put_text(&lines, "* BYE Goodbye\r\n");
	buffer_put(&lines, call->tag);
	buffer_put_text(&lines, " OK Signed out\r\n");
	imapd_put(session, &lines);
	return NET_CLOSE;
}

static enum net_next
run_namespace(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_put_text(session, "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
	return imapd_ok(session, "Done");
}

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
run_id(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_id_pair *pairs;
	size_t count;
	if (!wire_imap_id_parse(&call->cursor, &pairs, &count))
		return imapd_unparsed(session);
	log_id(session, pairs, count);
	imapd_put_text(session, "* ID (\"name\" \"Troika\")\r\n");
	return imapd_ok(session, "Done");
}

/* Nothing can be enabled yet; a name that is unknown is passed over (RFC 5161 3.1). */
static enum net_next
run_enable(struct imapd_session *session, struct imapd_call *call)
{
	struct slice *names;
	size_t count;
	if (!wire_imap_enable_parse(&call->cursor, &names, &count))
		return imapd_unparsed(session);
	imapd_put_text(session, "* ENABLED\r\n");
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_capability = {
	.name = "CAPABILITY", .states = IMAPD_ANY, .run = run_capability};
const struct imapd_command imapd_command_noop = {
	.name = "NOOP", .states = IMAPD_ANY, .run = run_noop};
const struct imapd_command imapd_command_logout = {
	.name = "LOGOUT", .states = IMAPD_ANY, .run = run_logout};
const struct imapd_command imapd_command_check = {
	.name = "CHECK", .states = IMAPD_SELECTED, .run = run_noop};
const struct imapd_command imapd_command_namespace = {.name = "NAMESPACE",
	.states = IMAPD_ACCOUNT,
	.capability = "NAMESPACE",
	.run = run_namespace};
const struct imapd_command imapd_command_id = {
	.name = "ID", .states = IMAPD_ANY, .capability = "ID", .run = run_id};
const struct imapd_command imapd_command_enable = {.name = "ENABLE",
	.states = IMAPD_ACCOUNT,
	.capability = "ENABLE",
	.run = run_enable};
