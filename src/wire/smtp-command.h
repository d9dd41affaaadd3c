#ifndef WIRE_SMTP_COMMAND_H
#define WIRE_SMTP_COMMAND_H

#include "wire/address.h"

/*
 * One SMTP command line, without its CRLF, as a verb and typed arguments (RFC 5321 4.1,
 * and the extensions named below). Pure. Slices point into the line or the arena.
 *
 * Control characters are refused everywhere. A blank after "FROM:" and "TO:", and blanks at
 * the line's end, are borne. What is known is parsed whether or not the server offers it:
 * whether BODY=BINARYMIME or <Postmaster> is welcome is the front end's rule.
 */
#define WIRE_SMTP_LINE_MOST      2048  /* RFC 5321 4.5.3.1.4 with all extensions */
#define WIRE_SMTP_AUTH_LINE_MOST 12288 /* RFC 4954 4: in AUTH's exchange */
#define WIRE_SMTP_ENVID_MOST     100   /* RFC 3461 4.4, decoded */
#define WIRE_SMTP_ORCPT_MOST     500   /* RFC 3461 4.2, decoded */
#define WIRE_SMTP_TYPE_MOST      64    /* of an ORCPT's address type: "rfc822" */

enum wire_smtp_verb {
	WIRE_SMTP_UNKNOWN,
	WIRE_SMTP_HELO,
	WIRE_SMTP_EHLO,
	WIRE_SMTP_MAIL,
	WIRE_SMTP_RCPT,
	WIRE_SMTP_DATA,
	WIRE_SMTP_BDAT,
	WIRE_SMTP_RSET,
	WIRE_SMTP_NOOP,
	WIRE_SMTP_QUIT,
	WIRE_SMTP_VRFY,
	WIRE_SMTP_EXPN,
	WIRE_SMTP_HELP,
	WIRE_SMTP_STARTTLS,
	WIRE_SMTP_AUTH,
	WIRE_SMTP_VERBS
};

enum wire_smtp_body {
	WIRE_SMTP_BODY_7BIT, /* none given */
	WIRE_SMTP_BODY_8BITMIME,
	WIRE_SMTP_BODY_BINARYMIME /* RFC 3030 */
};

enum wire_smtp_return {
	WIRE_SMTP_RETURN_UNSAID,
	WIRE_SMTP_RETURN_FULL,
	WIRE_SMTP_RETURN_HEADERS
};

enum wire_smtp_notify { /* bits; 0: unsaid (RFC 3461 4.1) */
	WIRE_SMTP_NOTIFY_NEVER = 1,
	WIRE_SMTP_NOTIFY_SUCCESS = 2,
	WIRE_SMTP_NOTIFY_FAILURE = 4,
	WIRE_SMTP_NOTIFY_DELAY = 8
};

struct wire_smtp_mail {
	struct wire_path from;
	bool has_size;
	uint64_t size; /* RFC 1870 */
	enum wire_smtp_body body;
	bool smtputf8;     /* RFC 6531 */
	struct slice auth; /* RFC 4954 5: decoded mailbox, "<>", or absent */
	enum wire_smtp_return returns;
	struct slice envelope_id; /* decoded, absent when not given */
};

struct wire_smtp_rcpt {
	struct wire_path to; /* without a domain in "<Postmaster>" (RFC 5321 4.1.1.3) */
	unsigned notify;
	struct slice original_type; /* "rfc822", "utf-8"; absent when there is no ORCPT */
	struct slice original;      /* decoded (RFC 3461 4.2, RFC 6533 3) */
};

struct wire_smtp_command {
	enum wire_smtp_verb verb;
	struct slice name;     /* the verb as it was sent */
	struct slice argument; /* HELO's and EHLO's name, else what follows the verb */
	struct wire_smtp_mail mail;
	struct wire_smtp_rcpt rcpt;
	uint64_t chunk; /* BDAT (RFC 3030 2) */
	bool last;
	struct slice mechanism; /* AUTH (RFC 4954 4), in upper case */
	struct slice initial;   /* absent, base64, or "=" for an empty response */
};

/* What to answer: "501", "5.5.4", text. code 0: the command is fine. */
struct wire_smtp_fault {
	int code;
	const char *enhanced;
	const char *text;
};

/*
 * verb and name are set as far as they could be read. A BDAT whose octets will follow
 * though it is refused has its chunk set (RFC 3030 2 wants them swallowed).
 */
MUST_CHECK struct wire_smtp_fault wire_smtp_command_parse(
	struct slice line, struct arena *arena, struct wire_smtp_command *command);

/*
 * The client's side: whole lines, CRLF included. Parameters that are unsaid are left out;
 * which of them the server knows is the caller's to check.
 */
bool wire_smtp_mail_put(struct buffer *into, const struct wire_smtp_mail *mail);
bool wire_smtp_rcpt_put(struct buffer *into, const struct wire_smtp_rcpt *rcpt);

#endif
