#include "wire/header-lex.h"
#include "wire/mime-tree.h"

struct wire_mime_parser {
	struct mime_tree tree;
	bool in_header;
	bool first_line; /* of a header */
	struct buffer header;
	size_t header_before; /* length of header without the line under way */
	bool header_cut;
	bool top_done;
	struct slice top_header;

	uint64_t line_start, line_length; /* of the line under way */
	uint64_t lines;                   /* before it */
	unsigned line_end;                /* octets of the line end before it */
	char last_byte;
	bool may_be_boundary;
	char look[MIME_LOOK]; /* the line's first octets, if it came in pieces */
	size_t look_length;
};

static void
release_header(void *parser)
{
	buffer_free(&((struct wire_mime_parser *)parser)->header);
}

struct wire_mime_parser *
wire_mime_begin(struct arena *arena)
{
	struct wire_mime_parser *parser = ARENA_NEW(arena, struct wire_mime_parser);
	mime_tree_begin(&parser->tree, arena);
	parser->header = buffer_with(WIRE_MIME_HEADER_BYTES);
	parser->in_header = true;
	parser->first_line = true;
	arena_on_release(arena, release_header, parser);
	return parser;
}

struct slice
wire_mime_header(const struct wire_mime_parser *parser)
{
	if (parser->top_done)
		return parser->top_header;
	return parser->header_cut ? SLICE_NONE : buffer_slice(&parser->header);
}

size_t
wire_mime_held(const struct wire_mime_parser *parser)
{
	return parser->header.capacity + arena_used(parser->tree.arena);
}

static void
begin_header(struct wire_mime_parser *parser)
{
	buffer_clear(&parser->header);
	parser->header_before = 0;
	parser->header_cut = false;
	parser->in_header = true;
	parser->first_line = true;
}

static void
keep_top_header(struct wire_mime_parser *parser, struct slice header)
{
	parser->top_done = true;
	if (header.length == 0)
		parser->top_header = SLICE("");
	else if (!parser->header_cut && mime_tree_has_room(&parser->tree, header.length)) {
		parser->top_header = arena_copy(parser->tree.arena, header);
		parser->tree.kept += header.length;
	}
}

/* The header is complete; messages whose header is empty may begin and begin again. */
static void
end_header(struct wire_mime_parser *parser, struct slice header, struct mime_place body,
	bool nothing_follows)
{
	if (!parser->top_done)
		keep_top_header(parser, header);
	bool message = mime_tree_header(&parser->tree, header, body);
	while (message && nothing_follows)
		message = mime_tree_header(&parser->tree, SLICE_NONE, body);
	parser->in_header = message;
	if (message)
		begin_header(parser);
}

static struct mime_place
line_place(const struct wire_mime_parser *parser)
{
	return (struct mime_place){parser->line_start, parser->lines};
}

/* False when the line is no boundary. */
static bool
boundary_line(struct wire_mime_parser *parser, struct slice look)
{
	bool closing;
	struct mime_boundary *boundary = mime_tree_match(&parser->tree, look, &closing);
	if (!boundary)
		return false;
	if (parser->in_header)
		end_header(parser,
			slice_first(buffer_slice(&parser->header), parser->header_before),
			line_place(parser), true);
	/* The line end before a boundary is the boundary's (RFC 2046 5.1.1). */
	struct mime_place end = {parser->line_start - parser->line_end,
		parser->lines - (parser->line_end > 0)};
	if (!mime_tree_delimiter(&parser->tree, boundary, closing, end,
		    parser->line_start + parser->line_length))
		return false;
	if (!closing)
		begin_header(parser);
	return true;
}

static void
header_line(struct wire_mime_parser *parser, struct slice look)
{
	struct mime_place here = line_place(parser);
	struct mime_place behind = {here.offset + parser->line_length, here.lines + 1};
	if (boundary_line(parser, look) || !parser->in_header)
		return;
	if (parser->first_line && !wire_begins_header(look)) {
		if (!parser->top_done)
			parser->tree.message.oddities |= WIRE_MIME_NO_HEADER;
		end_header(parser, SLICE_NONE, here, true);
	} else if (wire_is_blank_line(look)) {
		end_header(parser, buffer_slice(&parser->header), behind, false);
	}
	parser->first_line = parser->in_header && parser->header.length == 0;
	parser->header_before = parser->header.length;
}

