#include "wire/body-structure.h"
#include "wire/envelope.h"
#include "wire/imap-response.h"

struct rendering {
	struct buffer *into;
	bool extended; /* BODYSTRUCTURE */
	bool sees_global;
};

static void put_part(const struct rendering *rendering, const struct wire_mime_part *part);

static void
put_field(const struct rendering *rendering, struct slice text)
{
	buffer_put_byte(rendering->into, ' ');
	wire_imap_put_nstring(rendering->into, text, false);
}

static void
put_pair(struct buffer *into, bool first, struct slice name, bool extended,
	struct slice value)
{
	buffer_put_byte(into, first ? '(' : ' ');
	if (extended) {
		/* RFC 2231: the value stays encoded, and its name says so. */
		SCOPED(buffer_free)
		struct buffer starred = buffer_with(name.length + 1);
		buffer_put(&starred, name);
		buffer_put_byte(&starred, '*');
		wire_imap_put_string(into, buffer_slice(&starred), false);
	} else {
		wire_imap_put_string(into, name, false);
	}
	buffer_put_byte(into, ' ');
	wire_imap_put_string(into, value, false);
}

static void
put_parameters(const struct rendering *rendering, const struct wire_parameters *parameters,
	bool default_charset)
{
	struct buffer *into = rendering->into;
	buffer_put_byte(into, ' ');
	for (uint32_t i = 0; i < parameters->count; i++) {
		const struct wire_parameter *parameter = &parameters->list[i];
		put_pair(into, i == 0, parameter->name, parameter->extended,
			parameter->value);
	}
	if (default_charset)
		put_pair(into, parameters->count == 0, SLICE("charset"), false,
			SLICE("us-ascii"));
	if (parameters->count > 0 || default_charset)
		buffer_put_byte(into, ')');
	else
		buffer_put(into, SLICE("NIL"));
}

static void
put_disposition(const struct rendering *rendering, const struct wire_mime_part *part)
{
	if (slice_absent(part->disposition.kind)) {
		buffer_put(rendering->into, SLICE(" NIL"));
		return;
	}
	buffer_put(rendering->into, SLICE(" ("));
	wire_imap_put_string(rendering->into, part->disposition.kind, false);
	put_parameters(rendering, &part->disposition.parameters, false);
	buffer_put_byte(rendering->into, ')');
}

static void
put_languages(const struct rendering *rendering, const struct wire_mime_part *part)
{
	if (part->language_count == 0) {
		buffer_put(rendering->into, SLICE(" NIL"));
		return;
	}
	for (uint32_t i = 0; i < part->language_count; i++) {
		buffer_put(rendering->into, i == 0 ? SLICE(" (") : SLICE(" "));
		wire_imap_put_string(rendering->into, part->languages[i], false);
	}
	buffer_put_byte(rendering->into, ')');
}

/* body-fld-dsp, -lang, -loc: what all kinds of parts end in. */
static void
put_common_extension(const struct rendering *rendering, const struct wire_mime_part *part)
{
	put_disposition(rendering, part);
	put_languages(rendering, part);
	put_field(rendering, part->location);
}

static void
put_multipart(const struct rendering *rendering, const struct wire_mime_part *part)
{
	for (const struct wire_mime_part *child = part->child; child; child = child->next)
		put_part(rendering, child);
	buffer_put_byte(rendering->into, ' ');
	wire_imap_put_string(rendering->into, part->subtype, false);
	if (rendering->extended) {
		put_parameters(rendering, &part->parameters, false);
		put_common_extension(rendering, part);
	}
}

static bool
is_shown_as_message(const struct rendering *rendering, const struct wire_mime_part *part)
{
	return part->kind == WIRE_MIME_MESSAGE &&
	       (rendering->sees_global || !slice_equal(part->subtype, SLICE("global")));
}

/* body-type-1part. */
static void
put_single(const struct rendering *rendering, const struct wire_mime_part *part)
{
	struct buffer *into = rendering->into;
	bool is_text = wire_mime_part_is(part, "text", NULL);
	bool no_charset = is_text && !wire_parameter_find(&part->parameters, "charset");
	wire_imap_put_string(into, part->type, false);
	buffer_put_byte(into, ' ');
	wire_imap_put_string(into, part->subtype, false);
	put_parameters(rendering, &part->parameters, no_charset);
	put_field(rendering, part->id);
	put_field(rendering, part->description);
	put_field(rendering, slice_absent(part->encoding) ? SLICE("7bit") : part->encoding);
	buffer_put_byte(into, ' ');
	buffer_put_number(into, wire_mime_part_size(part));
	if (is_shown_as_message(rendering, part)) {
		buffer_put_byte(into, ' ');
		wire_envelope_put(into, part->child->envelope);
		buffer_put_byte(into, ' ');
		put_part(rendering, part->child);
	}
	if (is_text || is_shown_as_message(rendering, part)) {
		buffer_put_byte(into, ' ');
		buffer_put_number(into, part->lines);
	}
	if (rendering->extended) {
		put_field(rendering, part->md5);
		put_common_extension(rendering, part);
	}
}

/* Calls itself no deeper than WIRE_MIME_DEPTH. */
static void
put_part(const struct rendering *rendering, const struct wire_mime_part *part)
{
	buffer_put_byte(rendering->into, '(');
	if (part->kind == WIRE_MIME_MULTIPART)
		put_multipart(rendering, part);
	else
		put_single(rendering, part);
	buffer_put_byte(rendering->into, ')');
}

bool
wire_body_put(struct buffer *into, const struct wire_mime_part *top,
	enum wire_body_form form, bool sees_global)
{
	struct rendering rendering = {into, form == WIRE_BODY_STRUCTURE, sees_global};
	put_part(&rendering, top);
	return !buffer_failed(into);
}
