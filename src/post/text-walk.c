#include "post/text-walk.h"
#include "post/attached-internal.h"
#include "post/query-internal.h"
#include "wire/address.h"
#include "wire/charset.h"
#include "wire/header.h"
#include "wire/mime-decode.h"

#define GAP_READ_OVER (64 * 1024)

struct post_text_walk {
	struct post_text_origin origin;
	post_text_seen *seen;
	void *argument;
	const struct wire_mime_part *part; /* the one being read; NULL: at the end */
	bool header_seen;                  /* of the message itself */
	bool in_header;                    /* of a message inside */
	bool begun;                        /* a piece of this text was seen */
	bool reading;                      /* this text is begun */
	bool html;                         /* it is, and HTML */
	struct arena *arena;               /* of attached; NULL: not read yet */
	struct post_attached attached;     /* what programs made of attachments */
	struct slice given;         /* of this text by one, not seen yet; or absent */
	struct base_source *source; /* of the message, from part to part; or NULL */
	uint64_t at;                /* where in the message it is */
	uint64_t left;              /* of the part, not pulled yet */
	struct wire_decoder decoder;
	struct buffer decoded; /* not seen yet */
	struct buffer folded;  /* begins with the last byte of the piece before */
};

enum post_text_kind
post_text_kind_of(struct slice field_name)
{
	static const struct {
		struct slice name;
		enum post_text_kind kind;
	} kinds[] = {
		{SLICE_INIT("subject"), POST_TEXT_SUBJECT},
		{SLICE_INIT("from"), POST_TEXT_FROM},
		{SLICE_INIT("to"), POST_TEXT_TO},
		{SLICE_INIT("cc"), POST_TEXT_CC},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (slice_equal_nocase(field_name, kinds[i].name))
			return kinds[i].kind;
	return POST_TEXT_OTHER;
}

static void
put_address(const struct wire_address *address, struct slice folded, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer bare = buffer_with(POST_TEXT_HEADER);
	SCOPED(buffer_free) struct buffer small = buffer_with(2 * POST_TEXT_HEADER);
	if (address->kind != WIRE_MAILBOX || slice_absent(address->domain))
		return;
	wire_address_put_bare(&bare, address->local, address->domain);
	post_search_fold(buffer_slice(&bare), &small);
	if (post_search_contains(folded, buffer_slice(&small)))
		return;
	if (into->length)
		buffer_put(into, SLICE(", "));
	buffer_put(into, buffer_slice(&small));
}

void
post_text_addresses(struct slice field_name, struct slice raw, struct slice folded,
	struct arena *arena, struct buffer *into)
{
	struct wire_addresses addresses = {0};
	enum post_text_kind kind = post_text_kind_of(field_name);
	bool some = kind == POST_TEXT_FROM || kind == POST_TEXT_TO ||
		    kind == POST_TEXT_CC || slice_equal_nocase(field_name, SLICE("bcc"));
	if (!some)
		return;
	wire_addresses_parse(arena, raw, &addresses);
	for (const struct wire_address *at = addresses.first; at; at = at->next)
		put_address(at, folded, into);
}

static void
see(struct post_text_walk *walk, struct slice folded, enum post_text_kind kind,
	size_t name_length, bool first)
{
	struct post_text_piece piece = {folded, kind, name_length, first};
	walk->seen(walk->argument, &piece);
}

/* --- bytes -------------------------------------------------------------------------------
 */

static enum base_failure
pull(struct post_text_walk *walk, char *into, size_t room, size_t *got)
{
	*got = walk->source->pull(walk->source, into, room);
	if (*got == BASE_SOURCE_FAILED || !*got)
		return BASE_DAMAGED;
	walk->at += *got;
	return BASE_OK;
}

static void
let_go(struct post_text_walk *walk)
{
	if (walk->source)
		walk->source->close(walk->source);
	walk->source = NULL;
}

/* Over small gaps by reading: opening the message for each of 10,000 parts costs more. */
static enum base_failure
go_to(struct post_text_walk *walk, uint64_t offset)
{
	char skipped[4096];
	enum base_failure failure = BASE_OK;
	if (walk->source && (offset < walk->at || offset - walk->at > GAP_READ_OVER))
		let_go(walk);
	if (!walk->source) {
		walk->at = offset;
		return post_message_open(walk->origin.store, walk->origin.view,
			walk->origin.message, offset, UINT64_MAX, &walk->source);
	}
	while (walk->at < offset && !failure) {
		uint64_t gap = offset - walk->at;
		size_t got;
		failure = pull(walk, skipped,
			gap < sizeof skipped ? (size_t)gap : sizeof skipped, &got);
	}
	return failure;
}

static enum base_failure
read_all(struct post_text_walk *walk, char *into, size_t length)
{
	enum base_failure failure = BASE_OK;
	size_t got;
	for (size_t done = 0; done < length && !failure; done += got)
		failure = pull(walk, into + done, length - done, &got);
	return failure;
}

/* --- header lines ------------------------------------------------------------------------
 */

/* The line of an address field comes once more with what its addresses are. */
static void
see_line(struct post_text_walk *walk, struct arena *arena, const struct wire_header *field,
	size_t name_length)
{
	enum post_text_kind kind = post_text_kind_of(field->name);
	SCOPED(buffer_free) struct buffer addresses = buffer_with(4 * POST_TEXT_HEADER);
	post_text_addresses(
		field->name, field->raw, buffer_slice(&walk->folded), arena, &addresses);
	see(walk, buffer_slice(&walk->folded), kind, name_length, true);
	if (!addresses.length)
		return;
	struct slice parts[2] = {slice_first(buffer_slice(&walk->folded), name_length),
		buffer_slice(&addresses)};
	see(walk, arena_join(arena, parts, 2), kind, name_length, true);
}

static void
see_field(struct post_text_walk *walk, struct arena *arena, const struct wire_header *field,
	bool inner)
{
	struct slice start[2] = {field->name, SLICE(": ")};
	struct slice line[2] = {arena_join(arena, start, 2), SLICE_NONE};
	buffer_clear(&walk->folded);
	post_search_fold(line[0], &walk->folded);
	size_t name_length = walk->folded.length;
	line[1] = wire_header_text(arena, field->raw);
	buffer_clear(&walk->folded);
	post_search_fold(arena_join(arena, line, 2), &walk->folded);
	if (inner)
		see(walk, buffer_slice(&walk->folded), POST_TEXT_BODY, 0, true);
	else
		see_line(walk, arena, field, name_length);
}

static void
see_fields(struct post_text_walk *walk, struct slice fields, bool inner)
{
	struct wire_header field;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	while (wire_header_next(&fields, &field)) {
		see_field(walk, arena, &field, inner);
		arena_reset(arena);
	}
	buffer_clear(&walk->folded);
}

/* The header of a message inside a message is part of the body of the outer one. */
static enum base_failure
see_inner_header(struct post_text_walk *walk)
{
	const struct wire_mime_part *part = walk->part;
	uint64_t length = part->body_start - part->header_start;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (length > POST_TEXT_HEADER)
		length = POST_TEXT_HEADER;
	if (length == 0)
		return BASE_OK;
	char *fields = arena_take(arena, (size_t)length);
	enum base_failure failure = go_to(walk, part->header_start);
	if (!failure)
		failure = read_all(walk, fields, (size_t)length);
	if (!failure)
		see_fields(walk, slice_of(fields, (size_t)length), true);
	return failure;
}

/* --- pieces of a text --------------------------------------------------------------------
 */

/* Up to the last line end, or the last tag's end: there no character or tag is cut. */
static size_t
piece_length(const struct post_text_walk *walk, bool last)
{
	struct slice all = buffer_slice(&walk->decoded);
	if (last)
		return all.length;
	size_t at = slice_find_last_byte(all, walk->html ? '>' : '\n');
	return at == all.length ? all.length : at + 1;
}

/* Blanks at the seam of two pieces are one: folding looks at the byte before. */
static void
see_folded(struct post_text_walk *walk, struct slice utf8)
{
	if (walk->folded.length)
		buffer_drop_first(&walk->folded, walk->folded.length - 1);
	size_t before = walk->folded.length;
	post_search_fold(utf8, &walk->folded);
	see(walk, slice_from(buffer_slice(&walk->folded), before), POST_TEXT_BODY, 0,
		!walk->begun);
	walk->begun = true;
}

static void
see_piece(struct post_text_walk *walk, struct slice bytes)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(16 * POST_TEXT_PIECE);
	SCOPED(buffer_free) struct buffer text = buffer_with(16 * POST_TEXT_PIECE);
	struct slice charset = wire_parameter_value(&walk->part->parameters, "charset");
	wire_to_utf8(charset, bytes, &utf8);
	if (walk->html)
		wire_html_text(buffer_slice(&utf8), &text);
	see_folded(walk, buffer_slice(text.length ? &text : &utf8));
}

