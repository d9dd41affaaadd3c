#include "wire/header-lex.h"
#include "wire/mime-tree.h"
#include <stddef.h>

#define LANGUAGES_MOST 16

/*
 * Memory that a structured value may take: parameters with their names, and values that
 * grow threefold by percent-encoding.
 */
#define STRUCTURED_ROOM(length) \
	(8 * (length) + WIRE_PARAMETERS_MOST * (sizeof(struct wire_parameter) + 64))

struct reading {
	struct mime_tree *tree;
	struct wire_mime_part *part;
	struct wire_envelope *envelope; /* NULL but for the top of a message */
	uint64_t seen;                  /* fields, by their place in the table */
	uint64_t repeated;
};

typedef void read_field(struct reading *reading, void *into, struct slice raw);

static struct slice
keep_value(struct mime_tree *tree, struct slice raw)
{
	return mime_tree_has_room(tree, raw.length) ? header_unfolded_copy(tree->arena, raw)
						    : SLICE_NONE;
}

static void
read_value(struct reading *reading, void *into, struct slice raw)
{
	*(struct slice *)into = keep_value(reading->tree, raw);
}

static void
read_encoding(struct reading *reading, void *into, struct slice raw)
{
	struct slice token = wire_header_token(raw);
	if (token.length > 0 && mime_tree_has_room(reading->tree, token.length))
		*(struct slice *)into = arena_lower(reading->tree->arena, token);
}

/* What can't be read is text/plain (RFC 2045 5.2); what can't be kept is opaque. */
static void
read_content_type(struct reading *reading, void *into, struct slice raw)
{
	struct wire_mime_part *part = into;
	struct wire_content_type type = {
		SLICE("application"), SLICE("octet-stream"), {NULL, 0}};
	if (mime_tree_has_room(reading->tree, STRUCTURED_ROOM(raw.length)) &&
		!wire_content_type_parse(reading->tree->arena,
			header_unfolded_copy(reading->tree->arena, raw), &type))
		type = (struct wire_content_type){SLICE("text"), SLICE("plain"), {NULL, 0}};
	part->type = type.type;
	part->subtype = type.subtype;
	part->parameters = type.parameters;
}

static void
read_disposition(struct reading *reading, void *into, struct slice raw)
{
	struct arena *arena = reading->tree->arena;
	if (mime_tree_has_room(reading->tree, STRUCTURED_ROOM(raw.length)) &&
		!wire_disposition_parse(arena, header_unfolded_copy(arena, raw), into))
		*(struct wire_disposition *)into =
			(struct wire_disposition){SLICE_NONE, {NULL, 0}};
}

/* RFC 3282 2. */
static void
read_languages(struct reading *reading, void *into, struct slice raw)
{
	struct wire_mime_part *part = into;
	if (!mime_tree_has_room(
		    reading->tree, raw.length + LANGUAGES_MOST * sizeof(struct slice)))
		return;
	struct slice rest = header_unfolded_copy(reading->tree->arena, raw);
	struct slice *languages =
		ARENA_MANY(reading->tree->arena, struct slice, LANGUAGES_MOST);
	while (!slice_absent(rest) && part->language_count < LANGUAGES_MOST) {
		struct slice token = wire_header_token(slice_cut(&rest, ','));
		if (token.length > 0)
			languages[part->language_count++] = token;
	}
	part->languages = languages;
}

/* What a field means, and where its value goes: in the part, or in the envelope. */
enum field_home { IN_PART, IN_ENVELOPE, JOINED_IN_ENVELOPE };

struct field {
	struct slice name;
	enum field_home home;
	read_field *read;
	size_t offset;
};

#define PART_FIELD(text, read, member)                                                   \
	{                                                                                \
		SLICE_INIT(text), IN_PART, read, offsetof(struct wire_mime_part, member) \
	}
#define ENVELOPE_FIELD(text, member)                           \
	{                                                      \
		SLICE_INIT(text), IN_ENVELOPE, read_value,     \
			offsetof(struct wire_envelope, member) \
	}