static bool
has_eight_bit(struct slice s)
{
	uint64_t all = 0, word;
	size_t i = 0;
	for (; i + sizeof word <= s.length; i += sizeof word) {
		memcpy(&word, s.data + i, sizeof word);
		all |= word;
	}
	for (; i < s.length; i++)
		all |= (unsigned char)s.data[i];
	return all & 0x8080808080808080;
}

static void
note_eight_bit(struct wire_mime_parser *parser, struct slice piece)
{
	unsigned flag =
		parser->in_header ? WIRE_MIME_EIGHT_BIT_HEADER : WIRE_MIME_EIGHT_BIT_BODY;
	if (!(parser->tree.message.oddities & flag) && has_eight_bit(piece))
		parser->tree.message.oddities |= flag;
}

static void
keep_header_bytes(struct wire_mime_parser *parser, struct slice part)
{
	size_t room = WIRE_MIME_HEADER_BYTES - parser->header.length;
	if (part.length > room) {
		parser->header_cut = true;
		parser->tree.message.oddities |= WIRE_MIME_CAPPED;
	}
	buffer_put(&parser->header, slice_first(part, room));
}

/* The first octets of the line, from where they are if it came whole. */
static struct slice
look_of(struct wire_mime_parser *parser, struct slice part, bool ends)
{
	if (parser->line_length == part.length && ends)
		return slice_first(part, MIME_LOOK);
	struct slice more = slice_first(part, MIME_LOOK - parser->look_length);
	memcpy(parser->look + parser->look_length, more.data, more.length);
	parser->look_length += more.length;
	return slice_of(parser->look, parser->look_length);
}

static void
begin_line(struct wire_mime_parser *parser, struct slice part)
{
	bool crlf = part.length > 1 ? part.data[part.length - 2] == '\r'
				    : parser->line_length > 1 && parser->last_byte == '\r';
	parser->line_end = crlf ? 2 : 1;
	parser->line_start += parser->line_length;
	parser->line_length = 0;
	parser->look_length = 0;
	parser->lines++;
}

/* A line, or what has come of it. */
static void
take_line(struct wire_mime_parser *parser, struct slice part, bool ends)
{
	if (parser->line_length == 0)
		parser->may_be_boundary = part.data[0] == '-';
	parser->line_length += part.length;
	note_eight_bit(parser, part);
	if (parser->in_header) {
		keep_header_bytes(parser, part);
		struct slice look = look_of(parser, part, ends);
		if (ends)
			header_line(parser, look);
	} else if (parser->may_be_boundary) {
		struct slice look = look_of(parser, part, ends);
		if (ends)
			boundary_line(parser, look);
	}
	if (ends)
		begin_line(parser, part);
	parser->last_byte = part.data[part.length - 1];
}

/* No boundary can come any more: only lines are counted. */
static void
take_rest(struct wire_mime_parser *parser, struct slice piece)
{
	note_eight_bit(parser, piece);
	parser->line_length += piece.length;
	for (size_t at = 0;
		(at += slice_find_byte(slice_from(piece, at), '\n')) < piece.length; at++)
		parser->lines++;
}

void
wire_mime_feed(struct wire_mime_parser *parser, struct slice piece)
{
	unsigned *oddities = &parser->tree.message.oddities;
	if (!(*oddities & WIRE_MIME_NUL) && slice_find_byte(piece, '\0') < piece.length)
		*oddities |= WIRE_MIME_NUL;
	while (piece.length > 0) {
		if (!parser->in_header && parser->tree.open_count == 0) {
			take_rest(parser, piece);
			return;
		}
		size_t end = slice_find_byte(piece, '\n');
		struct slice part = slice_first(piece, end + 1);
		take_line(parser, part, end < piece.length);
		piece = slice_from(piece, part.length);
	}
}

/* The last line may lack its end. */
static void
take_end(struct wire_mime_parser *parser)
{
	struct slice look = slice_of(parser->look, parser->look_length);
	if (parser->line_length == 0)
		return;
	if (parser->in_header)
		header_line(parser, look);
	else if (parser->may_be_boundary)
		boundary_line(parser, look);
}

const struct wire_message *
wire_mime_end(struct wire_mime_parser *parser)
{
	take_end(parser);
	struct mime_place end = {parser->line_start + parser->line_length, parser->lines};
	if (parser->in_header)
		end_header(parser, buffer_slice(&parser->header), end, true);
	mime_tree_end(&parser->tree, end);
	buffer_free(&parser->header);
	return &parser->tree.message;
}

const struct wire_message *
wire_mime_parse(struct arena *arena, struct slice message)
{
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	wire_mime_feed(parser, message);
	return wire_mime_end(parser);
}
