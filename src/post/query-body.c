#include "post/query-internal.h"
#include "wire/charset.h"
#include "wire/header.h"
#include "wire/mime-decode.h"

/*
 * BODY and TEXT: the texts of a message, one after the other, each in pieces. A needle may
 * lie across two pieces of a text, so the end of one is kept for the next.
 */
struct post_body_search {
	const struct post_plan *const *plans;
	size_t count;
	bool *found;
	struct post_subject *subject;
	const struct wire_mime_part *part; /* the one being read; NULL: at the end */
	bool in_header;                    /* of a message inside */
	struct base_source *source;        /* NULL: not begun */
	uint64_t left;                     /* of the part, not pulled yet */
	struct wire_decoder decoder;
	struct buffer decoded; /* not looked at yet */
	struct buffer folded;  /* begins with the end of the piece before */
};

/* TEXT looks at headers too, BODY does not. */
static void
look(struct post_body_search *search, struct slice folded, bool header)
{
	for (size_t i = 0; i < search->count; i++) {
		const struct post_plan *plan = search->plans[i];
		if (header && plan->query->kind != POST_QUERY_TEXT)
			continue;
		if (post_search_contains(folded, plan->needle))
			search->found[plan->body_index] = true;
	}
}

static bool
all_found(const struct post_body_search *search)
{
	for (size_t i = 0; i < search->count; i++)
		if (!search->found[search->plans[i]->body_index])
			return false;
	return true;
}

static void
look_at_fields(struct post_body_search *search, struct slice fields, bool header)
{
	struct wire_header field;
	while (wire_header_next(&fields, &field)) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		struct slice line[3] = {
			field.name, SLICE(": "), wire_header_text(arena, field.raw)};
		buffer_clear(&search->folded);
		post_search_fold(arena_join(arena, line, 3), &search->folded);
		look(search, buffer_slice(&search->folded), header);
	}
	buffer_clear(&search->folded);
}

/* --- pieces of a text --------------------------------------------------------------------
 */

/* Up to the last line end, or the last tag's end: there no character or tag is cut. */
static size_t
piece_length(const struct post_body_search *search, bool last)
{
	struct slice all = buffer_slice(&search->decoded);
	bool html = wire_mime_part_is(search->part, "text", "html");
	if (last)
		return all.length;
	size_t at = slice_find_last_byte(all, html ? '>' : '\n');
	return at == all.length ? all.length : at + 1;
}

static void
look_at_piece(struct post_body_search *search, struct slice bytes)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(16 * POST_SEARCH_PIECE);
	SCOPED(buffer_free) struct buffer text = buffer_with(16 * POST_SEARCH_PIECE);
	wire_to_utf8(
		wire_parameter_value(&search->part->parameters, "charset"), bytes, &utf8);
	if (wire_mime_part_is(search->part, "text", "html"))
		wire_html_text(buffer_slice(&utf8), &text);
	post_search_fold(buffer_slice(text.length ? &text : &utf8), &search->folded);
	look(search, buffer_slice(&search->folded), false);
	if (search->folded.length > POST_SEARCH_NEEDLE_MOST)
		buffer_drop_first(
			&search->folded, search->folded.length - POST_SEARCH_NEEDLE_MOST);
}

static enum base_failure
pull_piece(struct post_body_search *search)
{
	char raw[16 * 1024];
	size_t room = search->left < sizeof raw ? (size_t)search->left : sizeof raw;
	size_t got = room ? search->source->pull(search->source, raw, room) : 0;
	if (got == BASE_SOURCE_FAILED || (room && !got))
		return BASE_DAMAGED;
	search->left -= got;
	wire_decode(&search->decoder, slice_of(raw, got), &search->decoded);
	return BASE_OK;
}

static enum base_failure
read_text_piece(struct post_body_search *search)
{
	enum base_failure failure = BASE_OK;
	while (search->left && search->decoded.length < POST_SEARCH_PIECE && !failure)
		failure = pull_piece(search);
	if (failure)
		return failure;
	if (!search->left)
		wire_decode_end(&search->decoder, &search->decoded);
	size_t length = piece_length(search, !search->left);
	look_at_piece(search, slice_first(buffer_slice(&search->decoded), length));
	buffer_drop_first(&search->decoded, length);
	return BASE_OK;
}

/* --- from part to part -------------------------------------------------------------------
 */

static void
end_part(struct post_body_search *search)
{
	if (search->source)
		search->source->close(search->source);
	search->source = NULL;
	buffer_clear(&search->decoded);
	buffer_clear(&search->folded);
	search->part = wire_mime_part_next(search->part);
}

static enum base_failure
begin_text(struct post_body_search *search)
{
	const struct wire_mime_part *part = search->part;
	search->left = wire_mime_part_size(part);
	search->decoder = wire_decoder_of(wire_encoding_of(part->encoding));
	return post_message_source(search->subject->view, &search->subject->message,
		part->body_start, search->left, &search->source);
}

/* The header of a message inside a message is part of the body of the outer one. */
static enum base_failure
look_at_inner_header(struct post_body_search *search)
{
	struct slice fields;
	const struct wire_mime_part *part = search->part;
	uint64_t length = part->body_start - part->header_start;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	if (length > POST_SEARCH_HEADER)
		length = POST_SEARCH_HEADER;
	enum base_failure failure =
		post_message_bytes(search->subject->view, &search->subject->message,
			part->header_start, length, arena, POST_SEARCH_HEADER, &fields);
	if (!failure)
		look_at_fields(search, fields, false);
	return failure;
}

static bool
is_inner_top(const struct wire_mime_part *part)
{
	return part->parent && part->parent->kind == WIRE_MIME_MESSAGE;
}

static bool
is_text(const struct wire_mime_part *part)
{
	return part->kind == WIRE_MIME_LEAF && wire_mime_part_is(part, "text", NULL);
}

static enum base_failure
step(struct post_body_search *search)
{
	enum base_failure failure = BASE_OK;
	if (search->in_header) {
		search->in_header = false;
		if (is_inner_top(search->part))
			failure = look_at_inner_header(search);
	} else if (!is_text(search->part)) {
		end_part(search);
		search->in_header = true;
	} else {
		if (!search->source)
			failure = begin_text(search);
		if (!failure)
			failure = read_text_piece(search);
		if (!failure && !search->left) {
			end_part(search);
			search->in_header = true;
		}
	}
	return failure;
}

struct post_body_search *
post_body_search_begin(const struct post_plan *const *plans, size_t count,
	struct post_subject *subject, bool *found)
{
	struct post_body_search *search = calloc(1, sizeof *search);
	ASSERT(search);
	*search = (struct post_body_search){.plans = plans,
		.count = count,
		.found = found,
		.subject = subject,
		.part = subject->message.structure->top,
		.in_header = true,
		.decoded = buffer_with(2 * POST_SEARCH_PIECE),
		.folded = buffer_with(64 * POST_SEARCH_PIECE)};
	look_at_fields(search, subject->fields, true);
	return search;
}

bool
post_body_search_step(struct post_body_search *search, enum base_failure *failure)
{
	*failure = BASE_OK;
	if (search->part && !all_found(search))
		*failure = step(search);
	return search->part && !*failure && !all_found(search);
}

void
post_body_search_end(struct post_body_search *search)
{
	if (!search)
		return;
	if (search->source)
		search->source->close(search->source);
	buffer_free(&search->decoded);
	buffer_free(&search->folded);
	free(search);
}
