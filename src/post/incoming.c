#include "post/incoming.h"
#include "post/content.h"
#include "post/incoming-internal.h"
#include "wire/mime-decode.h"

#define TRACE_MOST (256 * 1024)

struct post_incoming *
post_incoming_create(struct post *post)
{
	struct post_incoming *incoming = calloc(1, sizeof *incoming);
	ASSERT(incoming);
	incoming->post = post;
	incoming->most = post->settings.message_size_most;
	incoming->bytes = buffer_with(STORE_BLOB_IN_MEMORY_MOST);
	incoming->trace = buffer_with(TRACE_MOST);
	incoming->content = buffer_with(STORE_VALUE_MOST);
	incoming->sha256 = base_sha256_create();
	incoming->arena = arena_create(ARENA_NO_CEILING);
	incoming->parser = wire_mime_begin(incoming->arena);
	return incoming;
}

void
post_incoming_destroy(struct post_incoming *incoming)
{
	if (!incoming)
		return;
	post_receiving_end(&incoming->post->receiving, &incoming->share);
	store_blob_drop(incoming->blob);
	store_spill_destroy(incoming->spill);
	base_sha256_destroy(incoming->sha256);
	buffer_free(&incoming->bytes);
	buffer_free(&incoming->trace);
	buffer_free(&incoming->content);
	arena_destroy(incoming->arena);
	free(incoming);
}

/* From memory into a file, once. */
static enum base_failure
spill(struct post_incoming *incoming)
{
	enum base_failure failure =
		store_spill_create(incoming->post->store, &incoming->spill);
	if (failure)
		return failure;
	failure = store_spill_write(incoming->spill, buffer_slice(&incoming->bytes));
	buffer_free(&incoming->bytes);
	post_receiving_spilled(&incoming->post->receiving, &incoming->share);
	return failure;
}

/* Room for so many more bytes, the buffer's doubling counted in. */
static bool
has_memory(struct post_incoming *incoming, size_t length)
{
	size_t needed = incoming->bytes.length + length;
	if (needed > STORE_BLOB_IN_MEMORY_MOST)
		return false;
	if (needed <= incoming->bytes.capacity)
		return true;
	return post_receiving_hold_bytes(
		&incoming->post->receiving, &incoming->share, needed * 2);
}

static enum base_failure
keep(struct post_incoming *incoming, struct slice bytes)
{
	if (!incoming->spill && has_memory(incoming, bytes.length)) {
		buffer_put(&incoming->bytes, bytes);
		return BASE_OK;
	}
	enum base_failure failure = incoming->spill ? BASE_OK : spill(incoming);
	return failure ? failure : store_spill_write(incoming->spill, bytes);
}

enum base_failure
post_incoming_add(struct post_incoming *incoming, struct slice bytes)
{
	ASSERT(!incoming->sealed);
	if (incoming->failure)
		return incoming->failure;
	if (bytes.length > incoming->most - incoming->size)
		return incoming->failure = BASE_TOO_LARGE;
	incoming->failure = keep(incoming, bytes);
	if (incoming->failure)
		return incoming->failure;
	incoming->size += bytes.length;
	base_sha256_add(incoming->sha256, bytes);
	wire_mime_feed(incoming->parser, bytes);
	if (!post_receiving_hold_structure(&incoming->post->receiving, &incoming->share,
		    wire_mime_held(incoming->parser)))
		incoming->failure = BASE_UNAVAILABLE;
	return incoming->failure;
}

uint64_t
post_incoming_size(const struct post_incoming *incoming)
{
	return incoming->size;
}

struct slice
post_incoming_header(struct post_incoming *incoming)
{
	return wire_mime_header(incoming->parser);
}

void
post_incoming_set_trace(struct post_incoming *incoming, struct slice lines)
{
	ASSERT(!incoming->sealed);
	buffer_clear(&incoming->trace);
	buffer_put(&incoming->trace, lines);
	incoming->traced = true;
}

