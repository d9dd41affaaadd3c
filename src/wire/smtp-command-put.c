#include "wire/smtp-command.h"
#include "wire/smtp-xtext.h"

static void
put_body(struct buffer *into, enum wire_smtp_body body)
{
	if (body == WIRE_SMTP_BODY_8BITMIME)
		buffer_put_text(into, " BODY=8BITMIME");
	if (body == WIRE_SMTP_BODY_BINARYMIME)
		buffer_put_text(into, " BODY=BINARYMIME");
}

static void
put_report_wishes(struct buffer *into, const struct wire_smtp_mail *mail)
{
	if (mail->returns != WIRE_SMTP_RETURN_UNSAID)
		buffer_put_text(into,
			mail->returns == WIRE_SMTP_RETURN_FULL ? " RET=FULL" : " RET=HDRS");
	if (slice_absent(mail->envelope_id))
		return;
	buffer_put_text(into, " ENVID=");
	wire_xtext_put(into, mail->envelope_id);
}

bool
wire_smtp_mail_put(struct buffer *into, const struct wire_smtp_mail *mail)
{
	buffer_put_text(into, "MAIL FROM:");
	wire_path_put(into, &mail->from);
	if (mail->has_size) {
		buffer_put_text(into, " SIZE=");
		buffer_put_number(into, mail->size);
	}
	put_body(into, mail->body);
	if (mail->smtputf8)
		buffer_put_text(into, " SMTPUTF8");
	if (!slice_absent(mail->auth)) {
		buffer_put_text(into, " AUTH=");
		wire_xtext_put(into, mail->auth);
	}
	put_report_wishes(into, mail);
	return buffer_put_text(into, "\r\n");
}

static void
put_notify(struct buffer *into, unsigned notify)
{
	static const char *const EVENTS[] = {"NEVER", "SUCCESS", "FAILURE", "DELAY"};
	const char *before = " NOTIFY=";
	for (unsigned i = 0; i < sizeof EVENTS / sizeof *EVENTS; i++) {
		if (!(notify & 1U << i))
			continue;
		buffer_put_text(into, before);
		buffer_put_text(into, EVENTS[i]);
		before = ",";
	}
}

bool
wire_smtp_rcpt_put(struct buffer *into, const struct wire_smtp_rcpt *rcpt)
{
	buffer_put_text(into, "RCPT TO:");
	wire_path_put(into, &rcpt->to);
	put_notify(into, rcpt->notify);
	if (!slice_absent(rcpt->original)) {
		buffer_put_text(into, " ORCPT=");
		buffer_put(into, rcpt->original_type);
		buffer_put_byte(into, ';');
		if (slice_equal_nocase(rcpt->original_type, SLICE("utf-8")))
			wire_utf8_address_put(into, rcpt->original);
		else
			wire_xtext_put(into, rcpt->original);
	}
	return buffer_put_text(into, "\r\n");
}
