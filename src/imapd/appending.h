#ifndef IMAPD_APPENDING_H
#define IMAPD_APPENDING_H

#include "imapd/upload.h"

/* What APPEND and REPLACE share, from the parsed command to its answer. */
enum net_next imapd_append(struct imapd_session *session, struct imapd_call *call,
	const struct wire_imap_append *wanted);

#endif
