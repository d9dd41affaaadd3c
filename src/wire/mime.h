#ifndef WIRE_MIME_H
#define WIRE_MIME_H

#include "base/error.h"
#include "wire/header.h"

/*
 * The structure of a message: RFC 2045, 2046, 5322, as a tree of parts with offsets.
 *
 * The parser is fed the message's bytes as they arrive, in pieces of any size, and gives
 * the same tree for every way of cutting them. Time is linear in the bytes; memory is
 * bounded by the limits below. It never fails: malformed mail gives a sane tree, and flags
 * say what was odd. Lines end in CRLF or LF; a bare CR is an ordinary byte.
 *
 *	struct wire_mime_parser *parser = wire_mime_begin(arena);
 *	wire_mime_feed(parser, piece); …
 *	const struct wire_message *message = wire_mime_end(parser);
 *
 * All memory is the arena's, the result included, at most WIRE_MIME_KEPT_BYTES and 16 KiB;
 * a smaller one (16 KiB at least) keeps fewer values. Nothing points into the fed bytes.
 *The header under way is in a buffer of its own, freed at the end or with the arena.
 */
#define WIRE_MIME_DEPTH 100   /* deeper parts are leaves */
#define WIRE_MIME_PARTS 10000 /* further ones belong to the last */
#define WIRE_MIME_HEADER_BYTES                                    \
	(256 * 1024) /* of one part's header; the rest is skipped \
		      */
#define WIRE_MIME_KEPT_BYTES (4 * 1024 * 1024) /* of all values; then none are kept */
#define WIRE_BOUNDARY_LENGTH 250               /* a longer one is no boundary */

enum wire_mime_kind {
	WIRE_MIME_LEAF,
	WIRE_MIME_MULTIPART, /* has at least one child */
	WIRE_MIME_MESSAGE,   /* message/rfc822 or message/global: has one child, its top */
};

/*
 * The values of an ENVELOPE, raw, unfolded; absent when the field is. Several address
 * fields of one name are joined by commas, of other fields the first counts.
 */
struct wire_envelope {
	struct slice date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to,
		message_id;
};

/*
 * A part. Offsets count from the message's first byte: the header is [header_start,
 * body_start), the blank line included, the body [body_start, body_end). The line end
 * before a boundary belongs to the boundary. The type is in lower case and is what the part
 * is taken for: a multipart without parts is text/plain, one too deep
 * application/octet-stream.
 */
struct wire_mime_part {
	struct wire_mime_part *parent, *next, *child; /* next sibling, first child */
	enum wire_mime_kind kind;
	uint32_t number; /* in the order of the bytes, the top is 0 */
	uint32_t depth;  /* the top is 0 */
	uint64_t header_start, body_start, body_end;
	uint64_t lines; /* line ends in the body */
	struct slice type, subtype;
	struct wire_parameters parameters;
	struct slice id, description, encoding, md5, location; /* absent when missing */
	struct wire_disposition disposition;
	const struct slice *languages;
	uint32_t language_count;
	const struct wire_envelope *envelope; /* the top of a message has one, else NULL */
};

enum wire_mime_oddity {
	WIRE_MIME_CAPPED = 1,          /* a limit was met */
	WIRE_MIME_UNTERMINATED = 2,    /* a multipart has no final boundary */
	WIRE_MIME_REPEATED_FIELD = 4,  /* two fields where one may be: readers may differ */
	WIRE_MIME_REUSED_BOUNDARY = 8, /* a part has the boundary of one around it */
	WIRE_MIME_EIGHT_BIT_HEADER = 16, /* needs SMTPUTF8 */
	WIRE_MIME_EIGHT_BIT_BODY = 32,   /* needs 8BITMIME */
	WIRE_MIME_NUL = 64,
	WIRE_MIME_NO_HEADER = 128, /* the first line is no field: body_start is 0. A trace
				      put in front needs a blank line behind it */
};

struct wire_message {
	struct wire_mime_part *top;
	uint32_t parts;
	uint64_t size;  /* octets */
	uint64_t lines; /* line ends in all of it */
	unsigned oddities;
};

struct wire_mime_parser;

struct wire_mime_parser *wire_mime_begin(struct arena *arena);
void wire_mime_feed(struct wire_mime_parser *parser, struct slice piece);
const struct wire_message *wire_mime_end(struct wire_mime_parser *parser);

/* The top header block as far as it came in; SLICE_NONE past WIRE_MIME_HEADER_BYTES. */
struct slice wire_mime_header(const struct wire_mime_parser *parser);

/* Octets of memory that the parser and its result hold by now. */
size_t wire_mime_held(const struct wire_mime_parser *parser);

/* All at once. */
const struct wire_message *wire_mime_parse(struct arena *arena, struct slice message);

/* The part after this one in the order of the bytes; NULL after the last. */
const struct wire_mime_part *wire_mime_part_next(const struct wire_mime_part *part);
/* subtype NULL: any. */
bool wire_mime_part_is(
	const struct wire_mime_part *part, const char *type, const char *subtype);
uint64_t wire_mime_part_size(
	const struct wire_mime_part *part); /* of the body, in octets */
/* File name in UTF-8 for people, from the disposition or the type; absent when none. */
struct slice wire_mime_file_name(struct arena *arena, const struct wire_mime_part *part);

/*
 * The part table as bytes for a record, with a version in front. Without envelopes it is
 * smaller (for who keeps rendered ones).
 *
 * Unpacking: slices point into the bytes given. head is the length of what stands in front
 * of the parsed bytes (prefix and trace): it becomes part of the top header, and all
 * offsets count it. BASE_INVALID for bytes that no pack made.
 */
#define WIRE_MIME_PACK_VERSION 1
bool wire_mime_pack(
	const struct wire_message *message, bool with_envelopes, struct buffer *into);
MUST_CHECK enum base_failure wire_mime_unpack(struct arena *arena, struct slice packed,
	uint64_t head, const struct wire_message **message);

#endif
