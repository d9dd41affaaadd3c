#ifndef IMAPD_NOTIFY_LINES_H
#define IMAPD_NOTIFY_LINES_H

#include "imapd/lines.h"
#include "imapd/notify.h"

/* Lines of news that are due: gathered, and then written while output drains. */
struct imapd_notice {
	enum { IMAPD_NOTICE_STATUS, IMAPD_NOTICE_LIST, IMAPD_NOTICE_METADATA } kind;
	struct slice name, old_name; /* of LIST, absent: not renamed */
	struct slice attributes;     /* of LIST; absent: as names have it */
	unsigned items;              /* of STATUS */
	struct slice *entries;       /* of METADATA */
	size_t count;
};

/* Owned by the output: in an arena of its own. */
struct imapd_notices {
	struct imapd_lines lines;
	struct arena *arena;
	struct imapd_session *session;
	struct post_tree *names; /* held: of this account, or of another's */
	struct imapd_notice *all;
	size_t count, room, put;
};

/* With the names of the account as they are now; NULL when they can't be read. */
struct imapd_notices *imapd_notices_new(
	struct imapd_session *session, struct post_account *account);
struct imapd_notice *imapd_notice_add(struct imapd_notices *notices);
/* Unless that mailbox's row is there already. */
void imapd_notice_add_list(struct imapd_notices *notices, struct slice name,
	struct slice old_name, struct slice attributes);
/* To the output, or away when there are none. */
void imapd_notices_hand_over(struct imapd_notices *notices);
void imapd_notices_drop(struct imapd_notices *notices);

/* Items of STATUS that these events ask for (RFC 5465 5.1 to 5.3); 0: nothing to tell. */
unsigned imapd_notify_items(const struct imapd_session *session,
	const struct post_news_mailbox *mailbox, unsigned events);
/* When NOTIFY begins (RFC 5465 3.1). */
unsigned imapd_notify_first_items(unsigned events);
/* This client did it itself: to that mailbox, or to the name or one below it. */
void imapd_notify_take_own(const struct imapd_notify *notify, uint64_t account,
	struct post_news_mailbox *mailbox);
bool imapd_notify_is_own_name(
	const struct imapd_notify *notify, struct slice name, bool subscription);
/* RFC 5465 5.8: nothing is told any more. */
void imapd_notify_overflow(struct imapd_session *session);

/* --- notify-others.c -------------------------------------------------------------------
 */

void imapd_notify_put_others(struct imapd_session *session);
void imapd_notify_put_statuses_of_others(struct imapd_session *session);

#endif
