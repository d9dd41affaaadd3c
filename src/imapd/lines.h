#ifndef IMAPD_LINES_H
#define IMAPD_LINES_H

#include "imapd/imapd-internal.h"

/*
 * Untagged lines that are made while output drains, so that a million of them hold a fixed
 * memory, however slowly the client reads.
 *
 * A maker of lines begins with this struct and is owned by whoever was handed it.
 */
#define IMAPD_LINES_FILL (16 * 1024) /* about so much a fill adds */
#define IMAPD_LINES_MOST (64 * 1024) /* with its last line it may add no more */

struct imapd_lines {
	/* Adds some lines; false when there are none behind them. */
	bool (*fill)(struct imapd_lines *lines, struct buffer *into);
	void (*release)(struct imapd_lines *lines);
};

/* Puts them behind what was put before. */
void imapd_put_lines(struct imapd_session *session, struct imapd_lines *owned);

/* --- rows.c: lines about messages ------------------------------------------------------
 */

/* "* 5 EXPUNGE", from the last to the first: each number is still the one in the view. */
void imapd_put_expunges(struct imapd_session *session, struct post_view *view,
	const struct post_uids *vanished);
/*
 * "* 5 FETCH (UID 7 FLAGS (…))": numbers as numbered has them, flags as flagged. Those of
 * uids that are not in both are passed over.
 */
void imapd_put_flag_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids);
/* "* SEARCH 2 3 5" */
void imapd_put_found(struct imapd_session *session, struct post_view *view,
	const struct post_uids *found, bool as_uids);

#endif
