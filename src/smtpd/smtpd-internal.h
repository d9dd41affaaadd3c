#ifndef SMTPD_SMTPD_INTERNAL_H
#define SMTPD_SMTPD_INTERNAL_H

#include "base/id.h"
#include "door/exchange.h"
#include "smtpd/smtpd.h"
#include "wire/header-strip.h"
#include "wire/smtp-command.h"
#include "wire/smtp-reply.h"
#include "wire/takers.h"

/*
 * One recipient as it was asked for, and what it comes to. Lives in the transaction.
 */
struct smtpd_recipient {
	struct smtpd_recipient *next;
	struct slice address;
	unsigned notify;
	struct slice original_type, original; /* ORCPT, decoded */
	struct post_route route;
};

/*
 * A mail transaction (RFC 5321 3.3), from MAIL to the answer after the data. Counted, as
 * an errand may outlive the session.
 */
struct smtpd_transaction {
	struct arena *arena;
	_Atomic unsigned references;
	char id[BASE_ID_LENGTH];
	struct slice sender; /* return path: "" for "<>" */
	enum wire_smtp_body body;
	bool smtputf8;
	enum wire_smtp_return returns;
	struct slice envelope_id;
	uint64_t announced_size;
	struct smtpd_recipient *recipients, *last;
	uint32_t recipient_count;
	uint32_t target_count;          /* what they expand to */
	uint32_t too_many;              /* recipients beyond the limit */
	struct post_incoming *incoming; /* NULL until the data begins */
	struct slice trace;             /* our header lines, once made */

	bool submitted; /* by one of ours: what is blind stays so */
	struct wire_header_strip strip;

	bool chunked; /* BDAT has begun: DATA is out of order (RFC 3030 2) */
	uint64_t chunked_since;
	struct wire_line_check lines;
};

/* What runs between two parkings of a session; all but the arena lives long. */
struct smtpd_session {
	struct net_session *net;
	const struct smtpd_context *context;
	struct wire_line_taker line;
	union {
		struct wire_dot_taker dot;
		struct wire_octets_taker octets;
	} data;
	struct buffer hello;    /* empty before HELO or EHLO */
	bool extended;          /* EHLO */
	uint64_t account;       /* 0: not signed in */
	uint64_t sign_in_until; /* steady ms */
	struct buffer account_address;
	struct door_exchange *exchange; /* AUTH, under way */
	struct smtpd_transaction *transaction;
	struct wire_smtp_fault chunk_fault; /* what to answer once a refused chunk is in */
	bool chunk_last;
	unsigned errors, idle; /* since the last message */
};

/* A command on its way: the parsed line, in an arena that ends with the step. */
struct smtpd_call {
	struct arena *arena;
	struct wire_smtp_command command;
};

enum smtpd_needs {
	SMTPD_NEEDS_HELLO = 1,
	SMTPD_NEEDS_SIGN_IN = 2, /* where the role asks for it */
	SMTPD_NEEDS_MAIL = 4,
	SMTPD_NEEDS_RECIPIENT = 8,
	SMTPD_NOT_IN_MAIL = 16,
	SMTPD_NOT_CHUNKED = 32,
	SMTPD_BRINGS_NOTHING = 64 /* such commands are bounded */
};

struct smtpd_command {
	enum wire_smtp_verb verb;
	unsigned needs;
	const char *help; /* what HELP says */
	enum net_next (*run)(struct smtpd_session *session, struct smtpd_call *call);
};

extern const struct smtpd_command smtpd_command_helo, smtpd_command_ehlo,
	smtpd_command_mail, smtpd_command_rcpt, smtpd_command_data, smtpd_command_bdat,
	smtpd_command_rset, smtpd_command_noop, smtpd_command_quit, smtpd_command_vrfy,
	smtpd_command_expn, smtpd_command_help, smtpd_command_starttls, smtpd_command_auth;
/* The descriptor of a verb; NULL for one that is unknown. */
const struct smtpd_command *smtpd_command_of(enum wire_smtp_verb verb);

