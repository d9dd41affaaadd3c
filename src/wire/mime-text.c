#include "wire/charset.h"
#include "wire/mime-decode.h"

#define SLACK 256

static bool
decode_whole(enum wire_encoding encoding, struct slice raw, struct buffer *into)
{
	struct wire_decoder decoder = wire_decoder_of(encoding);
	return wire_decode(&decoder, raw, into) && wire_decode_end(&decoder, into);
}

static bool
put_html(struct slice charset, struct slice decoded, struct buffer *into)
{
	/* A byte may become a character of three bytes. */
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(3 * decoded.length + SLACK);
	return wire_to_utf8(charset, decoded, &utf8) &&
	       wire_html_text(buffer_slice(&utf8), into);
}

bool
wire_mime_text(const struct wire_mime_part *part, struct slice raw, struct buffer *into)
{
	enum wire_encoding encoding = wire_encoding_of(part->encoding);
	struct slice charset = wire_parameter_value(&part->parameters, "charset");
	SCOPED(buffer_free) struct buffer decoded = buffer_with(raw.length + SLACK);
	if (encoding != WIRE_ENCODING_IDENTITY) {
		if (!decode_whole(encoding, raw, &decoded))
			return false;
		raw = buffer_slice(&decoded);
	}
	return wire_mime_part_is(part, "text", "html") ? put_html(charset, raw, into)
						       : wire_to_utf8(charset, raw, into);
}
