#include "wire/smtp-reply.h"

struct offer {
	struct slice keyword;
	enum wire_smtp_offer offer;
};

static const struct offer OFFERS[] = {
	{SLICE_INIT("PIPELINING"), WIRE_OFFERS_PIPELINING},
	{SLICE_INIT("8BITMIME"), WIRE_OFFERS_8BITMIME},
	{SLICE_INIT("SMTPUTF8"), WIRE_OFFERS_SMTPUTF8},
	{SLICE_INIT("CHUNKING"), WIRE_OFFERS_CHUNKING},
	{SLICE_INIT("BINARYMIME"), WIRE_OFFERS_BINARYMIME},
	{SLICE_INIT("ENHANCEDSTATUSCODES"), WIRE_OFFERS_ENHANCED},
	{SLICE_INIT("STARTTLS"), WIRE_OFFERS_STARTTLS},
	{SLICE_INIT("DSN"), WIRE_OFFERS_DSN},
	{SLICE_INIT("SIZE"), WIRE_OFFERS_SIZE},
	{SLICE_INIT("REQUIRETLS"), WIRE_OFFERS_REQUIRETLS},
};

static void
add_mechanisms(struct wire_smtp_offers *offers, struct slice mechanisms)
{
	while (!slice_absent(mechanisms)) {
		struct slice name = slice_cut(&mechanisms, ' ');
		if (slice_equal_nocase(name, SLICE("PLAIN")))
			offers->offers |= WIRE_OFFERS_AUTH_PLAIN;
		if (slice_equal_nocase(name, SLICE("LOGIN")))
			offers->offers |= WIRE_OFFERS_AUTH_LOGIN;
	}
}

static void
add_keyword(struct wire_smtp_offers *offers, struct slice keyword, struct slice value)
{
	if (slice_equal_nocase(keyword, SLICE("AUTH")))
		add_mechanisms(offers, value);
	for (size_t i = 0; i < sizeof OFFERS / sizeof *OFFERS; i++)
		if (slice_equal_nocase(keyword, OFFERS[i].keyword))
			offers->offers |= OFFERS[i].offer;
	if (slice_equal_nocase(keyword, SLICE("SIZE")) &&
		!slice_to_u64(slice_trim(value), &offers->size))
		offers->size = 0;
}

/* "AUTH=PLAIN" was the form before RFC 4954, and some still send it alone. */
static void
add_line(struct wire_smtp_offers *offers, struct slice line)
{
	char separator = slice_starts_nocase(line, SLICE("AUTH=")) ? '=' : ' ';
	struct slice keyword = slice_cut(&line, separator);
	add_keyword(offers, keyword, line);
}

struct wire_smtp_offers
wire_smtp_offers_parse(const struct wire_smtp_reply *ehlo_reply)
{
	struct wire_smtp_offers offers = {0};
	struct slice rest = buffer_slice(&ehlo_reply->text);
	slice_cut(&rest, '\n'); /* the greeting */
	while (!slice_absent(rest))
		add_line(&offers, slice_cut(&rest, '\n'));
	return offers;
}
