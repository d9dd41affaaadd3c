#include "base/encode.h"
#include "wire/dsn-internal.h"
#include "wire/header.h"

#define BASE64_LINE ((size_t)57) /* bytes that give 76 characters */

/* Room for the text part: texts, and a few lines for each recipient. */
#define TEXT_MOST ((size_t)16 << 20)

static void
put_header(struct buffer *into, const char *name, struct slice value)
{
	if (value.length == 0)
		return;
	buffer_put_text(into, name);
	wire_dsn_put_clean(into, value);
	buffer_put_text(into, "\r\n");
}

static const char *
subject_of(const struct wire_dsn_message *message)
{
	bool delayed = false;
	for (size_t i = 0; i < message->report.count; i++) {
		enum wire_dsn_action action = message->report.recipients[i].action;
		if (action == WIRE_DSN_FAILED)
			return message->texts->subject_failed;
		delayed |= action == WIRE_DSN_DELAYED;
	}
	return delayed ? message->texts->subject_delayed
		       : message->texts->subject_delivered;
}

static void
put_subject(struct buffer *into, const char *subject)
{
	static const struct slice NAME = SLICE_INIT("Subject: ");
	buffer_put(into, NAME);
	wire_header_text_put(into, slice_of_text(subject), NAME.length);
	buffer_put_text(into, "\r\n");
}

/* RFC 3834 5 for Auto-Submitted, RFC 6522 3 for the type. */
static void
put_headers(struct buffer *into, const struct wire_dsn_message *message)
{
	put_header(into, "From: ", message->from);
	buffer_put_text(into, "To: <");
	wire_dsn_put_clean(into, message->to);
	buffer_put_text(into, ">\r\n");
	put_subject(into, subject_of(message));
	buffer_put_text(into, "Date: ");
	wire_date_put(into, message->date);
	buffer_put_text(into, "\r\n");
	put_header(into, "Message-ID: ", message->message_id);
	put_header(into, "In-Reply-To: ", message->in_reply_to);
	put_header(into, "References: ", message->in_reply_to);
	buffer_put_text(into,
		"Auto-Submitted: auto-replied\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/report; report-type=delivery-status;\r\n"
		"\tboundary=\"");
	wire_dsn_put_clean(into, message->boundary);
	buffer_put_text(into, "\"\r\n");
}

/* The line end in front belongs to the boundary (RFC 2046 5.1.1). */
static void
put_boundary(struct buffer *into, const struct wire_dsn_message *message, const char *after)
{
	buffer_put_text(into, "\r\n--");
	wire_dsn_put_clean(into, message->boundary);
	buffer_put_text(into, after);
}

static void
put_base64(struct buffer *into, struct slice text)
{
	for (; text.length > 0; text = slice_from(text, BASE64_LINE)) {
		base64_put(into, slice_first(text, BASE64_LINE));
		buffer_put_text(into, "\r\n");
	}
}

static void
put_text_part(struct buffer *into, const struct wire_dsn_message *message)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(TEXT_MOST);
	wire_dsn_text_put(&text, message);
	struct slice readable = buffer_slice(&text);
	bool ascii = slice_is_ascii(readable);
	buffer_put_text(into, "Content-Type: text/plain; charset=");
	buffer_put_text(into, ascii ? "us-ascii\r\n\r\n"
				    : "utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	if (ascii)
		buffer_put(into, readable);
	else
		put_base64(into, readable);
}

static void
put_original_header(struct buffer *into, const struct wire_dsn_message *message)
{
	buffer_put_text(into, "Content-Type: ");
	buffer_put_text(into, message->whole ? "message/rfc822" : "text/rfc822-headers");
	if (message->eight_bit || !slice_is_ascii(message->original))
		buffer_put_text(into, "\r\nContent-Transfer-Encoding: 8bit");
	buffer_put_text(into, "\r\n\r\n");
}

bool
wire_dsn_put_front(struct buffer *into, const struct wire_dsn_message *message)
{
	put_headers(into, message);
	put_boundary(into, message, "\r\n");
	put_text_part(into, message);
	put_boundary(into, message, "\r\nContent-Type: message/delivery-status\r\n\r\n");
	wire_dsn_status_put(into, &message->report);
	put_boundary(into, message, "\r\n");
	put_original_header(into, message);
	return !buffer_failed(into);
}

bool
wire_dsn_put_end(struct buffer *into, const struct wire_dsn_message *message)
{
	put_boundary(into, message, "--\r\n");
	return !buffer_failed(into);
}

bool
wire_dsn_put(struct buffer *into, const struct wire_dsn_message *message)
{
	wire_dsn_put_front(into, message);
	buffer_put(into, message->original);
	return wire_dsn_put_end(into, message);
}
