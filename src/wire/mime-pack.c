#include "wire/mime-pack.h"
#include <stddef.h>

const size_t mime_pack_texts[MIME_PACK_TEXTS] = {offsetof(struct wire_mime_part, id),
	offsetof(struct wire_mime_part, description),
	offsetof(struct wire_mime_part, encoding), offsetof(struct wire_mime_part, md5),
	offsetof(struct wire_mime_part, location)};

static void
put_text(struct buffer *into, struct slice text)
{
	buffer_put_varint(into, slice_absent(text) ? 0 : text.length + 1);
	buffer_put(into, text);
}

static void
put_parameters(struct buffer *into, const struct wire_parameters *parameters)
{
	buffer_put_varint(into, parameters->count);
	for (uint32_t i = 0; i < parameters->count; i++) {
		const struct wire_parameter *parameter = &parameters->list[i];
		buffer_put_byte(into, parameter->extended);
		put_text(into, parameter->name);
		put_text(into, parameter->value);
	}
}

static void
put_envelope(struct buffer *into, const struct wire_envelope *envelope)
{
	buffer_put_byte(into, envelope != NULL);
	if (!envelope)
		return;
	const struct slice *values = (const struct slice *)envelope;
	for (size_t i = 0; i < MIME_PACK_ENVELOPE; i++)
		put_text(into, values[i]);
}

static void
put_part(struct buffer *into, const struct wire_mime_part *part, bool with_envelopes)
{
	buffer_put_varint(into, part->depth);
	buffer_put_byte(into, (char)part->kind);
	buffer_put_varint(into, part->header_start);
	buffer_put_varint(into, part->body_start - part->header_start);
	buffer_put_varint(into, part->body_end - part->body_start);
	buffer_put_varint(into, part->lines);
	put_text(into, part->type);
	put_text(into, part->subtype);
	put_parameters(into, &part->parameters);
	for (size_t i = 0; i < MIME_PACK_TEXTS; i++)
		put_text(into,
			*(const struct slice *)((const char *)part + mime_pack_texts[i]));
	put_text(into, part->disposition.kind);
	put_parameters(into, &part->disposition.parameters);
	buffer_put_varint(into, part->language_count);
	for (uint32_t i = 0; i < part->language_count; i++)
		put_text(into, part->languages[i]);
	put_envelope(into, with_envelopes ? part->envelope : NULL);
}

bool
wire_mime_pack(const struct wire_message *message, bool with_envelopes, struct buffer *into)
{
	buffer_put_byte(into, WIRE_MIME_PACK_VERSION);
	buffer_put_varint(into, message->size);
	buffer_put_varint(into, message->lines);
	buffer_put_varint(into, message->oddities);
	buffer_put_varint(into, message->parts);
	for (const struct wire_mime_part *part = message->top; part;
		part = wire_mime_part_next(part))
		put_part(into, part, with_envelopes);
	return !buffer_failed(into);
}
