#ifndef IMAPD_LINES_H
#define IMAPD_LINES_H

#include "imapd/imapd-internal.h"

/*
 * Untagged lines that are made while output drains, so that a million of them hold a fixed
 * memory, however slowly the client reads.
 *
 * A maker of lines begins with this struct and is owned by whoever was handed it.
 */
#define IMAPD_LINES_FILL (16 * 1024)  /* about so much a fill adds */
#define IMAPD_LINES_MOST (320 * 1024) /* with its last line it may add no more */

struct imapd_lines {
	/* Adds some lines; false when there are none behind them. */
	bool (*fill)(struct imapd_lines *lines, struct buffer *into);
	void (*release)(struct imapd_lines *lines);
};

/* Puts them behind what was put before. */
void imapd_put_lines(struct imapd_session *session, struct imapd_lines *owned);

/*
 * The end of a line, of which put bytes are out, and its CRLF; true while more of it is
 * left.
 */
bool imapd_lines_fill_tail(struct slice tail, size_t *put, struct buffer *into);

/* --- rows.c: lines about messages ------------------------------------------------------
 */

/*
 * "* 5 EXPUNGE", from the last to the first: each number is still the one in the view; or
 * "* VANISHED 7,9" where the client has turned that on (RFC 7162 3.2.10).
 */
void imapd_put_expunges(struct imapd_session *session, struct post_view *view,
	const struct post_uids *vanished);
/*
 * "* 5 FETCH (UID 7 FLAGS (…))": numbers as numbered has them, flags as flagged. Those of
 * uids that are not in both are passed over.
 */
void imapd_put_flag_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids);
/* "* VANISHED (EARLIER) 41,43:116": in as many lines as it takes; none for none. */
void imapd_put_vanished(
	struct imapd_session *session, const struct post_uids *vanished, bool earlier);
/* "* 5 FETCH (UID 7 MODSEQ (12))" (RFC 7162 3.1.3), as imapd_put_flag_rows. */
void imapd_put_modseq_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids);
/* "* 5 FETCH (", or "* 7 UIDFETCH (" (RFC 9586 3.3). */
void imapd_put_row_head(struct buffer *into, struct imapd_numbering *numbering,
	uint32_t uid, bool uid_only);
/* "* SEARCH 2 3 5", "* SEARCH 2 (MODSEQ 12)" where modseq isn't 0 (RFC 7162 3.1.5). */
void imapd_put_found(struct imapd_session *session, struct post_view *view,
	const struct post_uids *found, bool as_uids, uint64_t modseq);

#endif
