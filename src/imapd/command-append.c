/* APPEND: RFC 3501 6.3.11; APPENDUID: RFC 4315 3. */
#include "imapd/imapd-internal.h"
#include "wire/crlf-sink.h"
#include <stdatomic.h>

/* The message while it comes in. Counted, as the errand that seals it may outlive us. */
struct imapd_upload {
	_Atomic unsigned references;
	struct post_incoming *incoming;
	struct wire_crlf_sink converter;
	enum base_failure failure;
	bool has_nul;
};

struct appending {
	struct post_mailbox *mailbox;
	struct post_append append;
	struct slice *names;
};

static enum base_failure
upload_write(void *argument, struct slice bytes)
{
	struct imapd_upload *upload = argument;
	if (memchr(bytes.data, 0, bytes.length))
		upload->has_nul = true;
	if (!upload->failure)
		upload->failure = post_incoming_add(upload->incoming, bytes);
	return upload->failure;
}

struct imapd_upload *
imapd_upload_begin(struct imapd_session *session)
{
	struct imapd_upload *upload = calloc(1, sizeof *upload);
	ASSERT(upload);
	atomic_init(&upload->references, 1);
	upload->incoming = post_incoming_create(session->context->post);
	upload->converter.inner =
		(struct wire_sink){.write = upload_write, .argument = upload};
	return upload;
}

struct imapd_upload *
imapd_upload_refused(enum base_failure failure)
{
	struct imapd_upload *upload = calloc(1, sizeof *upload);
	ASSERT(upload);
	atomic_init(&upload->references, 1);
	upload->failure = failure;
	return upload;
}

struct wire_sink
imapd_upload_sink(struct imapd_upload *upload)
{
	if (upload->failure)
		return wire_sink_nowhere();
	return wire_crlf_sink(&upload->converter);
}

void
imapd_upload_drop(struct imapd_upload *upload)
{
	if (!upload || atomic_fetch_sub(&upload->references, 1) > 1)
		return;
	post_incoming_destroy(upload->incoming);
	free(upload);
}

static void
release(void *argument)
{
	struct appending *appending = argument;
	post_mailbox_close(appending->mailbox);
}

static enum net_next
appended(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	struct appending *appending = session->call->act;
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	if (event->outcome)
		return imapd_failed(session, event->outcome);
	return imapd_ok_slice(
		session, arena_printf(session->call->arena, "[APPENDUID %u %u] Kept",
				 appending->append.uid_validity, appending->append.uid));
}

static enum net_next
append(struct imapd_session *session)
{
	struct appending *appending = session->call->act;
	struct base_error error = {0};
	struct base_ticket *ticket = post_append_messages(appending->mailbox,
		&session->upload->incoming, &appending->append, 1, &error);
	return ticket ? imapd_await(session, ticket, appended)
		      : imapd_failed(session, error.failure);
}

static enum net_next
sealed(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	return event->outcome ? imapd_failed(session, event->outcome) : append(session);
}

static enum base_failure
seal_run(void *argument, struct arena *moved)
{
	struct imapd_upload *upload = argument;
	(void)moved;
	enum base_failure failure = post_incoming_seal(upload->incoming);
	imapd_upload_drop(upload);
	return failure;
}

static enum net_next
seal(struct imapd_session *session)
{
	struct imapd_upload *upload = session->upload;
	if (!post_incoming_is_large(upload->incoming)) {
		enum base_failure failure = post_incoming_seal(upload->incoming);
		return failure ? imapd_failed(session, failure) : append(session);
	}
	atomic_fetch_add(&upload->references, 1);
	struct base_ticket *ticket = net_errand(net_of(session->net), NET_LANE_STORAGE,
		seal_run, upload, arena_create(ARENA_NO_CEILING));
	if (ticket)
		return imapd_await(session, ticket, sealed);
	imapd_upload_drop(upload);
	return imapd_failed(session, BASE_UNAVAILABLE);
}

static enum net_next
upload_fault(struct imapd_session *session)
{
	const struct imapd_upload *upload = session->upload;
	if (upload->failure == BASE_TOO_LARGE)
		return imapd_no(session, "[TOOBIG] The message is too large");
	if (upload->failure)
		return imapd_failed(session, upload->failure);
	if (upload->has_nul)
		return imapd_no(session, "[CANNOT] The message holds NUL bytes");
	return imapd_no(session, "[CANNOT] The message is empty");
}

static struct appending *
appending_of(struct imapd_call *call, const struct wire_imap_append *wanted)
{
	struct appending *appending = ARENA_NEW(call->arena, struct appending);
	appending->append.flag_count =
		imapd_flag_names(call->arena, &wanted->flags, &appending->names);
	appending->append.flags = appending->names;
	appending->append.internal_date = wanted->has_date ? wanted->date.unix_time : 0;
	appending->append.zone = wanted->has_date ? wanted->date.zone : 0;
	call->act = appending;
	return appending;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_append wanted;
	if (!wire_imap_append_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	const struct imapd_upload *upload = session->upload;
	if (!upload)
		return imapd_bad(session, "The message must be a literal");
	if (upload->failure || upload->has_nul || post_incoming_size(upload->incoming) == 0)
		return upload_fault(session);
	struct appending *appending = appending_of(call, &wanted);
	enum base_failure failure = post_mailbox_open(
		session->account, imapd_mailbox_name(wanted.name), &appending->mailbox);
	if (failure)
		return imapd_no_target(session, failure);
	arena_on_release(call->arena, release, appending);
	return seal(session);
}

const struct imapd_command imapd_command_append = {
	.name = "APPEND",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.11",
	.purpose = "Puts a message into a mailbox",
	.file = __FILE__,
	.run = run,
};
