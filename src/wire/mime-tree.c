#include "wire/mime-tree.h"
#include "wire/mime-decode.h"

static void
set_type(struct wire_mime_part *part, struct slice type, struct slice subtype)
{
	part->type = type;
	part->subtype = subtype;
	part->parameters = (struct wire_parameters){NULL, 0};
}

static void
set_plain_text(struct wire_mime_part *part)
{
	part->kind = WIRE_MIME_LEAF;
	set_type(part, SLICE("text"), SLICE("plain"));
}

bool
mime_tree_has_room(struct mime_tree *tree, size_t size)
{
	/* An arena rounds up, and so do we. */
	size_t rounded = size + 64;
	if (tree->kept < WIRE_MIME_KEPT_BYTES &&
		rounded <= WIRE_MIME_KEPT_BYTES - tree->kept &&
		arena_has_room(tree->arena, rounded))
		return true;
	tree->message.oddities |= WIRE_MIME_CAPPED;
	return false;
}

static bool
may_open(struct mime_tree *tree)
{
	if (tree->message.parts < WIRE_MIME_PARTS)
		return mime_tree_has_room(
			tree, sizeof(struct wire_mime_part) + sizeof(struct wire_envelope));
	tree->message.oddities |= WIRE_MIME_CAPPED;
	return false;
}

/* Makes a part and the current one of it; may_open was asked. */
static struct wire_mime_part *
open_part(struct mime_tree *tree, struct wire_mime_part *parent, uint64_t header_start)
{
	struct wire_mime_part *part = ARENA_NEW(tree->arena, struct wire_mime_part);
	tree->kept += sizeof *part;
	part->parent = parent;
	part->number = tree->message.parts++;
	part->depth = parent ? parent->depth + 1 : 0;
	part->header_start = part->body_start = part->body_end = header_start;
	set_plain_text(part);
	tree->current = part;
	return part;
}

void
mime_tree_begin(struct mime_tree *tree, struct arena *arena)
{
	*tree = (struct mime_tree){.arena = arena};
	tree->message.top = open_part(tree, NULL, 0);
}

