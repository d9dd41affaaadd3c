#ifndef IMAPD_SYNC_H
#define IMAPD_SYNC_H

#include "imapd/imapd-internal.h"

/*
 * What the selected mailbox's client is told, from its view to the next: sync.c. Of flags
 * it is told where they are not what it believes: sync-flags.c.
 */

/* The answer to who asks for news, and may have been deaf to what was told before. */
enum net_next imapd_ok_news(struct imapd_session *session);
/* Those of the view not settled before are \Recent in this session from that UID on. */
void imapd_settle_recent(
	struct imapd_selected *selected, const struct post_view *view, uint32_t from);
uint32_t imapd_count_recent(
	const struct imapd_selected *selected, const struct post_view *view);
/*
 * Before a search, so that it finds what came without a NOOP (RFC 3501 7). No EXPUNGE: the
 * numbers that the client wrote stay good.
 */
void imapd_tell_arrivals(struct imapd_session *session);
/* Before the view moves to next, of which difference tells; the caller's. */
struct post_uids *imapd_flags_due(struct imapd_session *session,
	const struct post_view *next, const struct imapd_own_change *own,
	const struct post_difference *difference);
/* The view stays, so that it shows nothing of this change: told when it moves. */
void imapd_flags_stay_due(
	struct imapd_selected *selected, const struct imapd_own_change *own);
/*
 * RFC 7162 3.1: who counts by mod-sequences is told of each that rose, also where the flags
 * are again what they were.
 */
void imapd_add_renumbered(struct imapd_session *session, const struct post_view *newest,
	struct post_uids *flagged);

#endif
