#include "base/base.h"
#include "wire/charset.h"
#include "wire/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM ((size_t)256 << 20)

/* Text for people is valid and has no controls; encoded and decoded, it is the same. */
static void
check_text(struct arena *arena, struct slice raw)
{
	SCOPED(buffer_free) struct buffer encoded = buffer_with(ROOM);
	struct slice text = wire_header_text(arena, raw);
	ASSERT(slice_is_utf8(text));
	for (size_t i = 0; i < text.length; i++)
		ASSERT((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7f);
	ASSERT(wire_header_text_put(&encoded, text, raw.length % 80));
	ASSERT(slice_is_ascii(buffer_slice(&encoded)));
	ASSERT(slice_equal(wire_header_text(arena, buffer_slice(&encoded)), text));
	struct slice rest = buffer_slice(&encoded);
	while (slice_find(rest, SLICE("\r\n")) < rest.length) {
		slice_cut(&rest, '\n');
		ASSERT(rest.length > 1 && rest.data[0] == ' ' && rest.data[1] != '\r');
	}
}

static void
check_parameters(struct arena *arena, const struct wire_parameters *parameters)
{
	ASSERT(parameters->count <= WIRE_PARAMETERS_MOST);
	for (uint32_t i = 0; i < parameters->count; i++) {
		const struct wire_parameter *parameter = &parameters->list[i];
		ASSERT(parameter->name.length > 0 && !slice_absent(parameter->value));
		ASSERT(slice_is_utf8(wire_parameter_text(arena, parameter)));
	}
}

static void
check_value(struct arena *arena, struct slice raw)
{
	struct wire_content_type type;
	struct wire_disposition disposition;
	struct slice rest = raw, id;
	struct slice line = wire_unfold(arena, raw);
	for (size_t i = 0; i < line.length; i++)
		ASSERT(line.data[i] != '\r' && line.data[i] != '\n' && line.data[i]);
	check_text(arena, raw);
	if (wire_content_type_parse(arena, raw, &type)) {
		ASSERT(type.type.length > 0 && type.subtype.length > 0);
		check_parameters(arena, &type.parameters);
	}
	if (wire_disposition_parse(arena, raw, &disposition))
		check_parameters(arena, &disposition.parameters);
	while (wire_message_id_next(&rest, &id))
		ASSERT(id.length >= 2);
}

/* Fields come in order, do not overlap, and all of them lie in the block. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ROOM);
	SCOPED(buffer_free) struct buffer wanted = buffer_with(ROOM);
	SCOPED(buffer_free) struct buffer others = buffer_with(ROOM);
	struct slice message = slice_of(data, size), rest = message;
	struct wire_header header;
	size_t block = wire_header_length(message), fields = 0;
	ASSERT(block <= size);
	while (wire_header_next(&rest, &header)) {
		ASSERT(header.all.data + header.all.length <= rest.data);
		check_value(arena, header.raw);
		fields += header.all.length;
	}
	const struct slice names[] = {SLICE("subject"), SLICE("a")};
	ASSERT(wire_header_filter(message, names, 2, false, &wanted));
	ASSERT(wire_header_filter(message, names, 2, true, &others));
	ASSERT(wanted.length + others.length == fields);
	return 0;
}
