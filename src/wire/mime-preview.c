#include "base/error.h"
#include "wire/mime-decode.h"
#include <utf8proc.h>

#define FIRST_TRY (4 * 1024) /* octets of the body; mostly that is enough */
#define SLACK     256

static bool
is_shown(const struct wire_mime_part *part)
{
	return part->kind == WIRE_MIME_LEAF && wire_mime_part_size(part) > 0 &&
	       !slice_equal(part->disposition.kind, SLICE("attachment")) &&
	       (wire_mime_part_is(part, "text", "plain") ||
		       wire_mime_part_is(part, "text", "html"));
}

static const struct wire_mime_part *
behind(const struct wire_mime_part *part)
{
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}

const struct wire_mime_part *
wire_preview_part(const struct wire_mime_part *top)
{
	const struct wire_mime_part *part = top;
	/* Not into a message that is attached: it is not what the sender says. */
	while (part && !is_shown(part))
		part = part->kind == WIRE_MIME_MESSAGE && part->parent
			       ? behind(part)
			       : wire_mime_part_next(part);
	return part;
}

static bool
is_blank(utf8proc_int32_t c)
{
	return c <= ' ' || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Mailings pad their first line with these, so that no more of the text is shown. */
static bool
is_invisible(utf8proc_int32_t c)
{
	return c == 0xad || c == 0x34f || c == 0xfeff || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f);
}

/* How many at the front are printable ASCII, which is most text. */
static size_t
plain_run(struct slice text, size_t most)
{
	size_t run = 0;
	if (most > text.length)
		most = text.length;
	while (run < most && text.data[run] > ' ' && text.data[run] < 0x7f)
		run++;
	return run;
}

static void
put_piece(struct buffer *into, bool blank, struct slice piece)
{
	if (blank)
		buffer_put_byte(into, ' ');
	buffer_put(into, piece);
}

/* One blank for each run of them; true when there is text for a whole preview. */
static bool
put_squeezed(struct slice text, struct buffer *into)
{
	size_t count = 0;
	bool blank = false;
	while (text.length > 0 && count < WIRE_PREVIEW_CHARACTERS) {
		size_t room = WIRE_PREVIEW_CHARACTERS - count - blank;
		size_t run = plain_run(text, room ? room : 1);
		if (run) {
			put_piece(into, blank, slice_first(text, run));
			count += run + blank;
			blank = false;
			text = slice_from(text, run);
			continue;
		}
		utf8proc_int32_t c;
		utf8proc_ssize_t length =
			utf8proc_iterate((const utf8proc_uint8_t *)text.data,
				(utf8proc_ssize_t)text.length, &c);
		ASSERT(length > 0);
		bool starts = count == 0 || blank;
		if (is_blank(c)) {
			blank = count > 0;
		} else if (!is_invisible(c) || !starts) {
			put_piece(into, blank, slice_first(text, (size_t)length));
			count += blank ? 2 : 1;
			blank = false;
		}
		text = slice_from(text, (size_t)length);
	}
	return count >= WIRE_PREVIEW_CHARACTERS;
}

static struct slice
without_cut_character(struct slice text)
{
	while (slice_ends(text, SLICE("\xef\xbf\xbd")))
		text = slice_first(text, text.length - 3);
	return text;
}

/* True when more of the body would change nothing. */
static bool
preview_of(const struct wire_mime_part *part, struct slice raw, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(3 * raw.length + SLACK);
	wire_mime_text(part, raw, &text);
	struct slice shown = buffer_slice(&text);
	if (raw.length < wire_mime_part_size(part))
		shown = without_cut_character(shown);
	return put_squeezed(shown, into);
}

struct slice
wire_preview(struct arena *arena, const struct wire_mime_part *part, struct slice raw)
{
	SCOPED(buffer_free)
	struct buffer preview = buffer_with(8 * WIRE_PREVIEW_CHARACTERS);
	if (!preview_of(part, slice_first(raw, FIRST_TRY), &preview) &&
		raw.length > FIRST_TRY) {
		buffer_clear(&preview);
		preview_of(part, slice_first(raw, WIRE_PREVIEW_RAW), &preview);
	}
	return arena_copy(arena, buffer_slice(&preview));
}
