/* What APPEND and REPLACE share; APPENDUID: RFC 4315 3, RFC 3502 6. */
#include "imapd/appending.h"
#include "imapd/notify.h"
#include "imapd/rights.h"

enum { CODE_MOST = 16 * 1024 };

struct appending {
	struct post_mailbox *mailbox;
	struct post_append *appends;
	size_t count;
	struct post_uids *replaced; /* NULL: APPEND */
};

static void
release(void *argument)
{
	struct appending *appending = argument;
	post_mailbox_close(appending->mailbox);
	post_uids_destroy(appending->replaced);
}

static void
put_code(const struct appending *appending, struct buffer *into)
{
	struct wire_imap_set_writer writer = {.into = into};
	buffer_printf(into, "[APPENDUID %u ", appending->appends[0].uid_validity);
	for (size_t i = 0; i < appending->count; i++)
		wire_imap_set_writer_add(&writer, appending->appends[i].uid);
	wire_imap_set_writer_end(&writer);
	buffer_put_text(into, "] Kept");
}

/* REPLACE tells the new UID before the EXPUNGE of the old (RFC 8508 3.3). */
static void
note_own(struct imapd_session *session, const struct appending *appending)
{
	uint32_t *uids = ARENA_MANY(session->call->arena, uint32_t, appending->count);
	for (size_t i = 0; i < appending->count; i++)
		uids[i] = appending->appends[i].uid;
	imapd_notify_own_arrivals(session, appending->mailbox, uids, appending->count);
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
	note_own(session, appending);
	SCOPED(buffer_free) struct buffer text = buffer_with(CODE_MOST);
	put_code(appending, &text);
	if (!appending->replaced)
		return imapd_ok_slice(session, buffer_slice(&text));
	imapd_put_said(session, "* OK ", buffer_slice(&text));
	return imapd_ok(session, "Replaced");
}

static struct base_ticket *
submit(struct imapd_session *session, struct base_error *error)
{
	struct appending *appending = session->call->act;
	size_t count;
	struct post_incoming *const *messages =
		imapd_upload_messages(session->upload, &count);
	ASSERT(count == appending->count);
	if (!appending->replaced)
		return post_append_messages(
			appending->mailbox, messages, appending->appends, count, error);
	return post_replace_messages(session->selected->mailbox, appending->replaced,
		appending->mailbox, messages, appending->appends, count, error);
}

static enum net_next
append(struct imapd_session *session)
{
	struct base_error error = {0};
	const struct appending *appending = session->call->act;
	struct base_ticket *ticket = submit(session, &error);
	if (!ticket && appending->replaced && error.failure == BASE_NOT_FOUND)
		return imapd_expunged(session);
	return ticket ? imapd_await(session, ticket, appended)
		      : imapd_failed(session, error.failure);
}

/* RFC 3516 4.4, RFC 9051 7.1. */
static enum net_next
unsealed(struct imapd_session *session, enum base_failure failure)
{
	if (failure == BASE_INVALID)
		return imapd_no(
			session, "[UNKNOWN-CTE] NUL stands where nothing can encode it");
	if (failure == BASE_TOO_LARGE)
		return imapd_no(session, "[TOOBIG] The message is too large");
	return imapd_failed(session, failure);
}

static enum net_next
sealed(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_TICKET)
		return imapd_gone(session, event);
	return event->outcome ? unsealed(session, event->outcome) : append(session);
}

static enum net_next
seal(struct imapd_session *session)
{
	enum base_failure failure = BASE_OK;
	struct base_ticket *ticket = imapd_upload_seal(session, session->upload, &failure);
	if (ticket)
		return imapd_await(session, ticket, sealed);
	return failure ? unsealed(session, failure) : append(session);
}

