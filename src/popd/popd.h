#ifndef POPD_POPD_H
#define POPD_POPD_H

#include "door/door.h"
#include "post/post.h"

/*
 * The POP3 dialogue of a server: RFC 1939 with TOP and UIDL, CAPA (2449) with PIPELINING,
 * RESP-CODES and EXPIRE NEVER, AUTH-RESP-CODE (3206), STLS (2595), AUTH (5034).
 * There is no APOP: it wants passwords that can be read.
 *
 * A listener's owner is a struct popd_context, which outlives its sessions.
 *
 * A session sees the INBOX as it was at sign-in; message numbers never move. Message n has
 * the unique id "UIDVALIDITY.UID", so it is the same one in IMAP and after a restart.
 * Messages marked by DELE are expunged at QUIT, which answers +OK only when that is
 * durable; a session that ends otherwise deletes nothing. One session at a time has a
 * maildrop.
 */
#define POPD_ERRORS_MOST   20  /* refused commands, then the end */
#define POPD_STRANGER_MOST 200 /* commands before a sign-in */
/* From the greeting to the sign-in, all in all: what RFC 1939 3 gives a silent client. */
#define POPD_SIGN_IN_MS     POPD_IDLE_MS
#define POPD_IDLE_MS        (10 * 60 * 1000) /* RFC 1939 3: at least ten minutes */
#define POPD_WAIT_MS        (60 * 1000)      /* for a password or a commit of ours */
#define POPD_LEAST_RATE     20               /* bytes a second of a message on its way */
#define POPD_LISTED_AT_ONCE 500              /* messages of LIST, UIDL or STAT in one go */

struct popd_context {
	struct post *post;
	struct door *door;
	struct base_log *log;
	struct base_metrics *metrics;
};

extern const struct net_protocol popd_protocol;

#endif