bool
post_incoming_is_large(const struct post_incoming *incoming)
{
	return incoming->spill && incoming->size > STORE_BLOB_IN_MEMORY_MOST;
}

/* A small one, spilled for want of memory, travels with its commit as others do. */
static enum base_failure
take_back(struct post_incoming *incoming)
{
	size_t got = 0, size = (size_t)incoming->size;
	char *room = buffer_reserve(&incoming->bytes, size);
	enum base_failure failure = store_spill_read(incoming->spill, 0, room, size, &got);
	if (failure)
		return failure;
	buffer_commit(&incoming->bytes, got);
	store_spill_destroy(incoming->spill);
	incoming->spill = NULL;
	return BASE_OK;
}

/* The first bytes of a part's body: in memory, or read back from the file. */
static enum base_failure
part_bytes(struct post_incoming *incoming, const struct wire_mime_part *part,
	struct slice *bytes)
{
	uint64_t length = wire_mime_part_size(part);
	if (length > WIRE_PREVIEW_RAW)
		length = WIRE_PREVIEW_RAW;
	if (!incoming->spill) {
		*bytes = slice_part(
			buffer_slice(&incoming->bytes), part->body_start, (size_t)length);
		return BASE_OK;
	}
	size_t got = 0;
	char *copy = arena_take(incoming->arena, (size_t)length + 1);
	enum base_failure failure = store_spill_read(
		incoming->spill, part->body_start, copy, (size_t)length, &got);
	*bytes = slice_of(copy, got);
	return failure;
}

static enum base_failure
build_content(struct post_incoming *incoming, const struct wire_message *message)
{
	struct post_content_input input = {
		.hash = incoming->hash,
		.message = message,
		.header = wire_mime_header(incoming->parser),
		.trace = buffer_slice(&incoming->trace),
		.preview_part = wire_preview_part(message->top),
	};
	enum base_failure failure = BASE_OK;
	if (input.preview_part)
		failure = part_bytes(incoming, input.preview_part, &input.preview_raw);
	if (!failure)
		post_content_build(&input, &incoming->content);
	return failure;
}

static enum base_failure
make_blob(struct post_incoming *incoming)
{
	struct store_hash hash;
	struct store *store = incoming->post->store;
	struct slice trace = buffer_slice(&incoming->trace);
	memcpy(hash.bytes, incoming->hash, sizeof hash.bytes);
	if (incoming->spill)
		return store_blob_of_spill(
			store, &hash, trace, &incoming->spill, &incoming->blob);
	incoming->blob = store_blob_of_memory(store, &hash, trace, &incoming->bytes);
	return BASE_OK;
}

enum base_failure
post_incoming_seal(struct post_incoming *incoming)
{
	ASSERT(!incoming->sealed);
	if (buffer_failed(&incoming->trace))
		incoming->failure = BASE_TOO_LARGE;
	if (incoming->failure)
		return incoming->failure;
	const struct wire_message *message = post_incoming_structure(incoming);
	base_sha256_end(incoming->sha256, incoming->hash);
	/* A body without a header must not flow into the trace lines before it. */
	if (incoming->traced && message->oddities & WIRE_MIME_NO_HEADER)
		buffer_put(&incoming->trace, SLICE("\r\n"));
	if (incoming->spill && !post_incoming_is_large(incoming))
		incoming->failure = take_back(incoming);
	if (!incoming->failure)
		incoming->failure = build_content(incoming, message);
	if (!incoming->failure)
		incoming->failure = make_blob(incoming);
	incoming->sealed = !incoming->failure;
	return incoming->failure;
}

struct slice
post_incoming_trace(const struct post_incoming *incoming)
{
	return buffer_slice(&incoming->trace);
}

struct store_hash
post_incoming_hash(const struct post_incoming *incoming)
{
	struct store_hash hash;
	ASSERT(incoming->sealed);
	memcpy(hash.bytes, incoming->hash, sizeof hash.bytes);
	return hash;
}