static struct appending *
appending_of(struct imapd_call *call, const struct wire_imap_append *wanted)
{
	struct appending *appending = ARENA_NEW(call->arena, struct appending);
	appending->count = wanted->count;
	appending->appends = ARENA_MANY(call->arena, struct post_append, wanted->count);
	for (size_t i = 0; i < wanted->count; i++) {
		const struct wire_imap_append_message *message = &wanted->messages[i];
		struct slice *names;
		struct post_append *append = &appending->appends[i];
		append->flag_count = imapd_flag_names(call->arena, &message->flags, &names);
		append->flags = names;
		append->has_date = message->has_date;
		append->internal_date = message->date.unix_time;
		append->zone = message->date.zone;
	}
	call->act = appending;
	arena_on_release(call->arena, release, appending);
	return appending;
}

/* RFC 8508 3.1: a number that is none is BAD, one that is gone NO. */
static enum net_next
find_replaced(struct imapd_session *session, struct imapd_call *call,
	const struct wire_imap_append *wanted, struct appending *appending, bool *found)
{
	const char *fault = NULL;
	struct wire_imap_set set = wanted->replaced;
	*found = false;
	if (!imapd_uids_of_set(session, &set, call->uid, &appending->replaced, &fault))
		return imapd_bad(session, fault);
	if (imapd_names_expunged(session, appending->replaced))
		return imapd_expunged(session);
	*found = !post_uids_empty(appending->replaced);
	return *found ? NET_PARKED
		      : imapd_no(session, "[NONEXISTENT] There is no such message");
}

/* RFC 4314 4: those that one has no right to set do not come along. */
static void
drop_flags(struct appending *appending, unsigned rights, struct arena *arena)
{
	for (size_t i = 0; i < appending->count; i++) {
		struct post_append *append = &appending->appends[i];
		struct slice *allowed =
			ARENA_MANY(arena, struct slice, append->flag_count + 1);
		append->flag_count = imapd_allowed_flags(
			rights, append->flags, append->flag_count, allowed);
		append->flags = allowed;
	}
}

static bool
needs_utf8(const struct wire_imap_append *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->messages[i].utf8)
			return true;
	return false;
}

enum net_next
imapd_append(struct imapd_session *session, struct imapd_call *call,
	const struct wire_imap_append *wanted)
{
	struct appending *appending = appending_of(call, wanted);
	if (needs_utf8(wanted) && !imapd_speaks_utf8(session))
		return imapd_bad(session, "Say ENABLE UTF8=ACCEPT first");
	const char *refusal = imapd_limit_refusal(session, wanted->count);
	if (refusal)
		return imapd_no(session, refusal);
	if (wanted->replaced.count) {
		bool found;
		enum net_next next =
			find_replaced(session, call, wanted, appending, &found);
		if (!found)
			return next;
	}
	struct post_place place;
	enum base_failure failure = imapd_open_place(session->account, wanted->name,
		IMAPD_INSERTS, call->arena, &place, &appending->mailbox);
	if (failure)
		return imapd_no_target_place(session, failure, &place);
	drop_flags(appending, place.rights, call->arena);
	if (!session->upload)
		session->upload = imapd_upload_begin(session);
	imapd_upload_advance(session, session->upload, wanted);
	imapd_upload_check(session->upload);
	const char *fault = imapd_upload_fault(session->upload);
	return fault ? imapd_no(session, fault) : seal(session);
}

const struct imapd_extension imapd_extension_multiappend = {
	.capability = "MULTIAPPEND",
	.rfc = "3502",
	.purpose = "APPEND of many messages, all or none",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_catenate = {
	.capability = "CATENATE URL-PARTIAL",
	.rfc = "4469, 5550 4.3",
	.purpose = "APPEND of a message made from parts of others",
	.file = "src/imapd/upload.c",
};

static void
put_append_limit(const struct imapd_session *session, struct buffer *into)
{
	buffer_printf(into, "APPENDLIMIT=%llu",
		(unsigned long long)session->context->message_size_most);
}

const struct imapd_extension imapd_extension_appendlimit = {
	.capability = "APPENDLIMIT",
	.rfc = "7889",
	.purpose = "How large a message may be",
	.file = __FILE__,
	.put = put_append_limit,
};
