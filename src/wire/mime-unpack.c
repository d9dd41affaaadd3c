#include "wire/mime-pack.h"

/* What is being read; every take_… returns false on bytes that no pack made. */
struct reading {
	struct arena *arena;
	struct slice rest;
	uint64_t head;
	struct wire_message *message;
	struct wire_mime_part *last; /* the part read before */
};

static bool
take_text(struct reading *reading, struct slice *text)
{
	uint64_t length;
	if (!take_varint(&reading->rest, &length))
		return false;
	*text = SLICE_NONE;
	return length == 0 || take_bytes(&reading->rest, length - 1, text);
}

static bool
take_texts(struct reading *reading, struct slice *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!take_text(reading, &texts[i]))
			return false;
	return true;
}

/* A count of things that take at least so many bytes each, and what memory they need. */
static bool
take_count(struct reading *reading, size_t least, size_t size, uint64_t *count)
{
	return take_varint(&reading->rest, count) &&
	       *count <= reading->rest.length / least &&
	       arena_has_room(reading->arena, *count * size + 64);
}

static bool
take_parameter(struct reading *reading, struct wire_parameter *parameter)
{
	uint8_t extended;
	if (!take_byte(&reading->rest, &extended) || extended > 1)
		return false;
	parameter->extended = extended;
	return take_text(reading, &parameter->name) &&
	       take_text(reading, &parameter->value) && !slice_absent(parameter->name) &&
	       !slice_absent(parameter->value);
}

static bool
take_parameters(struct reading *reading, struct wire_parameters *parameters)
{
	uint64_t count;
	if (!take_count(reading, 3, sizeof *parameters->list, &count) ||
		count > WIRE_PARAMETERS_MOST)
		return false;
	if (count == 0)
		return true;
	struct wire_parameter *list =
		ARENA_MANY(reading->arena, struct wire_parameter, count);
	for (uint64_t i = 0; i < count; i++)
		if (!take_parameter(reading, &list[i]))
			return false;
	*parameters = (struct wire_parameters){list, (uint32_t)count};
	return true;
}

static bool
take_languages(struct reading *reading, struct wire_mime_part *part)
{
	uint64_t count;
	if (!take_count(reading, 1, sizeof *part->languages, &count))
		return false;
	if (count == 0)
		return true;
	struct slice *languages = ARENA_MANY(reading->arena, struct slice, count);
	part->languages = languages;
	part->language_count = (uint32_t)count;
	return take_texts(reading, languages, count);
}

static bool
take_envelope(struct reading *reading, struct wire_mime_part *part)
{
	uint8_t present;
	if (!take_byte(&reading->rest, &present) || present > 1)
		return false;
	bool is_message_top = !part->parent || part->parent->kind == WIRE_MIME_MESSAGE;
	if (!present)
		return true;
	if (!is_message_top ||
		!arena_has_room(reading->arena, sizeof(struct wire_envelope) + 64))
		return false;
	struct wire_envelope *envelope = ARENA_NEW(reading->arena, struct wire_envelope);
	part->envelope = envelope;
	return take_texts(reading, (struct slice *)envelope, MIME_PACK_ENVELOPE);
}

static bool
may_have_child(const struct wire_mime_part *parent)
{
	return parent->kind == WIRE_MIME_MULTIPART ||
	       (parent->kind == WIRE_MIME_MESSAGE && !parent->child);
}

/* Depth says where the part hangs: a child of the last part, or of one around it. */
static bool
hang(struct reading *reading, struct wire_mime_part *part)
{
	struct wire_mime_part *before = reading->last, *sibling = NULL;
	if (!before)
		return part->depth == 0;
	while (before && before->depth >= part->depth) {
		sibling = before->depth == part->depth ? before : NULL;
		before = before->parent;
	}
	if (part->depth == 0 || part->depth > WIRE_MIME_DEPTH || !before ||
		before->depth + 1 != part->depth || !may_have_child(before))
		return false;
	part->parent = before;
	if (sibling)
		sibling->next = part;
	else
		before->child = part;
	return true;
}

