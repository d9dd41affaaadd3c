/* NAMESPACE: RFC 2342 5. */
#include "imapd/imapd-internal.h"

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	if (!wire_imap_end(&call->cursor))
		return imapd_unparsed(session);
	imapd_put_text(session, "* NAMESPACE ((\"\" \"/\")) ((\"" POST_OTHERS_ROOT
				"/\" \"/\")) ((\"" POST_SHARED_ROOT "/\" \"/\"))\r\n");
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_namespace = {
	.name = "NAMESPACE",
	.states = IMAPD_ACCOUNT,
	.capability = "NAMESPACE",
	.announced = IMAPD_ANY,
	.rfc = "2342 5",
	.purpose = "Names the namespaces and their separators",
	.file = __FILE__,
	.run = run,
};
