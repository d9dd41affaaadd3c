#include "post/content.h"
#include "store/store.h"
#include "wire/body-structure.h"
#include "wire/envelope.h"
#include "wire/mime-decode.h"

#define PREVIEW_FIRST_TRY 2048

struct rendered {
	struct buffer envelope, body, body_structure, structure;
};

static void
rendered_free(struct rendered *rendered)
{
	buffer_free(&rendered->envelope);
	buffer_free(&rendered->body);
	buffer_free(&rendered->body_structure);
	buffer_free(&rendered->structure);
}

static struct rendered
rendered_new(void)
{
	return (struct rendered){
		.envelope = buffer_with(POST_CONTENT_ENVELOPE_MOST),
		.body = buffer_with(POST_CONTENT_STRUCTURE_MOST),
		.body_structure = buffer_with(POST_CONTENT_STRUCTURE_MOST),
		.structure = buffer_with(POST_CONTENT_STRUCTURE_MOST),
	};
}

static bool
render_structure(struct rendered *rendered, const struct wire_message *message)
{
	return wire_body_put(&rendered->body, message->top, WIRE_BODY, false) &&
	       wire_body_put(&rendered->body_structure, message->top, WIRE_BODY_STRUCTURE,
		       false) &&
	       wire_mime_pack(message, false, &rendered->structure);
}

/* The same message as one part that nobody looks into. */
static void
render_opaque(struct rendered *rendered, const struct wire_message *message)
{
	struct wire_mime_part top = {.kind = WIRE_MIME_LEAF,
		.header_start = message->top->header_start,
		.body_start = message->top->body_start,
		.body_end = message->top->body_end,
		.lines = message->top->lines,
		.type = SLICE("application"),
		.subtype = SLICE("octet-stream")};
	struct wire_message opaque = *message;
	opaque.top = &top;
	opaque.parts = 1;
	buffer_clear(&rendered->body);
	buffer_clear(&rendered->body_structure);
	buffer_clear(&rendered->structure);
	bool fits = render_structure(rendered, &opaque);
	ASSERT(fits);
}

static void
render(struct rendered *rendered, const struct wire_message *message)
{
	if (!wire_envelope_put(&rendered->envelope, message->top->envelope)) {
		buffer_clear(&rendered->envelope);
		bool fits = wire_envelope_put(&rendered->envelope, NULL);
		ASSERT(fits);
	}
	if (!render_structure(rendered, message))
		render_opaque(rendered, message);
}

/* Mostly some lines are enough; a page of HTML may begin with much that is no text. */
static struct slice
preview_of(struct arena *arena, const struct post_content_input *input)
{
	struct slice raw = input->preview_raw, some = slice_first(raw, PREVIEW_FIRST_TRY);
	size_t whole_lines = slice_find_last_byte(some, '\n');
	if (some.length < raw.length && whole_lines < some.length) {
		some = slice_first(some, whole_lines);
		struct slice preview = wire_preview(arena, input->preview_part, some);
		if (preview.length >= WIRE_PREVIEW_CHARACTERS)
			return preview;
	}
	return wire_preview(arena, input->preview_part, raw);
}

void
post_content_build(const struct post_content_input *input, struct buffer *into)
{
	struct post_content_record content = {.size = input->message->size,
		.trace = input->trace,
		.renderer = WIRE_RENDERER_VERSION};
	SCOPED(rendered_free) struct rendered rendered = rendered_new();
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	memcpy(content.hash, input->hash, BASE_SHA256_SIZE);
	if (input->header.length <= POST_CONTENT_HEADER_MOST)
		content.header = input->header;
	if (input->preview_part)
		content.preview = preview_of(arena, input);
	render(&rendered, input->message);
	content.envelope = buffer_slice(&rendered.envelope);
	content.body = buffer_slice(&rendered.body);
	content.body_structure = buffer_slice(&rendered.body_structure);
	content.structure = buffer_slice(&rendered.structure);
	bool fits = post_content_pack(&content, into);
	ASSERT(fits);
}