static bool
take_place(struct reading *reading, struct wire_mime_part *part)
{
	uint64_t depth, start, header, body;
	uint8_t kind;
	if (!take_varint(&reading->rest, &depth) || depth > WIRE_MIME_DEPTH ||
		!take_byte(&reading->rest, &kind) || kind > WIRE_MIME_MESSAGE ||
		!take_varint(&reading->rest, &start) ||
		!take_varint(&reading->rest, &header) ||
		!take_varint(&reading->rest, &body) ||
		!take_varint(&reading->rest, &part->lines))
		return false;
	uint64_t size = reading->message->size;
	if (start > size || header > size - start || body > size - start - header)
		return false;
	part->depth = (uint32_t)depth;
	part->kind = (enum wire_mime_kind)kind;
	part->header_start = start;
	part->body_start = start + header;
	part->body_end = start + header + body;
	return hang(reading, part);
}

/* A parent holds its children's bytes, and they come in order. */
static bool
is_in_place(const struct wire_mime_part *part, const struct wire_mime_part *before)
{
	return !part->parent || (part->header_start >= part->parent->body_start &&
					part->body_end <= part->parent->body_end &&
					part->header_start >= before->header_start);
}

static bool
take_part(struct reading *reading)
{
	if (!arena_has_room(reading->arena, sizeof(struct wire_mime_part) + 64))
		return false;
	struct wire_mime_part *part = ARENA_NEW(reading->arena, struct wire_mime_part);
	if (!take_place(reading, part) || !is_in_place(part, reading->last) ||
		!take_text(reading, &part->type) || !take_text(reading, &part->subtype) ||
		slice_empty(part->type) || slice_empty(part->subtype) ||
		!take_parameters(reading, &part->parameters))
		return false;
	for (size_t i = 0; i < MIME_PACK_TEXTS; i++)
		if (!take_text(
			    reading, (struct slice *)((char *)part + mime_pack_texts[i])))
			return false;
	part->number = reading->last ? reading->last->number + 1 : 0;
	if (!reading->last)
		reading->message->top = part;
	reading->last = part;
	return take_text(reading, &part->disposition.kind) &&
	       take_parameters(reading, &part->disposition.parameters) &&
	       take_languages(reading, part) && take_envelope(reading, part);
}

/* A message has its one top, a multipart a part at least. */
static bool
is_complete(const struct wire_message *message)
{
	for (const struct wire_mime_part *part = message->top; part;
		part = wire_mime_part_next(part))
		if (part->kind != WIRE_MIME_LEAF && !part->child)
			return false;
	return true;
}

static bool
take_message(struct reading *reading)
{
	struct wire_message *message = reading->message;
	uint8_t version;
	uint64_t oddities, parts;
	if (!take_byte(&reading->rest, &version) || version != WIRE_MIME_PACK_VERSION ||
		!take_varint(&reading->rest, &message->size) ||
		!take_varint(&reading->rest, &message->lines) ||
		!take_varint(&reading->rest, &oddities) || oddities > UINT32_MAX ||
		!take_varint(&reading->rest, &parts) || parts < 1 ||
		parts > WIRE_MIME_PARTS || message->size > INT64_MAX)
		return false;
	message->oddities = (unsigned)oddities;
	message->parts = (uint32_t)parts;
	for (uint64_t i = 0; i < parts; i++)
		if (!take_part(reading))
			return false;
	return reading->rest.length == 0 && is_complete(message);
}

/* What stands in front belongs to the top header. */
static void
shift(struct wire_message *message, uint64_t head)
{
	message->size += head;
	for (struct wire_mime_part *part = message->top; part;
		part = (struct wire_mime_part *)(uintptr_t)wire_mime_part_next(part)) {
		part->header_start += part == message->top ? 0 : head;
		part->body_start += head;
		part->body_end += head;
	}
}

enum base_failure
wire_mime_unpack(struct arena *arena, struct slice packed, uint64_t head,
	const struct wire_message **message)
{
	*message = NULL;
	if (!arena_has_room(arena, sizeof **message))
		return BASE_TOO_LARGE;
	struct reading reading = {.arena = arena,
		.rest = packed,
		.head = head,
		.message = ARENA_NEW(arena, struct wire_message)};
	if (!take_message(&reading))
		return BASE_INVALID;
	shift(reading.message, head);
	*message = reading.message;
	return BASE_OK;
}
