#ifndef WIRE_MBOX_H
#define WIRE_MBOX_H

#include "wire/takers.h"

/*
 * An mbox file (RFC 4155) taken apart as its bytes come, in pieces of any size. A message
 * begins with a line "From …" at the start or after a blank line. Where the first such line
 * has a date, the others need one too: programs that do not quote leave sentences that
 * begin so. Lines quoted as mboxrd does (">From ", ">>From ") lose one ">". The blank line
 * before a "From " belongs to the format and is left out. Lines may end in LF or CRLF; they
 * are handed on as they are.
 */
#define WIRE_MBOX_FROM_MOST 1000 /* of a "From " line; the rest of it is dropped */

struct wire_mbox {
	/* The line after "From ", without its end: a sender and a date, perhaps. */
	enum base_failure (*begin)(void *argument, struct slice from);
	enum base_failure (*bytes)(void *argument, struct slice bytes);
	enum base_failure (*end)(void *argument);
	void *argument;

	/* private; zero at the start */
	char start[512]; /* of the line, while it is not known what it is */
	size_t start_length;
	struct buffer from;
	size_t blanks; /* bytes of a blank line held back */
	char blank[2];
	bool in_message, in_line, in_from;
	bool is_dated; /* the first "From " line was */
	bool is_begun; /* there was one */
	bool not_mbox; /* out: something stood before the first "From " */
};

void wire_mbox_init(struct wire_mbox *mbox);
enum base_failure wire_mbox_add(struct wire_mbox *mbox, struct slice piece) MUST_CHECK;
enum base_failure wire_mbox_end(struct wire_mbox *mbox) MUST_CHECK; /* the file's end */
void wire_mbox_free(struct wire_mbox *mbox);

/*
 * The way back: does a line need a ">" in front of it (mboxrd)? Only its first bytes
 * matter, as long as they reach behind "From ".
 */
bool wire_mbox_needs_quote(struct slice line);

#endif
