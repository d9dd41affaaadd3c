#include "wire/mime-decode.h"
#include "wire/mime-html.h"
#include <utf8proc.h>

/*
 * What people read in the XML of office documents: OOXML (ECMA-376) and OpenDocument.
 * Their elements are told apart by their local names alone; no two that matter clash.
 * Blanks need no care, as search folds them. Time is linear: each search that fails ends
 * it.
 */
enum element_effect { ELEMENT_NOTHING, ELEMENT_BLANK, ELEMENT_LINE, ELEMENT_HIDES };

static const struct {
	struct slice name;
	enum element_effect effect;
} elements[] = {
	{SLICE_INIT("p"), ELEMENT_LINE},
	{SLICE_INIT("h"), ELEMENT_LINE},
	{SLICE_INIT("br"), ELEMENT_LINE},
	{SLICE_INIT("cr"), ELEMENT_LINE},
	{SLICE_INIT("line-break"), ELEMENT_LINE},
	{SLICE_INIT("tr"), ELEMENT_LINE},
	{SLICE_INIT("table-row"), ELEMENT_LINE},
	{SLICE_INIT("row"), ELEMENT_LINE},
	{SLICE_INIT("si"), ELEMENT_LINE},
	{SLICE_INIT("tab"), ELEMENT_BLANK},
	{SLICE_INIT("s"), ELEMENT_BLANK},
	{SLICE_INIT("c"), ELEMENT_BLANK},
	{SLICE_INIT("tc"), ELEMENT_BLANK},
	{SLICE_INIT("table-cell"), ELEMENT_BLANK},
	{SLICE_INIT("f"), ELEMENT_HIDES},         /* a formula */
	{SLICE_INIT("rPh"), ELEMENT_HIDES},       /* how it is spoken */
	{SLICE_INIT("instrText"), ELEMENT_HIDES}, /* a field's code */
	{SLICE_INIT("binary-data"), ELEMENT_HIDES},
};

static void
put_code_point(struct buffer *into, uint32_t code_point)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t length = utf8proc_encode_char((utf8proc_int32_t)code_point, bytes);
	buffer_put(into, slice_of(bytes, (size_t)length));
}

/* Between two tags; line ends are layout of the XML. */
static void
put_run(struct buffer *into, struct slice text)
{
	if (slice_find_byte(text, '\n') < text.length && slice_empty(slice_trim(text)))
		return;
	while (text.length) {
		uint32_t code_point;
		size_t plain = slice_find_byte(text, '&');
		buffer_put(into, slice_first(text, plain));
		text = slice_from(text, plain);
		if (slice_empty(text))
			return;
		size_t length = html_reference(slice_first(text, 12), &code_point);
		if (length)
			put_code_point(into, code_point);
		else
			buffer_put_byte(into, '&');
		text = slice_from(text, length ? length : 1);
	}
}

/* The length of a tag, '>' included, which may stand in a value; 0: it has no end. */
static size_t
tag_length(struct slice rest)
{
	char quote = '\0';
	for (size_t i = 0; i < rest.length; i++) {
		char c = rest.data[i];
		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return i + 1;
	}
	return 0;
}

static struct slice
name_of(struct slice inside)
{
	size_t length = 0;
	while (length < inside.length && !strchr(" \t\r\n/>", inside.data[length]))
		length++;
	return slice_first(inside, length);
}

static struct slice
local_name(struct slice name)
{
	size_t colon = slice_find_byte(name, ':');
	return colon < name.length ? slice_from(name, colon + 1) : name;
}

static enum element_effect
effect_of(struct slice name)
{
	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		if (slice_equal(name, elements[i].name))
			return elements[i].effect;
	return ELEMENT_NOTHING;
}

/* A cell with the number of a text that stands elsewhere. */
static bool
is_number_of_text(struct slice name, struct slice tag)
{
	return slice_equal(name, SLICE("c")) &&
	       slice_find(tag, SLICE(" t=\"s\"")) < tag.length;
}

/* Up to "</name"; the rest without one. */
static struct slice
behind_hidden(struct slice rest, struct slice name)
{
	size_t at = 0;
	for (;;) {
		at += slice_find(slice_from(rest, at), SLICE("</"));
		if (at >= rest.length)
			return SLICE_NONE;
		if (slice_equal(name_of(slice_from(rest, at + 2)), name))
			return slice_from(rest, at);
		at += 2;
	}
}

static struct slice
step_over_tag(struct buffer *into, struct slice rest)
{
	size_t length = tag_length(rest);
	if (!length)
		return SLICE_NONE;
	struct slice tag = slice_first(rest, length);
	bool closes = slice_starts(tag, SLICE("</")), empty = slice_ends(tag, SLICE("/>"));
	struct slice name = name_of(slice_from(tag, closes ? 2 : 1));
	enum element_effect effect = effect_of(local_name(name));
	if (effect == ELEMENT_LINE || effect == ELEMENT_BLANK)
		buffer_put_byte(into, effect == ELEMENT_LINE ? '\n' : ' ');
	rest = slice_from(rest, length);
	bool hides = effect == ELEMENT_HIDES || is_number_of_text(local_name(name), tag);
	return hides && !closes && !empty ? behind_hidden(rest, name) : rest;
}

/* rest begins with '<'. Returns what follows the markup. */
static struct slice
step_over(struct buffer *into, struct slice rest)
{
	if (slice_starts(rest, SLICE("<!--")))
		return slice_from(rest, slice_find(rest, SLICE("-->")) + 3);
	if (slice_starts(rest, SLICE("<?")))
		return slice_from(rest, slice_find(rest, SLICE("?>")) + 2);
	if (!slice_starts(rest, SLICE("<![CDATA[")))
		return step_over_tag(into, rest);
	size_t end = slice_find(rest, SLICE("]]>"));
	buffer_put(into, slice_part(rest, 9, end > 9 ? end - 9 : 0));
	return slice_from(rest, end + 3);
}

bool
wire_office_text(struct slice xml, struct buffer *into)
{
	while (xml.length > 0 && !buffer_failed(into)) {
		size_t text = slice_find_byte(xml, '<');
		put_run(into, slice_first(xml, text));
		xml = slice_from(xml, text);
		if (xml.length > 0)
			xml = step_over(into, xml);
	}
	return !buffer_failed(into);
}
