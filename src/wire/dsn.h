#ifndef WIRE_DSN_H
#define WIRE_DSN_H

#include "base/buffer.h"
#include "base/error.h"
#include "wire/date.h"

/*
 * Delivery reports: RFC 3464 in a multipart/report (RFC 6522), with RFC 6533 for addresses
 * that are not ASCII. Written for senders, read for bounce handling.
 */
#define WIRE_DSN_RECIPIENTS_MOST 10000
#define WIRE_DSN_FIELD_MOST      900 /* longer values are cut when read or written */

enum wire_dsn_action {
	WIRE_DSN_FAILED,
	WIRE_DSN_DELAYED,
	WIRE_DSN_DELIVERED,
	WIRE_DSN_RELAYED,
	WIRE_DSN_EXPANDED
};

struct wire_dsn_recipient {
	struct slice original_type; /* ORCPT's type, "rfc822"; absent without ORCPT */
	struct slice original;      /* ORCPT's address */
	struct slice final;         /* UTF-8 address as we used it; never empty */
	enum wire_dsn_action action;
	struct slice status; /* "5.1.1" (RFC 3463); never empty */
	struct slice remote; /* the MTA that said so, "mx.example.org"; absent: we */
	struct slice diagnostic_type; /* "smtp"; absent without diagnostic */
	struct slice diagnostic;      /* its words, one line: "550 5.1.1 no such user" */
	bool has_last_attempt, has_retry_until;
	struct wire_date last_attempt;
	struct wire_date retry_until; /* for DELAYED */
};

struct wire_dsn {
	struct slice envelope_id; /* ENVID; absent without */
	struct slice reporting;   /* our host's name; never empty */
	bool has_arrival;
	struct wire_date arrival;
	struct wire_dsn_recipient *recipients;
	size_t count; /* 1… */
};

/*
 * What a person reads, in his language; UTF-8, without line ends. Where something stands
 * between two of them, or behind one, the field's comment shows it.
 */
struct wire_dsn_texts {
	const char *subject_failed, *subject_delayed, *subject_delivered;
	const char *greeting; /* … "mx.example.org." */
	const char *subject;  /* … the subject of the message reported on */
	const char *arrival;  /* … when it came */
	const char *failed;   /* headings over addresses, by action */
	const char *delayed;
	const char *delivered;
	const char *relayed;
	const char *expanded;
	const char *said;            /* … "mx.example.net" … */
	const char *said_by;         /* … "550 no such user" */
	const char *reason;          /* … the same, when no other server said it */
	const char *retry_until;     /* … a date */
	const char *no_action;       /* after a delay: nothing need be done */
	const char *no_address;      /* hints, by status: X.1.1 and its kin */
	const char *full;            /* X.2.2 */
	const char *too_large;       /* X.2.3, X.3.4 */
	const char *unreachable;     /* X.4.X */
	const char *refused;         /* X.7.X */
	const char *enclosed_header; /* what the last part is */
	const char *enclosed_message;
};

extern const struct wire_dsn_texts wire_dsn_english;

struct wire_dsn_message {
	struct wire_dsn report;
	const struct wire_dsn_texts *texts;
	struct slice from; /* a header's value: "Mail server <postmaster@example.org>" */
	struct slice to;   /* the envelope's sender, bare */
	struct slice message_id; /* with angle brackets */
	struct wire_date date;
	struct slice in_reply_to; /* the original's Message-ID, or absent */
	struct slice subject;     /* the original's, decoded; absent when it had none */
	struct slice boundary;    /* must not occur in original: random text, at most 60 */
	struct slice original;    /* the original's header block, or all of it */
	bool whole;               /* original is a whole message */
	bool eight_bit;           /* there may be more of it than ASCII */
};

/* A complete message, CRLF lines, ready for the queue with a null sender. */
bool wire_dsn_put(struct buffer *into, const struct wire_dsn_message *message);
/* What stands before the original and behind it, for one that is not in memory. */
bool wire_dsn_put_front(struct buffer *into, const struct wire_dsn_message *message);
bool wire_dsn_put_end(struct buffer *into, const struct wire_dsn_message *message);

/* The message/delivery-status body alone. */
bool wire_dsn_status_put(struct buffer *into, const struct wire_dsn *report);

/*
 * Reads a message/delivery-status body. BASE_INVALID without one recipient that has an
 * action and a status. Lenient in everything else: unknown fields are passed over.
 */
MUST_CHECK enum base_failure wire_dsn_status_parse(
	struct slice body, struct arena *arena, struct wire_dsn *report);

/* Finds the delivery status in a whole message. BASE_NOT_FOUND when it is no report. */
MUST_CHECK enum base_failure wire_dsn_parse(
	struct slice message, struct arena *arena, struct wire_dsn *report);

#endif
