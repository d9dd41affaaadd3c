#ifndef SMTPD_SMTPD_H
#define SMTPD_SMTPD_H

#include "door/door.h"
#include "post/post.h"
#include "relay/relay.h"

/*
 * The SMTP dialogue of a server: RFC 5321 with PIPELINING (2920), SIZE (1870), 8BITMIME
 * (6152), SMTPUTF8 (6531), CHUNKING and BINARYMIME (3030), ENHANCEDSTATUSCODES (2034),
 * STARTTLS (3207), AUTH (4954), DSN (3461).
 *
 * A listener's owner is a struct smtpd_context, which outlives its sessions. The role
 * decides who may do what:
 *
 *	SMTPD_EXCHANGE    anybody brings mail for our domains; nobody relays or signs in
 *	SMTPD_SUBMISSION  our people sign in, then send anywhere, as themselves
 *
 * A 250 after the data means that the message is durable in every mailbox and queue it was
 * for, in one set of commits.
 */
enum smtpd_role { SMTPD_EXCHANGE, SMTPD_SUBMISSION };

#define SMTPD_RECIPIENTS_MOST 1000 /* RFC 5321 4.5.3.1.8 wants 100 at least */
#define SMTPD_TARGETS_MOST    POST_RECIPIENTS_MOST /* what all of them expand to */
#define SMTPD_OVERSHOOT_MOST  1000 /* recipients beyond the limit; more are errors */
#define SMTPD_HOPS_MOST       50   /* Received lines: RFC 5321 6.3 */
#define SMTPD_ERRORS_MOST     20   /* refused commands since the last message */
#define SMTPD_IDLE_MOST       200  /* commands since it that bring none: NOOP, RSET … */
#define SMTPD_LINE_MOST       WIRE_SMTP_AUTH_LINE_MOST

#define SMTPD_COMMAND_DEADLINE (5 * 60 * 1000) /* RFC 5321 4.5.3.2.7 */
/* From the greeting to the sign-in, all in all, where there must be one. */
#define SMTPD_SIGN_IN_DEADLINE SMTPD_COMMAND_DEADLINE
#define SMTPD_DATA_DEADLINE    (5 * 60 * 1000) /* of silence within a message */
#define SMTPD_LEAST_RATE       20              /* bytes a second */

struct smtpd_metrics {
	struct base_metric *accepted, *refused, *recipients, *bytes, *sessions;
};

struct smtpd_context {
	enum smtpd_role role;
	struct post *post;
	struct door *door;
	struct relay *relay;
	struct base_clock *clock;
	struct base_log *log;
	struct slice host_name;
	uint64_t message_size_most;
	uint32_t recipients_most;      /* 0: SMTPD_RECIPIENTS_MOST */
	uint32_t sessions_per_account; /* 0: no bound */
	struct smtpd_metrics metrics;
};

extern const struct net_protocol smtpd_protocol;

/* Makes the metrics, once for all contexts. */
struct smtpd_metrics smtpd_metrics_register(struct base_metrics *metrics);

#endif
