#ifndef IMAPD_LIST_MAILBOXES_H
#define IMAPD_LIST_MAILBOXES_H

#include "imapd/listing.h"

/* LIST with all its options, and XLIST, which tells \Inbox. */
enum net_next imapd_list(struct imapd_session *session, const char *verb, bool xlist);

/*
 * list-others.c: what others share (RFC 2342), behind one's own. Names that are subscribed
 * stand among one's own; uses of others' mailboxes are not told, as clients would take
 * them.
 */
void imapd_list_others(struct imapd_listing *listing);

#endif
