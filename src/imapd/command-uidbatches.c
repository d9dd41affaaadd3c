/*
 * UIDBATCHES: RFC 10022. Ranges of UIDs that hold so many messages each, the newest first;
 * by select in the bitmap, so that a million messages cost as little as a hundred.
 */
#include "imapd/imapd-internal.h"

enum {
	LEAST = 500,             /* messages a batch */
	LINE_MOST = 1024 * 1024, /* more batches than fit are left out */
	RANGE_WIDTH = 24
};

/* Batches lie side by side and together hold every UID, also of what is not there. */
static void
put_batch(struct buffer *line, const struct post_uids *uids, uint32_t size, uint32_t batch)
{
	uint32_t count = post_uids_count(uids), before = (batch - 1) * size;
	uint32_t high =
		before ? post_uids_at(uids, count - before + 1) - 1 : post_uids_most(uids);
	uint32_t low =
		count - before > size ? post_uids_at(uids, count - before - size + 1) : 1;
	buffer_printf(line, "%u:%u", high, low);
}

static void
put_batches(struct imapd_session *session, const struct wire_imap_batches *wanted)
{
	const struct post_uids *uids = post_view_uids(session->selected->view);
	uint32_t count = post_uids_count(uids);
	uint32_t batches = (uint32_t)(((uint64_t)count + wanted->size - 1) / wanted->size);
	uint32_t first = wanted->ranged ? wanted->first : 1;
	uint32_t last = wanted->ranged && wanted->last < batches ? wanted->last : batches;
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* UIDBATCHES (TAG ");
	wire_imap_put_string(&line, session->call->tag, false);
	buffer_put_byte(&line, ')');
	for (uint32_t batch = first; batch <= last && line.length + RANGE_WIDTH < LINE_MOST;
		batch++) {
		buffer_put_byte(&line, batch == first ? ' ' : ',');
		put_batch(&line, uids, wanted->size, batch);
	}
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
}

/* Batches that are not there are none, whatever their size. */
static bool
is_too_small(struct imapd_session *session, const struct wire_imap_batches *wanted)
{
	uint32_t count = post_view_count(session->selected->view);
	bool outside =
		wanted->ranged && (uint64_t)(wanted->first - 1) * wanted->size >= count;
	return wanted->size < LEAST && !outside;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_batches wanted;
	if (!wire_imap_batches_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	if (is_too_small(session, &wanted))
		return imapd_no(session, "[TOOFEW] A batch has 500 messages at least");
	put_batches(session, &wanted);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_uidbatches = {
	.name = "UIDBATCHES",
	.states = IMAPD_SELECTED,
	.traits = IMAPD_KEEPS_NUMBERS,
	.capability = "UIDBATCHES",
	.rfc = "10022",
	.purpose = "Gives ranges of UIDs with so many messages each",
	.file = __FILE__,
	.run = run,
};
