#ifndef WIRE_TAKERS_H
#define WIRE_TAKERS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/flow.h"

/*
 * How the mail protocols take bytes whole: a line, a number of octets, the data of a
 * message. Each taker begins with a base_taker, so that net can be handed &t->taker and
 * knows no protocol. The owner initialises one, and resets it before each use.
 *
 * None of them ends a session: whatever is wrong is written down while the rest is
 * swallowed up to the real end, so that the front end refuses what it was and goes on.
 */

/*
 * Where bytes go as they arrive: a hash, a MIME parser, a buffer, a file. The bytes are
 * gone after the call. A failure is remembered by the taker, which hands over no more.
 */
struct wire_sink {
	enum base_failure (*write)(void *argument, struct slice bytes);
	void *argument;
};

struct wire_sink wire_sink_nowhere(void);                    /* swallows */
struct wire_sink wire_sink_buffer(struct buffer *not_owned); /* BASE_TOO_LARGE past it */

/* What is wrong with lines or data; one bit each. */
enum wire_flaw {
	WIRE_FLAW_BARE_CR = 1, /* a CR without an LF after it */
	WIRE_FLAW_BARE_LF = 2, /* an LF without a CR before it */
	WIRE_FLAW_NUL = 4,
	WIRE_FLAW_TOO_LARGE = 8 /* past the ceiling; the rest was swallowed */
};

/*
 * One line up to CRLF (RFC 5321 2.3.8, RFC 3501 2.2). A bare LF ends a line too, but a
 * flawed one: the caller answers with an error, so that a peer who does not know CRLF is
 * told so instead of waiting. Nothing of a flawed line may be carried out.
 *
 * line holds the bytes without the line end; when overlong, the first ceiling bytes.
 * tail holds the last bytes of an overlong line, as an IMAP line may end in a literal's
 * announcement, which decides what follows.
 */
#define WIRE_LINE_TAIL 32

struct wire_line_taker {
	struct base_taker taker;
	struct buffer line;
	unsigned flaws;
	char tail[WIRE_LINE_TAIL];
	bool after_cr; /* private */
};

void wire_line_taker_init(struct wire_line_taker *taker, size_t ceiling);
void wire_line_taker_reset(struct wire_line_taker *taker); /* for the next line */
void wire_line_taker_free(struct wire_line_taker *taker);
struct slice wire_line_taken(const struct wire_line_taker *taker);

/* Exactly count octets (BDAT, a literal), any value. A count of 0 is done before a byte. */
struct wire_octets_taker {
	struct base_taker taker;
	struct wire_sink sink;
	uint64_t left;
	enum base_failure failure; /* the sink's; the rest was swallowed */
};

void wire_octets_taker_init(
	struct wire_octets_taker *taker, uint64_t count, struct wire_sink sink);

/*
 * The data of an SMTP message (RFC 5321 4.1.1.4, 4.5.2). Only CRLF . CRLF ends it. Leading
 * dots are taken away; everything else reaches the sink as it came, in runs as large as
 * the input allows. size counts what the message has, handed over or not.
 *
 * After the first flaw or failure the sink gets nothing more (it may have got less than
 * what stood before the flaw), and the message must be refused when the taker is done.
 */
enum wire_dot_state {
	WIRE_DOT_LINE_START,
	WIRE_DOT_IN_LINE,
	WIRE_DOT_AFTER_CR,
	WIRE_DOT_AFTER_DOT,
	WIRE_DOT_AFTER_DOT_CR
};

struct wire_dot_taker {
	struct base_taker taker;
	struct wire_sink sink;
	uint64_t size;
	uint64_t ceiling;
	unsigned flaws;
	enum base_failure failure; /* the sink's */
	enum wire_dot_state state; /* private */
};

void wire_dot_taker_init(
	struct wire_dot_taker *taker, uint64_t ceiling, struct wire_sink sink);

/*
 * Looks for the same flaws in data that came in counted octets (BDAT without BINARYMIME,
 * APPEND): lines that end otherwise than in CRLF must not be relayed by DATA, where another
 * server may see an end of data in them.
 */
struct wire_line_check {
	unsigned flaws;
	bool after_cr; /* private */
};

void wire_line_check_add(struct wire_line_check *check, struct slice bytes);
unsigned wire_line_check_end(struct wire_line_check *check); /* all flaws found */

#endif