#define ADDRESS_FIELD(text, member)                               \
	{                                                         \
		SLICE_INIT(text), JOINED_IN_ENVELOPE, read_value, \
			offsetof(struct wire_envelope, member)    \
	}

static const struct field fields[] = {
	{SLICE_INIT("content-type"), IN_PART, read_content_type, 0},
	{SLICE_INIT("content-language"), IN_PART, read_languages, 0},
	PART_FIELD("content-transfer-encoding", read_encoding, encoding),
	PART_FIELD("content-disposition", read_disposition, disposition),
	PART_FIELD("content-id", read_value, id),
	PART_FIELD("content-description", read_value, description),
	PART_FIELD("content-md5", read_value, md5),
	PART_FIELD("content-location", read_value, location),
	ENVELOPE_FIELD("date", date),
	ENVELOPE_FIELD("subject", subject),
	ENVELOPE_FIELD("in-reply-to", in_reply_to),
	ENVELOPE_FIELD("message-id", message_id),
	ADDRESS_FIELD("from", from),
	ADDRESS_FIELD("sender", sender),
	ADDRESS_FIELD("reply-to", reply_to),
	ADDRESS_FIELD("to", to),
	ADDRESS_FIELD("cc", cc),
	ADDRESS_FIELD("bcc", bcc),
};

#define FIELDS (sizeof fields / sizeof *fields)

static void *
home_of(struct reading *reading, const struct field *field)
{
	char *home =
		field->home == IN_PART ? (char *)reading->part : (char *)reading->envelope;
	return home ? home + field->offset : NULL;
}

static void
read_one(struct reading *reading, const struct wire_header *header)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (!slice_equal_nocase(header->name, fields[i].name))
			continue;
		uint64_t bit = (uint64_t)1 << i;
		void *home = home_of(reading, &fields[i]);
		if (!home)
			return;
		if (reading->seen & bit)
			reading->repeated |= bit;
		else
			fields[i].read(reading, home, header->raw);
		reading->seen |= bit;
		return;
	}
}

/* In one pass each, as a header may repeat one field a hundred thousand times. */
static void
join_repeated(struct reading *reading, const struct field *field, struct slice block)
{
	SCOPED(buffer_free) struct buffer joined = buffer_with(2 * WIRE_MIME_HEADER_BYTES);
	struct wire_header header;
	while (wire_header_next(&block, &header)) {
		if (!slice_equal_nocase(header.name, field->name))
			continue;
		if (joined.length > 0)
			buffer_put(&joined, SLICE(", "));
		buffer_put(&joined, slice_trim(header.raw));
	}
	struct slice *value = home_of(reading, field);
	*value = keep_value(reading->tree, buffer_slice(&joined));
}

static void
join_all_repeated(struct reading *reading, struct slice block)
{
	if (reading->repeated)
		reading->tree->message.oddities |= WIRE_MIME_REPEATED_FIELD;
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].home == JOINED_IN_ENVELOPE &&
			(reading->repeated & (uint64_t)1 << i))
			join_repeated(reading, &fields[i], block);
}

static struct wire_envelope *
envelope_for(struct mime_tree *tree)
{
	return mime_tree_has_room(tree, sizeof(struct wire_envelope))
		       ? ARENA_NEW(tree->arena, struct wire_envelope)
		       : NULL;
}

void
mime_fields_read(struct mime_tree *tree, struct wire_mime_part *part, struct slice header,
	bool is_message_top)
{
	size_t before = arena_used(tree->arena);
	struct reading reading = {.tree = tree,
		.part = part,
		.envelope = is_message_top ? envelope_for(tree) : NULL};
	struct slice rest = header;
	struct wire_header field;
	part->envelope = reading.envelope;
	while (wire_header_next(&rest, &field)) {
		read_one(&reading, &field);
		/* Counted as it grows, so that one header can't outrun the ceiling. */
		tree->kept += arena_used(tree->arena) - before;
		before = arena_used(tree->arena);
	}
	join_all_repeated(&reading, header);
	tree->kept += arena_used(tree->arena) - before;
}
