#include "smtpd/smtpd-internal.h"
#include "wire/date.h"

/* What "with" says: RFC 3848, RFC 6531 4.3. */
static const char *
protocol_name(const struct smtpd_session *session,
	const struct smtpd_transaction *transaction, char into[16])
{
	if (!session->extended)
		return "SMTP";
	snprintf(into, 16, "%s%s%s", transaction->smtputf8 ? "UTF8SMTP" : "ESMTP",
		net_secured(session->net) ? "S" : "", session->account ? "A" : "");
	return into;
}

/* What a peer calls itself may be anything; it must not look like another clause. */
static void
put_hello(struct buffer *into, struct slice hello)
{
	for (size_t i = 0; i < hello.length; i++) {
		char c = hello.data[i];
		bool plain =
			byte_is_alpha(c) || byte_is_digit(c) || (c && strchr(".-_:[]", c));
		buffer_put_byte(into, plain ? c : '?');
	}
}

/* Our people's addresses are nobody's business; a stranger's is what traces are for. */
static void
put_from(struct buffer *into, const struct smtpd_session *session)
{
	char text[NET_ADDRESS_TEXT_MOST];
	buffer_put_text(into, "Received: from ");
	put_hello(into, buffer_slice(&session->hello));
	if (session->account)
		return;
	struct slice address = smtpd_peer(session, text);
	buffer_printf(into, " ([%s%.*s])",
		net_address_is_v6(net_peer(session->net)) ? "IPv6:" : "",
		SLICE_ARG(address));
}

static void
put_tls(struct buffer *into, const struct smtpd_session *session)
{
	if (!net_secured(session->net))
		return;
	buffer_put_text(into, "\r\n\t(using ");
	buffer_put(into, net_tls_version(session->net));
	buffer_put_text(into, " with ");
	buffer_put(into, net_tls_cipher(session->net));
	buffer_put_text(into, ")");
}

struct slice
smtpd_received(
	const struct smtpd_session *session, const struct smtpd_transaction *transaction)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(16 * 1024);
	char name[16];
	put_from(&line, session);
	put_tls(&line, session);
	buffer_put_text(&line, "\r\n\tby ");
	buffer_put(&line, session->context->host_name);
	buffer_printf(&line, " with %s id %.*s", protocol_name(session, transaction, name),
		BASE_ID_LENGTH, transaction->id);
	/* One recipient only: others are blind copies to one another (RFC 5321 7.2). */
	if (transaction->recipient_count == 1) {
		buffer_put_text(&line, "\r\n\tfor <");
		buffer_put(&line, transaction->recipients->address);
		buffer_put_text(&line, ">");
	}
	buffer_put_text(&line, ";\r\n\t");
	wire_date_put(&line,
		(struct wire_date){
			.unix_time = base_clock_wall_ms(session->context->clock) / 1000});
	buffer_put_text(&line, "\r\n");
	return arena_copy(transaction->arena, buffer_slice(&line));
}
