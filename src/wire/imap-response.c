#include "wire/imap-response.h"
#include "wire/utf7.h"

/* Longest text that is sent as a quoted string; clients have line buffers. */
#define QUOTED_MOST 1000

static bool
fits_quoted(struct slice text, bool utf8)
{
	if (text.length > QUOTED_MOST)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (c == '\r' || c == '\n' || c == '\0' || (!utf8 && (c & 0x80)))
			return false;
	}
	return !utf8 || slice_is_utf8(text);
}

/* ASTRING-CHAR (RFC 3501 9); a NIL would be taken for none. */
static bool
fits_atom(struct slice text)
{
	if (text.length == 0 || slice_equal_nocase(text, SLICE("NIL")))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (c <= ' ' || c >= 0x7f || strchr("(){%*\"\\]", c))
			return false;
	}
	return true;
}

bool
wire_imap_put_quoted(struct buffer *into, struct slice text)
{
	buffer_put_byte(into, '"');
	while (text.length > 0) {
		size_t plain = 0;
		while (plain < text.length && text.data[plain] != '"' &&
			text.data[plain] != '\\')
			plain++;
		buffer_put(into, slice_first(text, plain));
		if (plain < text.length) {
			buffer_put_byte(into, '\\');
			buffer_put_byte(into, text.data[plain]);
		}
		text = slice_from(text, plain + 1);
	}
	return buffer_put_byte(into, '"');
}

bool
wire_imap_put_literal_head(struct buffer *into, uint64_t size)
{
	buffer_put_byte(into, '{');
	buffer_put_number(into, size);
	return buffer_put_text(into, "}\r\n");
}

bool
wire_imap_put_literal(struct buffer *into, struct slice bytes)
{
	wire_imap_put_literal_head(into, bytes.length);
	while (bytes.length > 0) {
		size_t nul = slice_find_byte(bytes, '\0');
		buffer_put(into, slice_first(bytes, nul));
		if (nul < bytes.length)
			buffer_put_byte(into, '?');
		bytes = slice_from(bytes, nul + 1);
	}
	return !buffer_failed(into);
}

bool
wire_imap_put_string(struct buffer *into, struct slice text, bool utf8)
{
	if (fits_quoted(text, utf8))
		return wire_imap_put_quoted(into, text);
	return wire_imap_put_literal(into, text);
}

bool
wire_imap_put_nstring(struct buffer *into, struct slice text, bool utf8)
{
	if (slice_absent(text))
		return buffer_put_text(into, "NIL");
	return wire_imap_put_string(into, text, utf8);
}

bool
wire_imap_put_astring(struct buffer *into, struct slice text, bool utf8)
{
	if (fits_atom(text))
		return buffer_put(into, text);
	return wire_imap_put_string(into, text, utf8);
}

bool
wire_imap_put_mailbox(struct buffer *into, struct slice name, bool utf8)
{
	if (utf8)
		return wire_imap_put_astring(into, name, true);
	SCOPED(buffer_free) struct buffer encoded = buffer_with(name.length * 5 + 2);
	if (!wire_utf7_encode(name, &encoded))
		return wire_imap_put_astring(into, name, false);
	return wire_imap_put_astring(into, buffer_slice(&encoded), false);
}

static void
put_flag(struct buffer *into, struct slice flag, bool *begun)
{
	if (*begun)
		buffer_put_byte(into, ' ');
	buffer_put(into, flag);
	*begun = true;
}

bool
wire_imap_put_flags(
	struct buffer *into, const struct wire_imap_flags *flags, struct slice extra)
{
	bool begun = false;
	buffer_put_byte(into, '(');
	if (!slice_absent(extra))
		put_flag(into, extra, &begun);
	for (unsigned flag = WIRE_IMAP_SEEN; flag <= WIRE_IMAP_DRAFT; flag <<= 1)
		if (flags->system & flag)
			put_flag(into, wire_imap_system_flag_name(flag), &begun);
	for (size_t i = 0; i < flags->keyword_count; i++)
		put_flag(into, flags->keywords[i], &begun);
	return buffer_put_byte(into, ')');
}

static bool
put_set_number(struct buffer *into, uint32_t number)
{
	if (number == WIRE_IMAP_STAR)
		return buffer_put_byte(into, '*');
	return buffer_put_number(into, number);
}

static bool
put_range(struct buffer *into, struct wire_imap_range range, bool begun)
{
	if (begun)
		buffer_put_byte(into, ',');
	bool put = put_set_number(into, range.first);
	if (range.last == range.first)
		return put;
	buffer_put_byte(into, ':');
	return put_set_number(into, range.last);
}

bool
wire_imap_put_set(struct buffer *into, const struct wire_imap_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_range(into, ranges[i], i > 0);
	return !buffer_failed(into);
}

bool
wire_imap_set_writer_add(struct wire_imap_set_writer *writer, uint32_t number)
{
	if (writer->first > 0 && number == writer->last + 1) {
		writer->last = number;
		return !buffer_failed(writer->into);
	}
	bool put = wire_imap_set_writer_end(writer);
	writer->first = writer->last = number;
	return put;
}

bool
wire_imap_set_writer_end(struct wire_imap_set_writer *writer)
{
	if (writer->first == 0)
		return !buffer_failed(writer->into);
	struct wire_imap_range run = {writer->first, writer->last};
	bool put = put_range(writer->into, run, writer->begun);
	writer->begun = true;
	writer->first = 0;
	return put;
}
