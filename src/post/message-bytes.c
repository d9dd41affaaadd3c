#include "post/mailbox-internal.h"
#include "post/message-internal.h"

/* The bytes of a message: what stands in front of the blob, then the blob. */

struct message_source {
	struct base_source source;
	struct post_view *view; /* pinned, so that the message is not purged; or NULL */
	struct store_reader *reader;
	struct slice head; /* a copy behind this struct */
	uint64_t at, end;  /* of the message */
	char copy[];
};

/* Reads from position at; 0 at the end, BASE_SOURCE_FAILED. */
static size_t
read_at(struct message_source *source, char *into, size_t room)
{
	size_t got = 0;
	if (room > source->end - source->at)
		room = (size_t)(source->end - source->at);
	if (source->at < source->head.length) {
		struct slice part = slice_part(source->head, (size_t)source->at, room);
		memcpy(into, part.data, part.length);
		got = part.length;
	} else if (room && store_reader_read(source->reader,
				   source->at - source->head.length, into, room, &got)) {
		return BASE_SOURCE_FAILED;
	}
	/* Bytes that the records promise but the blob has not. */
	if (room && !got)
		return BASE_SOURCE_FAILED;
	source->at += got;
	return got;
}

static size_t
source_pull(struct base_source *base, char *into, size_t room)
{
	return read_at((struct message_source *)base, into, room);
}

static void
source_close(struct base_source *base)
{
	struct message_source *source = (struct message_source *)base;
	store_reader_close(source->reader);
	post_view_drop(source->view);
	free(source);
}

static uint64_t
range_end(const struct post_message *message, uint64_t offset, uint64_t length)
{
	return length > message->size - offset ? message->size : offset + length;
}

enum base_failure
post_message_open(struct store *store, struct post_view *view,
	const struct post_message *message, uint64_t offset, uint64_t length,
	struct base_source **source)
{
	struct store_hash hash;
	struct store_reader *reader = NULL;
	*source = NULL;
	if (offset > message->size)
		offset = message->size;
	uint64_t end = range_end(message, offset, length);
	memcpy(hash.bytes, message->blob, sizeof hash.bytes);
	if (end > message->head.length) {
		enum base_failure failure = store_reader_open(store, &hash, &reader);
		if (failure)
			return failure == BASE_NOT_FOUND ? BASE_DAMAGED : failure;
	}
	struct message_source *made = malloc(sizeof *made + message->head.length);
	ASSERT(made);
	*made = (struct message_source){
		.source = {.pull = source_pull, .close = source_close},
		.view = view ? post_view_hold(view) : NULL,
		.reader = reader,
		.at = offset,
		.end = end,
	};
	memcpy(made->copy, message->head.data, message->head.length);
	made->head = slice_of(made->copy, message->head.length);
	*source = &made->source;
	return BASE_OK;
}

static enum base_failure
pull_all(struct base_source *source, char *into, size_t length)
{
	for (size_t got = 0; got < length;) {
		size_t piece = source->pull(source, into + got, length - got);
		if (piece == 0 || piece == BASE_SOURCE_FAILED)
			return BASE_DAMAGED;
		got += piece;
	}
	return BASE_OK;
}

enum base_failure
post_message_copy(struct store *store, struct post_view *view,
	const struct post_message *message, uint64_t offset, uint64_t length,
	struct arena *arena, size_t ceiling, struct slice *bytes)
{
	struct base_source *source;
	*bytes = SLICE_NONE;
	if (offset > message->size)
		offset = message->size;
	uint64_t wanted = range_end(message, offset, length) - offset;
	if (wanted > ceiling || !arena_has_room(arena, (size_t)wanted + 1))
		return BASE_TOO_LARGE;
	enum base_failure failure =
		post_message_open(store, view, message, offset, wanted, &source);
	if (failure)
		return failure;
	char *copy = arena_take(arena, (size_t)wanted + 1);
	failure = pull_all(source, copy, (size_t)wanted);
	source->close(source);
	if (!failure)
		*bytes = slice_of(copy, (size_t)wanted);
	return failure;
}

enum base_failure
post_message_fields(struct store *store, struct post_view *view,
	const struct post_message *message, struct arena *arena, struct slice *fields)
{
	struct slice parts[2] = {message->head, message->header};
	if (!slice_absent(message->header)) {
		*fields = arena_join(arena, parts, 2);
		return BASE_OK;
	}
	uint64_t length = message->structure->top->body_start;
	if (length > POST_FIELDS_MOST)
		length = POST_FIELDS_MOST;
	return post_message_copy(
		store, view, message, 0, length, arena, POST_FIELDS_MOST, fields);
}

/* --- in a view ---------------------------------------------------------------------------
 */

static struct store *
store_of(const struct post_view *view)
{
	return view->mailbox->account->post->store;
}

static struct post_view *
counted(const struct post_view *view)
{
	return (struct post_view *)(uintptr_t)view;
}

enum base_failure
post_message_source(const struct post_view *view, const struct post_message *message,
	uint64_t offset, uint64_t length, struct base_source **source)
{
	return post_message_open(
		store_of(view), counted(view), message, offset, length, source);
}

enum base_failure
post_message_bytes(const struct post_view *view, const struct post_message *message,
	uint64_t offset, uint64_t length, struct arena *arena, size_t ceiling,
	struct slice *bytes)
{
	return post_message_copy(store_of(view), counted(view), message, offset, length,
		arena, ceiling, bytes);
}
