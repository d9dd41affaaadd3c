/* COMPRESS: RFC 4978. The tagged OK is the last that leaves in the clear. */
#include "imapd/imapd-internal.h"

static enum net_next
drained(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_DRAINED)
		return imapd_gone(session, event);
	/* Promised is promised: without memory there is nothing left to say. */
	return net_start_deflate(net) ? imapd_next(session) : NET_CLOSE;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice mechanism;
	if (!wire_imap_compress_parse(&call->cursor, &mechanism))
		return imapd_unparsed(session);
	if (!slice_equal_nocase(mechanism, SLICE("DEFLATE")))
		return imapd_bad(session, "Only DEFLATE is known");
	if (net_deflated(session->net))
		return imapd_bad(session, "[COMPRESSIONACTIVE] That is so already");
	imapd_sync(session, NULL);
	SCOPED(buffer_free) struct buffer line = buffer_with(1024);
	buffer_put(&line, call->tag);
	buffer_put_text(&line, " OK Compressed from here on\r\n");
	imapd_put(session, &line);
	imapd_call_end(session);
	return imapd_drain(session, drained);
}

const struct imapd_command imapd_command_compress = {
	.name = "COMPRESS",
	.states = IMAPD_ACCOUNT,
	.capability = "COMPRESS=DEFLATE",
	.rfc = "4978",
	.purpose = "Deflates both ways from here on",
	.file = __FILE__,
	.run = run,
};