/* --- session.c: answering and going on ---------------------------------------------- */

void smtpd_reply(
	struct smtpd_session *session, int code, const char *enhanced, const char *text);
void smtpd_replyf(struct smtpd_session *session, int code, const char *enhanced,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Waits for the next command. */
enum net_next smtpd_next(struct smtpd_session *session);
/* Answers, then waits for the next command. A code of 500 and more counts as an error. */
enum net_next smtpd_answer(
	struct smtpd_session *session, int code, const char *enhanced, const char *text);
/* Who must sign in, and has not, has no more than what is left for that. */
bool smtpd_must_sign_in(const struct smtpd_session *session);
uint64_t smtpd_sign_in_left(const struct smtpd_session *session);
/* Waits for one line with another step (AUTH); what the last one held is wiped. */
enum net_next smtpd_next_line(struct smtpd_session *session, net_step *step);
/* The session's state in a step. What every step does first: false when it must close. */
struct smtpd_session *smtpd_session_of(struct net_session *session);
enum net_next smtpd_gone(struct smtpd_session *session, const struct net_event *event);
/* A message was accepted: the peer has earned new patience. */
void smtpd_forgive(struct smtpd_session *session);
/* Back to the state before HELO (RFC 3207 4.2). */
void smtpd_forget(struct smtpd_session *session);
/* The peer's address as text. */
struct slice smtpd_peer(
	const struct smtpd_session *session, char into[NET_ADDRESS_TEXT_MOST]);

/* --- transaction.c -------------------------------------------------------------------- */

struct smtpd_transaction *smtpd_transaction_begin(
	struct smtpd_session *session, const struct wire_smtp_mail *mail);
/* For one recipient more, that expands to so many. */
bool smtpd_transaction_has_room(const struct smtpd_session *session, size_t targets);
/* Copies it. */
void smtpd_transaction_add(
	struct smtpd_transaction *transaction, const struct smtpd_recipient *recipient);
struct smtpd_transaction *smtpd_transaction_hold(struct smtpd_transaction *transaction);
void smtpd_transaction_drop(struct smtpd_transaction *transaction); /* NULL is fine */
/* RSET, and after every end of data, accepted or not. */
void smtpd_transaction_end(struct smtpd_session *session);
/* The message's bytes: what DATA and BDAT begin with, where they lead, and the end. */
void smtpd_transaction_receive(struct smtpd_session *session);
enum base_failure smtpd_transaction_received(struct smtpd_session *session) MUST_CHECK;
struct wire_sink smtpd_transaction_sink(struct smtpd_transaction *transaction);

/* --- accept.c, deliver.c, trace.c, submission.c: all bytes are in ----------------------
 */

/* Checks, makes it durable, answers. */
enum net_next smtpd_accept(struct smtpd_session *session);
/* Answers for a message that failed to come in: flawed lines, or the sink's failure. */
enum net_next smtpd_refuse_data(
	struct smtpd_session *session, unsigned flaws, enum base_failure failure);
/* Ends the transaction, and says so. */
enum net_next smtpd_refuse(struct smtpd_session *session, struct wire_smtp_fault fault);
struct wire_smtp_fault smtpd_failure_fault(enum base_failure failure);
/* A sealed message into mailboxes and queue, in one set of commits; 250 follows it. */
enum net_next smtpd_deliver(struct smtpd_session *session);
/* Received (RFC 5321 4.4), with a line end. */
struct slice smtpd_received(
	const struct smtpd_session *session, const struct smtpd_transaction *transaction);
/* Date and Message-ID, where a submission lacks them (RFC 6409 8); may be empty. */
struct slice smtpd_submission_fields(const struct smtpd_session *session,
	const struct smtpd_transaction *transaction, struct slice header);
/* The From and Sender of a submission are the account's: else a fault to answer. */
struct wire_smtp_fault smtpd_submission_check(const struct smtpd_session *session,
	const struct smtpd_transaction *transaction, struct slice header);

#endif
