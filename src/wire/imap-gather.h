#ifndef WIRE_IMAP_GATHER_H
#define WIRE_IMAP_GATHER_H

#include "wire/takers.h"

/*
 * One IMAP command gathered from the lines and literals it comes in (RFC 3501 2.2.1, 4.3;
 * RFC 7888; RFC 3516 for literal8). Pure: the caller takes lines and octets and feeds them.
 *
 *	take a line → wire_imap_gather_line:
 *	COMPLETE  parse wire_imap_gather_text, then reset
 *	REFUSED   answer tag BAD error, then reset
 *	LITERAL   look at literal; then either
 *	          keep:  send "+ " if it waits; take literal.size octets into
 *	                 wire_imap_gather_sink; take the next line
 *	          apart: the same, into a sink of one's own (APPEND's message), after
 *	                 wire_imap_gather_apart
 *	          drop:  wire_imap_gather_drop says how to get rid of it
 *
 * The text keeps literals as they came, "{5}\r\nhello", so that a cursor reads a command
 * from one run of bytes. A literal taken apart leaves "{5}\n". As no line may hold a CR or
 * LF, neither can be made up.
 */
#define WIRE_IMAP_LINE_MOST    65536  /* what Dovecot takes; RFC 2683 3.2.1.5 asks 8000 */
#define WIRE_IMAP_COMMAND_MOST 262144 /* text and kept literals, signed in */
#define WIRE_IMAP_BEFORE_LOGIN 32768  /* the same, before sign-in: the longest ID */
#define WIRE_IMAP_SWALLOW_MOST \
	1048576                      /* a refused LITERAL+ up to this is read and dropped */
#define WIRE_IMAP_LITERALS_MOST 1024 /* literals in a command */

struct wire_imap_literal {
	uint64_t size;
	bool waits;  /* "{n}": the client waits for "+ "; "{n+}" does not (RFC 7888) */
	bool binary; /* "~{n}" (RFC 3516) */
};

enum wire_imap_gathered { WIRE_IMAP_COMPLETE, WIRE_IMAP_LITERAL, WIRE_IMAP_REFUSED };

enum wire_imap_drop {
	WIRE_IMAP_DROP_ANSWER,  /* it waits: answer tag NO or BAD; nothing more will come */
	WIRE_IMAP_DROP_SWALLOW, /* take its octets into nowhere, then the next line */
	WIRE_IMAP_DROP_BYE      /* too much to swallow: BYE and close */
};

struct wire_imap_gather {
	struct buffer text;
	struct wire_imap_literal literal;
	const char *error; /* why it is REFUSED, for a person */
	size_t literals;
	size_t swallowed; /* private */
};

/* ceiling: for text and kept literals together. */
void wire_imap_gather_init(struct wire_imap_gather *gather, size_t ceiling);
void wire_imap_gather_free(struct wire_imap_gather *gather);
void wire_imap_gather_reset(struct wire_imap_gather *gather, size_t ceiling);

enum wire_imap_gathered wire_imap_gather_line(
	struct wire_imap_gather *gather, const struct wire_line_taker *line);

/* After LITERAL. */
bool wire_imap_gather_fits(const struct wire_imap_gather *gather); /* to be kept */
struct wire_sink wire_imap_gather_sink(struct wire_imap_gather *gather);
void wire_imap_gather_apart(struct wire_imap_gather *gather);
/* error is what the command's end will say if it is swallowed. */
enum wire_imap_drop wire_imap_gather_drop(
	struct wire_imap_gather *gather, const char *error);

struct slice wire_imap_gather_text(const struct wire_imap_gather *gather);

/* The tag to answer with, as soon as there is a line; "*" when it has none. */
struct slice wire_imap_gather_tag(const struct wire_imap_gather *gather);

#endif