static enum base_failure
pull_piece(struct post_text_walk *walk)
{
	char raw[16 * 1024];
	size_t room = walk->left < sizeof raw ? (size_t)walk->left : sizeof raw, got;
	enum base_failure failure = pull(walk, raw, room, &got);
	if (failure)
		return failure;
	walk->left -= got;
	wire_decode(&walk->decoder, slice_of(raw, got), &walk->decoded);
	return BASE_OK;
}

static enum base_failure
read_text_piece(struct post_text_walk *walk)
{
	enum base_failure failure = BASE_OK;
	while (walk->left && walk->decoded.length < POST_TEXT_PIECE && !failure)
		failure = pull_piece(walk);
	if (failure)
		return failure;
	if (!walk->left)
		wire_decode_end(&walk->decoder, &walk->decoded);
	size_t length = piece_length(walk, !walk->left);
	see_piece(walk, slice_first(buffer_slice(&walk->decoded), length));
	buffer_drop_first(&walk->decoded, length);
	return BASE_OK;
}

/* --- what a program made of a part ------------------------------------------------------
 */

static struct slice
given_of(struct post_text_walk *walk)
{
	const struct post_text_origin *origin = &walk->origin;
	if (!walk->arena) {
		walk->arena = arena_create(ARENA_NO_CEILING);
		if (origin->space)
			post_attached_of(origin->space, origin->message->email_id,
				walk->arena, &walk->attached);
	}
	for (size_t i = 0; i < walk->attached.count; i++)
		if (walk->attached.texts[i].part == walk->part->number)
			return walk->attached.texts[i].text;
	return SLICE_NONE;
}

