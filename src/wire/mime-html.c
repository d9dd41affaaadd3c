#include "wire/mime-html.h"
#include "wire/charset-utf8.h"
#include "wire/mime-decode.h"
#include <utf8proc.h>

/*
 * HTML to text as a reader wants it for search and previews. It knows no tree: tags are
 * stepped over, some of them part words. Time is linear: each search that fails ends it.
 */
enum tag_effect { TAG_NOTHING, TAG_BLANK, TAG_LINE, TAG_HIDES };

static const struct {
	struct slice name;
	enum tag_effect effect;
} tags[] = {
	{SLICE_INIT("script"), TAG_HIDES},
	{SLICE_INIT("style"), TAG_HIDES},
	{SLICE_INIT("title"), TAG_HIDES},
	{SLICE_INIT("td"), TAG_BLANK},
	{SLICE_INIT("th"), TAG_BLANK},
	{SLICE_INIT("br"), TAG_LINE},
	{SLICE_INIT("p"), TAG_LINE},
	{SLICE_INIT("div"), TAG_LINE},
	{SLICE_INIT("tr"), TAG_LINE},
	{SLICE_INIT("table"), TAG_LINE},
	{SLICE_INIT("li"), TAG_LINE},
	{SLICE_INIT("ul"), TAG_LINE},
	{SLICE_INIT("ol"), TAG_LINE},
	{SLICE_INIT("dt"), TAG_LINE},
	{SLICE_INIT("dd"), TAG_LINE},
	{SLICE_INIT("hr"), TAG_LINE},
	{SLICE_INIT("h1"), TAG_LINE},
	{SLICE_INIT("h2"), TAG_LINE},
	{SLICE_INIT("h3"), TAG_LINE},
	{SLICE_INIT("h4"), TAG_LINE},
	{SLICE_INIT("h5"), TAG_LINE},
	{SLICE_INIT("h6"), TAG_LINE},
	{SLICE_INIT("pre"), TAG_LINE},
	{SLICE_INIT("center"), TAG_LINE},
	{SLICE_INIT("section"), TAG_LINE},
	{SLICE_INIT("article"), TAG_LINE},
	{SLICE_INIT("header"), TAG_LINE},
	{SLICE_INIT("footer"), TAG_LINE},
	{SLICE_INIT("blockquote"), TAG_LINE},
};

/* Blanks are held back, so that runs of them become one, and none stands at the ends. */
struct writer {
	struct buffer *into;
	char pending; /* ' ', '\n' or NUL */
	bool begun;
};

static void
put_blank(struct writer *writer, char blank)
{
	if (writer->begun && writer->pending != '\n')
		writer->pending = blank;
}

static void
put_text(struct writer *writer, struct slice text)
{
	if (text.length == 0)
		return;
	if (writer->pending)
		utf8_put_whole(writer->into, slice_of(&writer->pending, 1));
	utf8_put_whole(writer->into, text);
	writer->pending = '\0';
	writer->begun = true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static void
put_code_point(struct writer *writer, uint32_t code_point)
{
	utf8proc_uint8_t bytes[4];
	if (code_point == 0xa0 || (code_point < 0x80 && is_blank((char)code_point))) {
		put_blank(writer, ' ');
		return;
	}
	utf8proc_ssize_t length = utf8proc_encode_char((utf8proc_int32_t)code_point, bytes);
	put_text(writer, slice_of(bytes, (size_t)length));
}

/* What stands between two tags. */
static void
put_run(struct writer *writer, struct slice text)
{
	while (text.length > 0) {
		uint32_t code_point;
		size_t length = 0;
		while (length < text.length && !is_blank(text.data[length]) &&
			text.data[length] != '&')
			length++;
		put_text(writer, slice_first(text, length));
		text = slice_from(text, length);
		if (text.length == 0)
			return;
		size_t reference =
			text.data[0] == '&'
				? html_reference(slice_first(text, 12), &code_point)
				: 0;
		if (reference > 0)
			put_code_point(writer, code_point);
		else if (text.data[0] == '&')
			put_text(writer, slice_first(text, 1));
		else
			put_blank(writer, ' ');
		text = slice_from(text, reference ? reference : 1);
	}
}

static struct slice
tag_name(struct slice inside)
{
	size_t length = 0;
	while (length < inside.length &&
		(byte_is_alpha(inside.data[length]) || byte_is_digit(inside.data[length])))
		length++;
	return slice_first(inside, length);
}

static enum tag_effect
effect_of(struct slice name)
{
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (slice_equal_nocase(name, tags[i].name))
			return tags[i].effect;
	return TAG_NOTHING;
}

/* From behind <script> to </script, as no other tag counts there; to the end without. */
static struct slice
behind_hidden(struct slice rest, struct slice name)
{
	size_t at = 0;
	for (;;) {
		at += slice_find(slice_from(rest, at), SLICE("</"));
		if (at >= rest.length)
			return SLICE_NONE;
		if (slice_starts_nocase(slice_from(rest, at + 2), name))
			return slice_from(rest, at);
		at += 2;
	}
}

/* rest begins with '<'. Returns what follows the tag. */
static struct slice
step_over_tag(struct writer *writer, struct slice rest)
{
	if (slice_starts(rest, SLICE("<!--"))) {
		size_t end = slice_find(rest, SLICE("-->"));
		return slice_from(rest, end + 3);
	}
	char second = rest.length > 1 ? rest.data[1] : '\0';
	bool closes = second == '/';
	bool is_tag = closes || byte_is_alpha(second) || second == '!' || second == '?';
	if (!is_tag) {
		put_text(writer, slice_first(rest, 1));
		return slice_from(rest, 1);
	}
	size_t end = slice_find_byte(rest, '>');
	struct slice name = tag_name(slice_part(rest, closes ? 2 : 1, end - 1));
	enum tag_effect effect = effect_of(name);
	if (effect == TAG_LINE || effect == TAG_BLANK)
		put_blank(writer, effect == TAG_LINE ? '\n' : ' ');
	rest = slice_from(rest, end + 1);
	return effect == TAG_HIDES && !closes ? behind_hidden(rest, name) : rest;
}

bool
wire_html_text(struct slice utf8, struct buffer *into)
{
	struct writer writer = {.into = into};
	while (utf8.length > 0 && !buffer_failed(into)) {
		size_t text = slice_find_byte(utf8, '<');
		put_run(&writer, slice_first(utf8, text));
		utf8 = slice_from(utf8, text);
		if (utf8.length > 0)
			utf8 = step_over_tag(&writer, utf8);
	}
	return !buffer_failed(into);
}
