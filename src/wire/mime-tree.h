#ifndef WIRE_MIME_TREE_H
#define WIRE_MIME_TREE_H

#include "wire/mime.h"

/*
 * The tree of parts while it grows: which parts are open, and what a header block or a
 * boundary does to them. mime-scan.c finds the lines, mime-fields.c reads the headers.
 */
struct mime_boundary {
	struct wire_mime_part *part;
	struct wire_mime_part *last; /* child */
	struct slice text;
	uint64_t head,
		head_mask; /* its first octets, so that most lines are told at once */
	bool closed;       /* the final boundary came; what follows is an epilogue */
};

struct mime_tree {
	struct arena *arena;
	size_t kept; /* octets taken from the arena */
	struct wire_message message;
	struct wire_mime_part *current;
	struct mime_boundary open[WIRE_MIME_DEPTH]; /* from the top */
	size_t open_count;
};

/* A place in the message: an offset, and how many line ends stand before it. */
struct mime_place {
	uint64_t offset, lines;
};

/* Begins with the top part, whose header starts at 0. */
void mime_tree_begin(struct mime_tree *tree, struct arena *arena);

/*
 * The current part's header is complete and its body begins. True when the body is a
 * message: then its top is the current part, and its header begins there.
 */
bool mime_tree_header(struct mime_tree *tree, struct slice header, struct mime_place body);

/*
 * The multipart whose boundary that line is; NULL when it is none. As comparing beginnings
 * is enough (RFC 2046 5.1.1), the longest boundary counts, of equal ones the innermost that
 * is not closed.
 */
#define MIME_LOOK (2 + WIRE_BOUNDARY_LENGTH + 2) /* octets of the line that decide */
struct mime_boundary *mime_tree_match(
	struct mime_tree *tree, struct slice line, bool *closing);

/*
 * That boundary: parts inside end at end. Unless it closes, a part begins, whose header
 * starts at next. False when there may be no more parts: then it is a line like others.
 */
bool mime_tree_delimiter(struct mime_tree *tree, struct mime_boundary *boundary,
	bool closing, struct mime_place end, uint64_t next);

void mime_tree_end(struct mime_tree *tree, struct mime_place end);

/* Whether so many octets may still be kept; if not, says so in the oddities. */
bool mime_tree_has_room(struct mime_tree *tree, size_t size);

/* Reads the part's header; is_message_top says that it has an envelope. mime-fields.c. */
void mime_fields_read(struct mime_tree *tree, struct wire_mime_part *part,
	struct slice header, bool is_message_top);

#endif
