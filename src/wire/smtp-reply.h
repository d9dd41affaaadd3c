#ifndef WIRE_SMTP_REPLY_H
#define WIRE_SMTP_REPLY_H

#include "base/buffer.h"

/*
 * SMTP replies (RFC 5321 4.2, RFC 2034), written as a server and read as a client.
 */

/*
 * Writes a whole reply. enhanced is "2.1.0" or NULL. text may hold several lines, parted by
 * '\n'; long ones are broken so that no line passes WIRE_SMTP_REPLY_LINE_MOST octets with
 * its CRLF (4.5.3.1.5). Control characters become '?', so foreign text can't end a line.
 */
#define WIRE_SMTP_REPLY_LINE_MOST 512

bool wire_smtp_reply_put(
	struct buffer *into, int code, const char *enhanced, struct slice text);
bool wire_smtp_reply_text(
	struct buffer *into, int code, const char *enhanced, const char *text);

/*
 * A reply being read, line by line (without CRLF). Lenient, as other servers are: a bare
 * code, missing texts, and codes that differ between lines (the last one counts).
 * Capped: text past WIRE_SMTP_REPLY_TEXT_MOST is dropped, more lines than
 * WIRE_SMTP_REPLY_LINES_MOST are no reply.
 */
#define WIRE_SMTP_REPLY_TEXT_MOST  16384
#define WIRE_SMTP_REPLY_LINES_MOST 512

enum wire_smtp_reply_step {
	WIRE_SMTP_REPLY_MORE,
	WIRE_SMTP_REPLY_DONE,
	WIRE_SMTP_REPLY_MALFORMED /* not SMTP: close */
};

struct wire_smtp_reply {
	int code;           /* 200…599 */
	char status[12];    /* "5.1.1", or "" when the server sent none (RFC 3463) */
	struct buffer text; /* the lines' texts, each ended by '\n', without the status */
	size_t lines;
};

void wire_smtp_reply_init(struct wire_smtp_reply *reply);
void wire_smtp_reply_free(struct wire_smtp_reply *reply);
void wire_smtp_reply_reset(struct wire_smtp_reply *reply);
enum wire_smtp_reply_step wire_smtp_reply_add(
	struct wire_smtp_reply *reply, struct slice line);

/* The class of a code: 2 done, 3 go on, 4 try later, 5 never. */
int wire_smtp_reply_class(const struct wire_smtp_reply *reply);

/* "X.Y.Z" at the start of text, X of 2, 4, 5; gives its length, or 0 (RFC 3463 2). */
size_t wire_enhanced_status_length(struct slice text);

/* What a server's EHLO reply offers (RFC 5321 4.1.1.1). Unknown keywords are passed over.
 */
enum wire_smtp_offer {
	WIRE_OFFERS_PIPELINING = 1,
	WIRE_OFFERS_8BITMIME = 2,
	WIRE_OFFERS_SMTPUTF8 = 4,
	WIRE_OFFERS_CHUNKING = 8,
	WIRE_OFFERS_BINARYMIME = 16,
	WIRE_OFFERS_ENHANCED = 32,
	WIRE_OFFERS_STARTTLS = 64,
	WIRE_OFFERS_DSN = 128,
	WIRE_OFFERS_SIZE = 256,
	WIRE_OFFERS_AUTH_PLAIN = 512,
	WIRE_OFFERS_AUTH_LOGIN = 1024,
	WIRE_OFFERS_REQUIRETLS = 2048
};

struct wire_smtp_offers {
	unsigned offers; /* bits of wire_smtp_offer */
	uint64_t size;   /* the SIZE limit; 0: none told (RFC 1870 4) */
};

struct wire_smtp_offers wire_smtp_offers_parse(const struct wire_smtp_reply *ehlo_reply);

#endif