/* Up to a line end, where there is one. */
static void
see_given(struct post_text_walk *walk)
{
	struct slice piece = slice_first(walk->given, POST_TEXT_PIECE);
	size_t end = slice_find_last_byte(piece, '\n');
	if (piece.length == walk->given.length || end == piece.length)
		piece = walk->given;
	else
		piece = slice_first(piece, end + 1);
	see_folded(walk, piece);
	walk->given = slice_from(walk->given, piece.length);
	walk->left = walk->given.length;
}

/* --- from part to part -------------------------------------------------------------------
 */

static void
next_part(struct post_text_walk *walk)
{
	walk->reading = false;
	buffer_clear(&walk->decoded);
	buffer_clear(&walk->folded);
	walk->part = wire_mime_part_next(walk->part);
	walk->in_header = true;
	walk->begun = false;
}

/* A text part that a program should have read and did not is read as it stands. */
static bool
has_text(struct post_text_walk *walk)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_attached_what what = post_attached_what(arena, walk->part);
	walk->html = what.kind == POST_ATTACHED_HTML;
	walk->given = SLICE_NONE;
	if (what.kind != POST_ATTACHED_PROGRAM)
		return what.kind != POST_ATTACHED_NOTHING;
	walk->given = given_of(walk);
	return !slice_absent(walk->given) || wire_mime_part_is(walk->part, "text", NULL);
}

static enum base_failure
begin_text(struct post_text_walk *walk)
{
	const struct wire_mime_part *part = walk->part;
	walk->reading = true;
	walk->left = walk->given.length;
	if (!slice_absent(walk->given))
		return BASE_OK;
	walk->left = wire_mime_part_size(part);
	walk->decoder = wire_decoder_of(wire_encoding_of(part->encoding));
	return walk->left ? go_to(walk, part->body_start) : BASE_OK;
}

static bool
is_inner_top(const struct wire_mime_part *part)
{
	return part->parent && part->parent->kind == WIRE_MIME_MESSAGE;
}

static enum base_failure
step_in_part(struct post_text_walk *walk)
{
	enum base_failure failure = BASE_OK;
	if (walk->in_header) {
		walk->in_header = false;
		return is_inner_top(walk->part) ? see_inner_header(walk) : BASE_OK;
	}
	if (!walk->reading && !has_text(walk)) {
		next_part(walk);
		return BASE_OK;
	}
	if (!walk->reading)
		failure = begin_text(walk);
	if (!failure && !slice_absent(walk->given))
		see_given(walk);
	else if (!failure)
		failure = read_text_piece(walk);
	if (!failure && !walk->left)
		next_part(walk);
	return failure;
}

struct post_text_walk *
post_text_walk_begin(
	const struct post_text_origin *origin, post_text_seen *seen, void *argument)
{
	struct post_text_walk *walk = calloc(1, sizeof *walk);
	ASSERT(walk);
	*walk = (struct post_text_walk){.origin = *origin,
		.seen = seen,
		.argument = argument,
		.part = origin->message->structure->top,
		.in_header = true,
		.decoded = buffer_with(2 * POST_TEXT_PIECE),
		.folded = buffer_with(64 * POST_TEXT_PIECE)};
	return walk;
}

bool
post_text_walk_step(struct post_text_walk *walk, enum base_failure *failure)
{
	*failure = BASE_OK;
	if (!walk->header_seen) {
		walk->header_seen = true;
		see_fields(walk, walk->origin.fields, false);
	} else if (walk->part) {
		*failure = step_in_part(walk);
	}
	return walk->part && !*failure;
}

void
post_text_walk_end(struct post_text_walk *walk)
{
	if (!walk)
		return;
	let_go(walk);
	if (walk->arena)
		arena_destroy(walk->arena);
	buffer_free(&walk->decoded);
	buffer_free(&walk->folded);
	free(walk);
}
