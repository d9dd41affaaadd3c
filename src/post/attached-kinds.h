#ifndef POST_ATTACHED_KINDS_H
#define POST_ATTACHED_KINDS_H

#include "wire/mime.h"

/*
 * What an attachment is, by its type and, as mail programs often know no better than
 * "application/octet-stream", by the end of its name; and which program of others turns it
 * to text. Pure. The programs read /dev/stdin and write UTF-8 to their standard output.
 */
enum post_attached_kind {
	POST_ATTACHED_NOTHING, /* no text is known in it */
	POST_ATTACHED_TEXT,    /* it is one, as text/plain would say */
	POST_ATTACHED_HTML,
	POST_ATTACHED_PROGRAM, /* a program must read it */
};

struct post_attached_what {
	enum post_attached_kind kind;
	unsigned program;
};

/* The arena is for the file's name. */
struct post_attached_what post_attached_what(
	struct arena *arena, const struct wire_mime_part *part);

struct post_attached_program {
	const char *const *arguments; /* NULL ends them; the first is its path */
	bool office;                  /* it gives the XML of an office document */
};
#define POST_ATTACHED_PROGRAMS 8
extern const struct post_attached_program post_attached_programs[POST_ATTACHED_PROGRAMS];

/* Raised when the tables say other things: then all attachments are looked at again. */
#define POST_ATTACHED_VERSION 1

#endif
