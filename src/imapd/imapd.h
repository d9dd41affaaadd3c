#ifndef IMAPD_IMAPD_H
#define IMAPD_IMAPD_H

#include "door/door.h"
#include "net/net.h"
#include "post/post.h"

/*
 * The IMAP dialogue of a server: IMAP4rev1 (RFC 3501), response codes (RFC 5530), and the
 * extensions that docs/imap.md lists.
 *
 * A listener's owner is a struct imapd_context, which outlives its sessions. Between
 * commands a session is parked; it keeps its view of the mailbox and nothing else that is
 * large. What other sessions change is told when the protocol lets us speak: before a
 * tagged answer, and while the client is idle.
 */
#define IMAPD_SIGN_IN_DEADLINE (3 * 60 * 1000)   /* from the greeting on, all in all */
#define IMAPD_IDLE_DEADLINE    NET_DEADLINE_MOST /* RFC 3501 5.4: at least 30 minutes */
#define IMAPD_DATA_DEADLINE    (5 * 60 * 1000)   /* of silence within a literal */
#define IMAPD_LEAST_RATE       20  /* bytes a second, of a literal and of a long answer */
#define IMAPD_ERRORS_MOST      20  /* BAD in a row before the session is closed */
#define IMAPD_STRANGER_MOST    200 /* commands before a sign-in */
#define IMAPD_CALL_MEMORY      (16 * 1024 * 1024)   /* of one command */
#define IMAPD_SECTION_MOST     (4 * 1024 * 1024)    /* of a header block that is filtered */
#define IMAPD_READ_MOST        (256 * 1024)         /* of a section that is not streamed */
#define IMAPD_BINARY_MOST      (48 * 1024 * 1024)   /* of a part that is decoded */
#define IMAPD_UPLOAD_MOST      (1024 * 1024 * 1024) /* of all messages of one APPEND */
#define IMAPD_SWALLOW_MOST     (256 * 1024 * 1024)  /* of an APPEND {n+} that is refused */

#define IMAPD_COMMANDS_MOST 96
struct imapd_metrics {
	struct base_metric *sessions, *fetched_bytes;
	struct base_metric *commands[IMAPD_COMMANDS_MOST]; /* each by its name */
};

/* What clients of a name and version want otherwise. */
struct imapd_client {
	struct slice name, version; /* of ID (RFC 2971); "*" stands for any text */
	struct slice hidden; /* capabilities that they are not told of, parted by blanks */
	bool deaf;           /* to EXISTS that answers anything but NOOP and CHECK */
};

/* What IMAP says in other languages (RFC 5255), compiled in. */
struct imapd_texts;
struct imapd_texts *imapd_texts_load(void);
void imapd_texts_free(struct imapd_texts *texts); /* NULL is fine */

struct imapd_context {
	struct post *post;
	struct door *door;
	struct base_clock *clock;
	struct base_log *log;
	struct slice host_name;
	/* The server's annotations (RFC 5464 3.2.1.1), or empty: a comment, and a URI. */
	struct slice comment, administrator;
	uint64_t message_size_most;
	uint32_t sessions_per_account; /* 0: no bound */
	/* Capabilities that no client is told of, parted by blanks: "UIDONLY NOTIFY". */
	struct slice hidden;
	const struct imapd_client *clients; /* the first that fits counts */
	size_t client_count;
	const struct imapd_texts *texts;
	uint32_t message_limit, save_limit; /* of one command (RFC 9738); 0: none */
	struct imapd_metrics metrics;
};

extern const struct net_protocol imapd_protocol;

struct imapd_metrics imapd_metrics_register(struct base_metrics *metrics);

#endif
