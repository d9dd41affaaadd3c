#include "wire/charset.h"
#include "wire/header-lex.h"
#include "wire/header.h"
#include "wire/rfc2231.h"

static struct slice
take_token(struct slice *rest)
{
	size_t length = 0;
	while (length < rest->length && wire_is_token(rest->data[length]))
		length++;
	struct slice token = slice_first(*rest, length);
	*rest = slice_from(*rest, length);
	return token;
}

/* The types that are met alone, and the subtype that everybody understands by them. */
static struct slice
usual_subtype(struct slice type)
{
	if (slice_equal(type, SLICE("text")))
		return SLICE("plain");
	return slice_equal(type, SLICE("multipart")) ? SLICE("mixed") : SLICE_NONE;
}

bool
wire_content_type_parse(
	struct arena *arena, struct slice raw, struct wire_content_type *type)
{
	struct slice rest = wire_unfold(arena, raw);
	*type = (struct wire_content_type){SLICE_NONE, SLICE_NONE, {NULL, 0}};
	wire_skip_cfws(&rest);
	struct slice main_type = arena_lower(arena, take_token(&rest));
	wire_skip_cfws(&rest);
	struct slice subtype = usual_subtype(main_type);
	if (rest.length > 0 && rest.data[0] == '/') {
		rest = slice_from(rest, 1);
		wire_skip_cfws(&rest);
		struct slice token = take_token(&rest);
		subtype = token.length ? arena_lower(arena, token) : subtype;
	}
	if (main_type.length == 0 || subtype.length == 0)
		return false;
	type->type = main_type;
	type->subtype = subtype;
	type->parameters = rfc2231_parameters(arena, rest);
	return true;
}

bool
wire_disposition_parse(
	struct arena *arena, struct slice raw, struct wire_disposition *disposition)
{
	struct slice rest = wire_unfold(arena, raw);
	*disposition = (struct wire_disposition){SLICE_NONE, {NULL, 0}};
	wire_skip_cfws(&rest);
	if (rest.length == 0)
		return false;
	if (rest.data[0] == '"')
		rest = slice_from(rest, 1);
	struct slice kind = take_token(&rest);
	/* "filename=x" alone: the kind was forgotten. */
	bool forgotten = rest.length > 0 && rest.data[0] == '=';
	if (forgotten)
		rest = slice_of(kind.data, kind.length + rest.length);
	if (forgotten || kind.length == 0)
		kind = SLICE("attachment");
	disposition->kind = arena_lower(arena, kind);
	disposition->parameters = rfc2231_parameters(arena, rest);
	return true;
}

struct slice
wire_header_token(struct slice raw)
{
	wire_skip_cfws(&raw);
	if (raw.length > 0 && raw.data[0] == '"')
		raw = slice_from(raw, 1);
	return take_token(&raw);
}

const struct wire_parameter *
wire_parameter_find(const struct wire_parameters *parameters, const char *name)
{
	const struct wire_parameter *found = NULL;
	for (uint32_t i = 0; i < parameters->count; i++) {
		const struct wire_parameter *parameter = &parameters->list[i];
		if (slice_equal_nocase(parameter->name, slice_of_text(name)) &&
			(!found || (parameter->extended && !found->extended)))
			found = parameter;
	}
	return found;
}

struct slice
wire_parameter_value(const struct wire_parameters *parameters, const char *name)
{
	for (uint32_t i = 0; i < parameters->count; i++)
		if (!parameters->list[i].extended &&
			slice_equal_nocase(parameters->list[i].name, slice_of_text(name)))
			return parameters->list[i].value;
	return SLICE_NONE;
}

static struct slice
percent_decoded(struct arena *arena, struct slice value)
{
	char *text = arena_take(arena, value.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < value.length; i++) {
		bool whole = value.data[i] == '%' && i + 2 < value.length;
		int high = whole ? byte_hex_value(value.data[i + 1]) : -1;
		int low = whole ? byte_hex_value(value.data[i + 2]) : -1;
		text[length] = value.data[i];
		if (high >= 0 && low >= 0) {
			text[length] = (char)(high << 4 | low);
			i += 2;
		}
		length++;
	}
	return slice_of(text, length);
}

/* charset'language'text; without both quotes all of it is text. */
static struct slice
extended_text(struct arena *arena, struct slice value)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(WIRE_HEADER_TEXT_LENGTH);
	struct slice rest = value;
	struct slice charset = slice_cut(&rest, '\'');
	slice_cut(&rest, '\'');
	if (slice_absent(rest)) {
		charset = SLICE_NONE;
		rest = value;
	}
	wire_to_utf8(charset, percent_decoded(arena, rest), &text);
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			text.data[i] = ' ';
	return arena_copy(arena, buffer_slice(&text));
}

struct slice
wire_parameter_text(struct arena *arena, const struct wire_parameter *parameter)
{
	if (!parameter)
		return SLICE_NONE;
	return parameter->extended ? extended_text(arena, parameter->value)
				   : wire_header_text(arena, parameter->value);
}
