/* What a submission server owes its users' programs and everybody else: RFC 6409 6, 8. */
#include "smtpd/smtpd-internal.h"
#include "wire/date.h"
#include "wire/header.h"

struct slice
smtpd_submission_fields(const struct smtpd_session *session,
	const struct smtpd_transaction *transaction, struct slice header)
{
	struct wire_header found;
	SCOPED(buffer_free) struct buffer fields = buffer_with(4 * 1024);
	if (!wire_header_find(header, SLICE("Date"), &found)) {
		int64_t now = base_clock_wall_ms(session->context->clock) / 1000;
		buffer_put_text(&fields, "Date: ");
		wire_date_put(&fields, (struct wire_date){.unix_time = now});
		buffer_put_text(&fields, "\r\n");
	}
	if (!wire_header_find(header, SLICE("Message-ID"), &found))
		buffer_printf(&fields, "Message-ID: <%.*s@%.*s>\r\n", BASE_ID_LENGTH,
			transaction->id, SLICE_ARG(session->context->host_name));
	return arena_copy(transaction->arena, buffer_slice(&fields));
}

static bool
is_own(const struct smtpd_session *session, const struct wire_address *address)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(4 * 1024);
	wire_address_put_bare(&text, address->local, address->domain);
	return post_account_may_send_as(
		session->context->post, session->account, buffer_slice(&text));
}

/* There is one at least, and none is somebody else's. */
static bool
all_are_own(const struct smtpd_session *session, const struct wire_addresses *addresses)
{
	size_t own = 0;
	for (const struct wire_address *at = addresses->first; at; at = at->next) {
		if (at->kind != WIRE_MAILBOX)
			continue;
		if (!is_own(session, at))
			return false;
		own++;
	}
	return own > 0 && !addresses->cut;
}

/*
 * Counts the fields of that name, and looks at the addresses of all of them together, as
 * readers differ in which one they show.
 */
static bool
field_is_own(const struct smtpd_session *session, struct slice header, struct slice name,
	struct arena *arena, size_t *count)
{
	struct slice rest = header;
	struct wire_header field;
	struct wire_addresses addresses = {0};
	while (wire_header_next(&rest, &field)) {
		if (!slice_equal_nocase(field.name, name))
			continue;
		++*count;
		wire_addresses_parse(arena, field.raw, &addresses);
	}
	return *count == 0 || all_are_own(session, &addresses);
}

struct wire_smtp_fault
smtpd_submission_check(const struct smtpd_session *session,
	const struct smtpd_transaction *transaction, struct slice header)
{
	SCOPED(arena_release) struct arena *arena = arena_create(8 * 1024 * 1024);
	size_t from = 0, sender = 0;
	(void)transaction;
	if (!field_is_own(session, header, SLICE("From"), arena, &from) ||
		!field_is_own(session, header, SLICE("Sender"), arena, &sender))
		return (struct wire_smtp_fault){
			550, "5.7.1", "The From address is not yours"};
	if (from != 1 || sender > 1)
		return (struct wire_smtp_fault){550, "5.6.0", "One From field is needed"};
	return (struct wire_smtp_fault){0};
}
