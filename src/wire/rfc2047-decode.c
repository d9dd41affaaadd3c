#include "wire/charset-utf8.h"
#include "wire/charset.h"
#include "wire/header.h"
#include "wire/mime-decode.h"
#include "wire/rfc2047.h"

#define CHARSET_LENGTH 100 /* with a language */

/*
 * Text ends at the first "?=". A "=?" before that is the next word, so this one is broken;
 * stopping there also keeps the time linear. Blanks in the text are wrong but met.
 */
static bool
take_text(struct slice *rest, struct slice *text)
{
	for (size_t i = 0; i + 1 < rest->length; i++) {
		if (rest->data[i] == '?' && rest->data[i + 1] == '=') {
			*text = slice_first(*rest, i);
			*rest = slice_from(*rest, i + 2);
			return true;
		}
		/* But "=?=" is padding and the end. */
		if (rest->data[i] == '=' && rest->data[i + 1] == '?' &&
			(i + 2 == rest->length || rest->data[i + 2] != '='))
			return false;
	}
	return false;
}

static bool
take_charset(struct slice *rest, struct slice *charset)
{
	size_t end = slice_find_byte(slice_first(*rest, CHARSET_LENGTH), '?');
	*charset = slice_first(*rest, end);
	*rest = slice_from(*rest, end);
	if (rest->length == 0 || rest->data[0] != '?' || end == 0)
		return false;
	*charset = slice_first(*charset, slice_find_byte(*charset, '*'));
	*rest = slice_from(*rest, 1);
	return true;
}

bool
encoded_word_parse(struct slice s, struct encoded_word *word)
{
	struct slice rest = s;
	if (!slice_starts(rest, SLICE("=?")))
		return false;
	rest = slice_from(rest, 2);
	if (!take_charset(&rest, &word->charset) || rest.length < 2 || rest.data[1] != '?')
		return false;
	word->encoding = byte_lower(rest.data[0]);
	rest = slice_from(rest, 2);
	if ((word->encoding != 'q' && word->encoding != 'b') ||
		!take_text(&rest, &word->text))
		return false;
	word->length = s.length - rest.length;
	return true;
}

/* RFC 2047 4.2. */
static void
put_q_decoded(struct slice text, struct buffer *into)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		int high = i + 2 < text.length ? byte_hex_value(text.data[i + 1]) : -1;
		int low = i + 2 < text.length ? byte_hex_value(text.data[i + 2]) : -1;
		if (c == '=' && high >= 0 && low >= 0) {
			buffer_put_byte(into, (char)(high << 4 | low));
			i += 2;
		} else {
			buffer_put_byte(into, c == '_' ? ' ' : c);
		}
	}
}

static void
put_b_decoded(struct slice text, struct buffer *into)
{
	struct wire_decoder decoder = wire_decoder_of(WIRE_ENCODING_BASE64);
	wire_decode(&decoder, text, into);
	wire_decode_end(&decoder, into);
}

/*
 * The bytes of adjacent words of one charset are gathered, as many writers cut characters
 * between words.
 */
struct text_decoding {
	struct buffer bytes, out;
	struct slice charset;
	bool after_word;
};

static void
release_decoding(struct text_decoding *decoding)
{
	buffer_free(&decoding->bytes);
	buffer_free(&decoding->out);
}

static void
flush_words(struct text_decoding *decoding)
{
	if (decoding->bytes.length > 0)
		wire_to_utf8(
			decoding->charset, buffer_slice(&decoding->bytes), &decoding->out);
	buffer_clear(&decoding->bytes);
}

static void
add_word(struct text_decoding *decoding, const struct encoded_word *word)
{
	if (!slice_equal_nocase(decoding->charset, word->charset))
		flush_words(decoding);
	decoding->charset = word->charset;
	decoding->after_word = true;
	if (word->encoding == 'q')
		put_q_decoded(word->text, &decoding->bytes);
	else
		put_b_decoded(word->text, &decoding->bytes);
}

/* RFC 2047 6.2: blanks between two words are not shown. */
static void
add_plain(struct text_decoding *decoding, struct slice text, bool before_word)
{
	if (text.length == 0 ||
		(decoding->after_word && before_word && slice_trim(text).length == 0))
		return;
	flush_words(decoding);
	decoding->after_word = false;
	wire_to_utf8(SLICE_NONE, text, &decoding->out);
}

static void
decode_line(struct text_decoding *decoding, struct slice line)
{
	struct encoded_word word;
	size_t plain = 0;
	while (plain < line.length) {
		struct slice rest = slice_from(line, plain);
		plain += slice_find(rest, SLICE("=?"));
		if (!encoded_word_parse(slice_from(line, plain), &word)) {
			plain = plain + 2 < line.length ? plain + 2 : line.length;
			continue;
		}
		add_plain(decoding, slice_first(line, plain), true);
		add_word(decoding, &word);
		line = slice_from(line, plain + word.length);
		plain = 0;
	}
	add_plain(decoding, line, false);
	flush_words(decoding);
}

static void
blank_controls(struct buffer *text)
{
	for (size_t i = 0; i < text->length; i++)
		if ((unsigned char)text->data[i] < ' ' || text->data[i] == 0x7f)
			text->data[i] = ' ';
}

struct slice
wire_header_text(struct arena *arena, struct slice raw)
{
	SCOPED(release_decoding)
	struct text_decoding decoding = {.bytes = buffer_with(2 * WIRE_HEADER_TEXT_LENGTH),
		.out = buffer_with(WIRE_HEADER_TEXT_LENGTH)};
	if (slice_absent(raw))
		return raw;
	decode_line(&decoding, wire_unfold(arena, raw));
	blank_controls(&decoding.out);
	return arena_copy(arena, slice_trim(buffer_slice(&decoding.out)));
}