/* RFC 2046 5.1.1 wants no blank at its end; what ends a line could not be matched. */
static struct slice
boundary_of(const struct wire_mime_part *part)
{
	struct slice text = wire_parameter_value(&part->parameters, "boundary");
	while (text.length > 0 &&
		(text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
		text = slice_first(text, text.length - 1);
	return text;
}

static void
note_reuse(struct mime_tree *tree, struct slice text)
{
	for (size_t i = 0; i < tree->open_count; i++)
		if (slice_equal(tree->open[i].text, text))
			tree->message.oddities |= WIRE_MIME_REUSED_BOUNDARY;
}

/* The first eight octets as a number; what is missing is zero. */
static uint64_t
head_of(struct slice text)
{
	uint64_t head = 0;
	memcpy(&head, text.data, text.length < sizeof head ? text.length : sizeof head);
	return head;
}

static void
push_boundary(struct mime_tree *tree, struct wire_mime_part *part, struct slice text)
{
	static const char ones[sizeof(uint64_t) + 1] = "\xff\xff\xff\xff\xff\xff\xff\xff";
	ASSERT(tree->open_count < WIRE_MIME_DEPTH);
	tree->open[tree->open_count++] = (struct mime_boundary){.part = part,
		.text = text,
		.head = head_of(text),
		.head_mask = head_of(slice_first(slice_of(ones, 8), text.length))};
}

static void
begin_multipart(struct mime_tree *tree, struct wire_mime_part *part)
{
	struct slice text = boundary_of(part);
	if (text.length == 0 || text.length > WIRE_BOUNDARY_LENGTH) {
		set_plain_text(part);
		return;
	}
	if (part->depth >= WIRE_MIME_DEPTH) {
		tree->message.oddities |= WIRE_MIME_CAPPED;
		set_type(part, SLICE("application"), SLICE("octet-stream"));
		return;
	}
	part->kind = WIRE_MIME_MULTIPART;
	note_reuse(tree, text);
	push_boundary(tree, part, text);
}

/* RFC 2046 5.2.1 forbids to encode it; if it is, its bytes are no header to be read. */
static bool
is_encoded(const struct wire_mime_part *part)
{
	return wire_encoding_of(part->encoding) != WIRE_ENCODING_IDENTITY;
}

static bool
begin_message(struct mime_tree *tree, struct wire_mime_part *part)
{
	struct mime_place body = {part->body_start, part->lines};
	if (part->depth >= WIRE_MIME_DEPTH || !may_open(tree)) {
		tree->message.oddities |= WIRE_MIME_CAPPED;
		set_type(part, SLICE("application"), SLICE("octet-stream"));
		return false;
	}
	part->kind = WIRE_MIME_MESSAGE;
	part->child = open_part(tree, part, body.offset);
	if (!is_encoded(part))
		return true;
	mime_tree_header(tree, SLICE_NONE, body);
	return false;
}

bool
mime_tree_header(struct mime_tree *tree, struct slice header, struct mime_place body)
{
	struct wire_mime_part *part = tree->current;
	bool is_message_top = !part->parent || part->parent->kind == WIRE_MIME_MESSAGE;
	part->body_start = part->body_end = body.offset;
	part->lines = body.lines;
	if (!is_message_top && wire_mime_part_is(part->parent, "multipart", "digest"))
		set_type(part, SLICE("message"), SLICE("rfc822")); /* RFC 2046 5.1.5 */
	mime_fields_read(tree, part, header, is_message_top);
	if (wire_mime_part_is(part, "multipart", NULL))
		begin_multipart(tree, part);
	else if (wire_mime_part_is(part, "message", "rfc822") ||
		 wire_mime_part_is(part, "message", "global"))
		return begin_message(tree, part);
	return false;
}

struct mime_boundary *
mime_tree_match(struct mime_tree *tree, struct slice line, bool *closing)
{
	struct mime_boundary *best = NULL;
	if (!slice_starts(line, SLICE("--")))
		return NULL;
	struct slice text = slice_from(line, 2);
	uint64_t head = head_of(text);
	for (size_t i = tree->open_count; i-- > 0;) {
		struct mime_boundary *boundary = &tree->open[i];
		if ((head & boundary->head_mask) != boundary->head)
			continue;
		bool better = !best || boundary->text.length > best->text.length ||
			      (boundary->text.length == best->text.length && best->closed &&
				      !boundary->closed);
		if (better && slice_starts(text, boundary->text))
			best = boundary;
	}
	if (!best || best->closed)
		return NULL;
	*closing = slice_starts(slice_from(text, best->text.length), SLICE("--"));
	return best;
}

/* Until now part->lines was what stands before the body. */
static void
close_part(struct wire_mime_part *part, struct mime_place end)
{
	if (end.offset >= part->body_start) {
		part->body_end = end.offset;
		part->lines = end.lines - part->lines;
	} else {
		/* The line end before the boundary was the header's, or even the one
		 * before. */
		if (end.offset < part->header_start)
			part->header_start = end.offset;
		part->body_start = part->body_end = end.offset;
		part->lines = 0;
	}
	if (part->kind == WIRE_MIME_MULTIPART && !part->child)
		set_plain_text(part);
}

static void
close_inside(
	struct mime_tree *tree, const struct wire_mime_part *until, struct mime_place end)
{
	while (tree->current != until) {
		close_part(tree->current, end);
		tree->current = tree->current->parent;
	}
}

static void
forget_boundaries(struct mime_tree *tree, size_t left)
{
	while (tree->open_count > left)
		if (!tree->open[--tree->open_count].closed)
			tree->message.oddities |= WIRE_MIME_UNTERMINATED;
}

bool
mime_tree_delimiter(struct mime_tree *tree, struct mime_boundary *boundary, bool closing,
	struct mime_place end, uint64_t next)
{
	if (!closing && !may_open(tree))
		return false;
	close_inside(tree, boundary->part, end);
	forget_boundaries(tree, (size_t)(boundary - tree->open) + 1);
	boundary->closed = closing;
	if (closing)
		return true;
	struct wire_mime_part *part = open_part(tree, boundary->part, next);
	if (boundary->last)
		boundary->last->next = part;
	else
		boundary->part->child = part;
	boundary->last = part;
	return true;
}

void
mime_tree_end(struct mime_tree *tree, struct mime_place end)
{
	close_inside(tree, NULL, end);
	forget_boundaries(tree, 0);
	tree->message.size = end.offset;
	tree->message.lines = end.lines;
}
