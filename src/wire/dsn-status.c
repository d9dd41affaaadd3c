#include "wire/dsn.h"
#include "wire/smtp-xtext.h"

static const char *const ACTIONS[] = {
	[WIRE_DSN_FAILED] = "failed",
	[WIRE_DSN_DELAYED] = "delayed",
	[WIRE_DSN_DELIVERED] = "delivered",
	[WIRE_DSN_RELAYED] = "relayed",
	[WIRE_DSN_EXPANDED] = "expanded",
};

/* This part is 7-bit (RFC 3464 2.1). */
static void
put_ascii(struct buffer *into, struct slice text)
{
	text = slice_first(text, WIRE_DSN_FIELD_MOST);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (c & 0x80)
			c = '?';
		buffer_put_byte(into, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
}

static void
put_field(struct buffer *into, const char *name, struct slice value)
{
	if (value.length == 0)
		return;
	buffer_put_text(into, name);
	put_ascii(into, value);
	buffer_put_text(into, "\r\n");
}

static void
put_typed(struct buffer *into, const char *name, struct slice type, struct slice value)
{
	if (value.length == 0)
		return;
	buffer_put_text(into, name);
	put_ascii(into, type);
	put_field(into, "; ", value);
}

static void
put_date(struct buffer *into, const char *name, bool has, struct wire_date date)
{
	if (!has)
		return;
	buffer_put_text(into, name);
	wire_date_put(into, date);
	buffer_put_text(into, "\r\n");
}

/* RFC 6533 3: an address that is not ASCII has a type of its own. */
static void
put_address(struct buffer *into, const char *name, struct slice type, struct slice address)
{
	bool utf8 = slice_equal_nocase(type, SLICE("utf-8"));
	if (!utf8 || !wire_utf8_address_is_one(address)) {
		put_typed(into, name, utf8 ? SLICE("rfc822") : type, address);
		return;
	}
	buffer_put_text(into, name);
	buffer_put_text(into, "utf-8; ");
	wire_utf8_address_put(into, address);
	buffer_put_text(into, "\r\n");
}

static void
put_recipient(struct buffer *into, const struct wire_dsn_recipient *recipient)
{
	buffer_put_text(into, "\r\n");
	if (recipient->original.length > 0)
		put_address(into, "Original-Recipient: ", recipient->original_type,
			recipient->original);
	put_address(into, "Final-Recipient: ",
		slice_is_ascii(recipient->final) ? SLICE("rfc822") : SLICE("utf-8"),
		recipient->final);
	put_field(into, "Action: ", slice_of_text(ACTIONS[recipient->action]));
	put_field(into, "Status: ", recipient->status);
	put_typed(into, "Remote-MTA: ", SLICE("dns"), recipient->remote);
	put_typed(into, "Diagnostic-Code: ", recipient->diagnostic_type,
		recipient->diagnostic);
	put_date(into, "Last-Attempt-Date: ", recipient->has_last_attempt,
		recipient->last_attempt);
	put_date(into, "Will-Retry-Until: ", recipient->has_retry_until,
		recipient->retry_until);
}

bool
wire_dsn_status_put(struct buffer *into, const struct wire_dsn *report)
{
	put_field(into, "Original-Envelope-Id: ", report->envelope_id);
	put_typed(into, "Reporting-MTA: ", SLICE("dns"), report->reporting);
	put_date(into, "Arrival-Date: ", report->has_arrival, report->arrival);
	for (size_t i = 0; i < report->count; i++)
		put_recipient(into, &report->recipients[i]);
	return !buffer_failed(into);
}
