/* GETMETADATA: RFC 5464 4.2. */
#include "imapd/metadata.h"
#include "imapd/rights.h"

static enum net_next
answer(struct imapd_session *session, uint64_t longest)
{
	if (!longest)
		return imapd_ok(session, "Done");
	return imapd_ok_slice(session,
		arena_printf(session->call->arena, "[METADATA LONGENTRIES %llu] Done",
			(unsigned long long)longest));
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_getmetadata wanted;
	if (!wire_imap_getmetadata_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	struct imapd_metadata_asked asked = {.entries = wanted.entries,
		.count = wanted.count,
		.depth = wanted.depth,
		.has_most = wanted.has_most,
		.most = wanted.most};
	SCOPED(buffer_free) struct buffer line = buffer_with(2 * IMAPD_METADATA_LINE_MOST);
	enum base_failure failure =
		imapd_put_metadata(session, &line, wanted.mailbox, &asked);
	if (failure)
		return imapd_no_place(session, failure);
	imapd_put(session, &line);
	return answer(session, asked.longest);
}

const struct imapd_command imapd_command_getmetadata = {
	.name = "GETMETADATA",
	.states = IMAPD_ACCOUNT,
	.rfc = "5464 4.2",
	.purpose = "Tells annotations of a mailbox, or of the server",
	.file = __FILE__,
	.run = run,
};
