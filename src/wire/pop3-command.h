#ifndef WIRE_POP3_COMMAND_H
#define WIRE_POP3_COMMAND_H

#include "base/slice.h"

/*
 * One POP3 command line, without its CRLF (RFC 1939, RFC 2449, RFC 2595, RFC 5034).
 * Pure; slices point into the line. Lines are at most WIRE_POP3_LINE_MOST octets with the
 * CRLF (RFC 2449 4); what AUTH's exchange sends may be longer (RFC 5034 4).
 */
#define WIRE_POP3_LINE_MOST      255
#define WIRE_POP3_AUTH_LINE_MOST 12288

enum wire_pop3_verb {
	WIRE_POP3_UNKNOWN,
	WIRE_POP3_USER,
	WIRE_POP3_PASS,
	WIRE_POP3_APOP,
	WIRE_POP3_AUTH,
	WIRE_POP3_CAPA,
	WIRE_POP3_STLS,
	WIRE_POP3_QUIT,
	WIRE_POP3_STAT,
	WIRE_POP3_LIST,
	WIRE_POP3_RETR,
	WIRE_POP3_DELE,
	WIRE_POP3_NOOP,
	WIRE_POP3_RSET,
	WIRE_POP3_TOP,
	WIRE_POP3_UIDL,
	WIRE_POP3_VERBS
};

struct wire_pop3_command {
	enum wire_pop3_verb verb;
	struct slice name; /* as it was sent */
	/* USER's and APOP's name; PASS's password, blanks included; AUTH's mechanism, empty
	   when the client wants the list of them. */
	struct slice text;
	struct slice
		initial;  /* AUTH's initial response: absent, base64, "="; APOP's digest */
	uint32_t message; /* 1…; LIST and UIDL without one: 0 */
	uint32_t lines;   /* TOP */
};

/*
 * NULL when the line is a command; else what is wrong, as text for "-ERR". An unknown verb
 * is such an error too; command->verb and ->name are set as far as they could be read.
 */
MUST_CHECK const char *wire_pop3_command_parse(
	struct slice line, struct wire_pop3_command *command);

#endif
