#include "imapd/upload.h"
#include "imapd/url.h"
#include "wire/crlf-sink.h"

enum { FAULT_MOST = WIRE_IMAP_URL_MOST + 256 };

struct imapd_upload {
	_Atomic unsigned references;
	struct post *post;
	struct post_incoming **messages;
	bool *raw; /* of each: a literal8 brought it */
	size_t count;
	size_t part; /* of the last message: those before it are in */
	struct wire_crlf_sink converter;
	bool binary, has_nul;
	uint64_t size; /* of all */
	struct buffer fault;
};

struct imapd_upload *
imapd_upload_begin(struct imapd_session *session)
{
	struct imapd_upload *upload = calloc(1, sizeof *upload);
	ASSERT(upload);
	atomic_init(&upload->references, 1);
	upload->post = session->context->post;
	upload->fault = buffer_with(FAULT_MOST);
	return upload;
}

void
imapd_upload_drop(struct imapd_upload *upload)
{
	if (!upload || atomic_fetch_sub(&upload->references, 1) > 1)
		return;
	for (size_t i = 0; i < upload->count; i++)
		post_incoming_destroy(upload->messages[i]);
	free(upload->messages);
	free(upload->raw);
	buffer_free(&upload->fault);
	free(upload);
}

void
imapd_upload_fail(struct imapd_upload *upload, const char *fault)
{
	if (upload->fault.length == 0) {
		buffer_put_text(&upload->fault, fault);
		buffer_put_byte(&upload->fault, 0);
	}
}

const char *
imapd_upload_fault(const struct imapd_upload *upload)
{
	return upload->fault.length ? upload->fault.data : NULL;
}

static void
fail_with(struct imapd_upload *upload, enum base_failure failure)
{
	imapd_upload_fail(upload, failure == BASE_TOO_LARGE
					  ? "[TOOBIG] The message is too large"
					  : imapd_failure_text(failure));
}

static enum base_failure
write_bytes(void *argument, struct slice bytes)
{
	struct imapd_upload *upload = argument;
	if (imapd_upload_fault(upload))
		return BASE_OK;
	if (!upload->binary && slice_find_byte(bytes, '\0') < bytes.length)
		upload->has_nul = true;
	upload->size += bytes.length;
	enum base_failure failure =
		upload->size > IMAPD_UPLOAD_MOST
			? BASE_TOO_LARGE
			: post_incoming_add(upload->messages[upload->count - 1], bytes);
	if (failure)
		fail_with(upload, failure);
	return BASE_OK;
}

struct wire_sink
imapd_upload_sink(struct imapd_upload *upload, bool binary)
{
	upload->binary = binary;
	upload->raw[upload->count - 1] |= binary;
	return binary ? (struct wire_sink){write_bytes, upload}
		      : wire_crlf_sink(&upload->converter);
}

static void
new_message(struct imapd_upload *upload)
{
	struct post_incoming **grown =
		realloc(upload->messages, (upload->count + 1) * sizeof *upload->messages);
	bool *raw = realloc(upload->raw, (upload->count + 1) * sizeof *raw);
	ASSERT(grown && raw);
	upload->messages = grown;
	upload->raw = raw;
	upload->raw[upload->count] = false;
	upload->messages[upload->count++] = post_incoming_create(upload->post);
	upload->part = 0;
	upload->converter = (struct wire_crlf_sink){
		.inner = {.write = write_bytes, .argument = upload}};
}

/* RFC 4469 4: which URL it was. */
static void
bad_url(struct imapd_upload *upload, struct slice url)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(FAULT_MOST - 1);
	buffer_put_text(&text, "[BADURL ");
	if (url.length > WIRE_IMAP_URL_MOST || !wire_imap_put_quoted(&text, url)) {
		imapd_upload_fail(upload, "[CANNOT] That is no URL of a message");
		return;
	}
	buffer_put_text(&text, "] It names nothing that can be read");
	buffer_put_byte(&text, 0);
	if (!buffer_failed(&text))
		imapd_upload_fail(upload, text.data);
}

static void
take_part(struct imapd_session *session, struct imapd_upload *upload,
	const struct wire_imap_append_part *part)
{
	if (slice_absent(part->url) || imapd_upload_fault(upload))
		return;
	struct wire_sink sink = imapd_upload_sink(upload, true);
	if (imapd_url_read(session, part->url, sink))
		bad_url(upload, part->url);
}

void
imapd_upload_advance(struct imapd_session *session, struct imapd_upload *upload,
	const struct wire_imap_append *append)
{
	if (upload->count == 0)
		new_message(upload);
	for (;;) {
		const struct wire_imap_append_message *message =
			&append->messages[upload->count - 1];
		for (; upload->part < message->part_count; upload->part++)
			take_part(session, upload, &message->parts[upload->part]);
		if (upload->count == append->count)
			return;
		new_message(upload);
	}
}

void
imapd_upload_check(struct imapd_upload *upload)
{
	if (upload->has_nul)
		imapd_upload_fail(upload, "[CANNOT] The message holds NUL bytes");
	for (size_t i = 0; i < upload->count; i++)
		if (post_incoming_size(upload->messages[i]) == 0)
			imapd_upload_fail(upload, "[CANNOT] The message is empty");
}

/* --- sealing ---------------------------------------------------------------------------
 */

struct post_incoming *const *
imapd_upload_messages(const struct imapd_upload *upload, size_t *count)
{
	*count = upload->count;
	return upload->messages;
}

/* RFC 3516 4.4: what a literal8 brings is kept as any client can read it. */
static enum base_failure
seal_one(struct imapd_upload *upload, size_t i)
{
	enum base_failure failure = BASE_OK;
	if (upload->raw[i])
		failure = post_incoming_encode(upload->messages[i]);
	return failure ? failure : post_incoming_seal(upload->messages[i]);
}

static enum base_failure
seal_all(struct imapd_upload *upload)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < upload->count && !failure; i++)
		failure = seal_one(upload, i);
	return failure;
}

static enum base_failure
seal_run(void *argument, struct arena *moved)
{
	struct imapd_upload *upload = argument;
	(void)moved;
	enum base_failure failure = seal_all(upload);
	imapd_upload_drop(upload);
	return failure;
}

static bool
is_slow(const struct imapd_upload *upload)
{
	for (size_t i = 0; i < upload->count; i++)
		if (post_incoming_is_large(upload->messages[i]))
			return true;
	return false;
}

struct base_ticket *
imapd_upload_seal(struct imapd_session *session, struct imapd_upload *upload,
	enum base_failure *failure)
{
	if (!is_slow(upload)) {
		*failure = seal_all(upload);
		return NULL;
	}
	atomic_fetch_add(&upload->references, 1);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_ticket *ticket =
		net_errand(net_of(session->net), NET_LANE_STORAGE, seal_run, upload, arena);
	if (ticket)
		return ticket;
	arena_destroy(arena);
	imapd_upload_drop(upload);
	*failure = BASE_UNAVAILABLE;
	return NULL;
}
