#ifndef IMAPD_LIST_MAILBOXES_H
#define IMAPD_LIST_MAILBOXES_H

#include "imapd/listing.h"

/* LIST with all its options, and XLIST, which tells \Inbox. */
enum net_next imapd_list(struct imapd_session *session, const char *verb, bool xlist);

#endif
