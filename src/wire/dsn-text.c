#include "wire/charset.h"
#include "wire/dsn-internal.h"

void
wire_dsn_put_clean(struct buffer *into, struct slice text)
{
	text = wire_utf8_first(text, WIRE_DSN_FIELD_MOST);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		buffer_put_byte(into, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
}

static void
put_line(struct buffer *into, const char *text)
{
	buffer_put_text(into, text);
	buffer_put_text(into, "\r\n");
}

static void
put_about(struct buffer *into, const char *label, struct slice what)
{
	buffer_put_text(into, label);
	buffer_put_byte(into, ' ');
	wire_dsn_put_clean(into, what);
	buffer_put_text(into, "\r\n");
}

static void
put_date(struct buffer *into, const char *label, struct wire_date date)
{
	buffer_put_text(into, label);
	buffer_put_byte(into, ' ');
	wire_date_put(into, date);
	buffer_put_text(into, "\r\n");
}

/* By the second and third number of the status (RFC 3463 3.2 to 3.8); NULL: no hint. */
static const char *
hint(const struct wire_dsn_texts *texts, struct slice status)
{
	struct slice code = slice_from(status, 2);
	static const struct slice ADDRESSES[] = {SLICE_INIT("1.1"), SLICE_INIT("1.2"),
		SLICE_INIT("1.3"), SLICE_INIT("1.6"), SLICE_INIT("1.10")};
	for (size_t i = 0; i < sizeof ADDRESSES / sizeof *ADDRESSES; i++)
		if (slice_equal(code, ADDRESSES[i]))
			return texts->no_address;
	if (slice_equal(code, SLICE("2.2")))
		return texts->full;
	if (slice_equal(code, SLICE("2.3")) || slice_equal(code, SLICE("3.4")))
		return texts->too_large;
	if (slice_starts(code, SLICE("4.")))
		return texts->unreachable;
	return slice_starts(code, SLICE("7.")) ? texts->refused : NULL;
}

static void
put_diagnostic(struct buffer *into, const struct wire_dsn_texts *texts,
	const struct wire_dsn_recipient *recipient)
{
	if (recipient->diagnostic.length == 0)
		return;
	buffer_put_text(into, "    ");
	if (recipient->remote.length == 0) {
		put_about(into, texts->reason, recipient->diagnostic);
		return;
	}
	buffer_put_text(into, texts->said);
	buffer_put_byte(into, ' ');
	wire_dsn_put_clean(into, recipient->remote);
	buffer_put_byte(into, ' ');
	put_about(into, texts->said_by, recipient->diagnostic);
}

static void
put_recipient(struct buffer *into, const struct wire_dsn_texts *texts,
	const struct wire_dsn_recipient *recipient)
{
	put_about(into, "\r\n ", recipient->final);
	put_diagnostic(into, texts, recipient);
	if (recipient->has_retry_until) {
		buffer_put_text(into, "    ");
		put_date(into, texts->retry_until, recipient->retry_until);
	}
	const char *advice = recipient->action == WIRE_DSN_FAILED
				     ? hint(texts, recipient->status)
				     : NULL;
	if (advice)
		put_about(into, "   ", slice_of_text(advice));
}

static bool
has_action(const struct wire_dsn *report, enum wire_dsn_action action)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->recipients[i].action == action)
			return true;
	return false;
}

static void
put_recipients(struct buffer *into, const struct wire_dsn_message *message,
	enum wire_dsn_action action, const char *heading)
{
	const struct wire_dsn *report = &message->report;
	if (!has_action(report, action))
		return;
	buffer_put_text(into, "\r\n");
	put_line(into, heading);
	for (size_t i = 0; i < report->count; i++)
		if (report->recipients[i].action == action)
			put_recipient(into, message->texts, &report->recipients[i]);
}

static void
put_subject_and_arrival(struct buffer *into, const struct wire_dsn_message *message)
{
	if (message->subject.length > 0 || message->report.has_arrival)
		buffer_put_text(into, "\r\n");
	if (message->subject.length > 0)
		put_about(into, message->texts->subject, message->subject);
	if (message->report.has_arrival)
		put_date(into, message->texts->arrival, message->report.arrival);
}

void
wire_dsn_text_put(struct buffer *into, const struct wire_dsn_message *message)
{
	const struct wire_dsn_texts *texts = message->texts;
	buffer_put_text(into, texts->greeting);
	buffer_put_byte(into, ' ');
	wire_dsn_put_clean(into, message->report.reporting);
	buffer_put_text(into, ".\r\n");
	put_subject_and_arrival(into, message);
	put_recipients(into, message, WIRE_DSN_FAILED, texts->failed);
	put_recipients(into, message, WIRE_DSN_DELAYED, texts->delayed);
	put_recipients(into, message, WIRE_DSN_DELIVERED, texts->delivered);
	put_recipients(into, message, WIRE_DSN_RELAYED, texts->relayed);
	put_recipients(into, message, WIRE_DSN_EXPANDED, texts->expanded);
	buffer_put_text(into, "\r\n");
	if (has_action(&message->report, WIRE_DSN_DELAYED))
		put_line(into, texts->no_action);
	put_line(into, message->whole ? texts->enclosed_message : texts->enclosed_header);
}
