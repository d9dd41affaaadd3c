#include "wire/mime.h"

const struct wire_mime_part *
wire_mime_part_next(const struct wire_mime_part *part)
{
	if (part->child)
		return part->child;
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

bool
wire_mime_part_is(const struct wire_mime_part *part, const char *type, const char *subtype)
{
	return slice_equal(part->type, slice_of_text(type)) &&
	       (!subtype || slice_equal(part->subtype, slice_of_text(subtype)));
}

uint64_t
wire_mime_part_size(const struct wire_mime_part *part)
{
	return part->body_end - part->body_start;
}

struct slice
wire_mime_file_name(struct arena *arena, const struct wire_mime_part *part)
{
	const struct wire_parameter *name =
		wire_parameter_find(&part->disposition.parameters, "filename");
	if (!name)
		name = wire_parameter_find(&part->parameters, "name");
	return wire_parameter_text(arena, name);
}
