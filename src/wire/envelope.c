#include "wire/envelope.h"
#include "wire/address.h"
#include "wire/imap-response.h"

/* RFC 3501 7.4.2: (name adl mailbox host); a NIL host or mailbox marks a group. */
static void
put_mailbox(struct buffer *into, const struct wire_address *address)
{
	buffer_put_byte(into, '(');
	wire_imap_put_nstring(into, address->name, false);
	buffer_put_byte(into, ' ');
	wire_imap_put_nstring(into, address->route, false);
	buffer_put_byte(into, ' ');
	wire_imap_put_string(into,
		slice_empty(address->local) ? SLICE("MISSING_MAILBOX") : address->local,
		false);
	buffer_put_byte(into, ' ');
	wire_imap_put_string(into,
		slice_absent(address->domain) ? SLICE("MISSING_DOMAIN") : address->domain,
		false);
	buffer_put_byte(into, ')');
}

static void
put_address(struct buffer *into, const struct wire_address *address)
{
	switch (address->kind) {
	case WIRE_MAILBOX:
		put_mailbox(into, address);
		break;
	case WIRE_GROUP_START:
		buffer_put(into, SLICE("(NIL NIL "));
		wire_imap_put_string(into, address->name, false);
		buffer_put(into, SLICE(" NIL)"));
		break;
	case WIRE_GROUP_END:
		buffer_put(into, SLICE("(NIL NIL NIL NIL)"));
		break;
	}
}

static void
put_addresses(struct buffer *into, const struct wire_addresses *addresses)
{
	if (!addresses->first) {
		buffer_put(into, SLICE(" NIL"));
		return;
	}
	buffer_put(into, SLICE(" ("));
	for (const struct wire_address *address = addresses->first; address;
		address = address->next)
		put_address(into, address);
	buffer_put_byte(into, ')');
}

static struct wire_addresses
parsed(struct arena *arena, struct slice text)
{
	struct wire_addresses addresses = {NULL, NULL, 0, false};
	wire_addresses_parse(arena, text, &addresses);
	return addresses;
}

/* Sender and Reply-To that say nothing are the same as From. */
static void
put_originators(
	struct buffer *into, struct arena *scratch, const struct wire_envelope *envelope)
{
	struct wire_addresses from = parsed(scratch, envelope->from);
	struct wire_addresses sender = parsed(scratch, envelope->sender);
	struct wire_addresses reply_to = parsed(scratch, envelope->reply_to);
	put_addresses(into, &from);
	put_addresses(into, sender.first ? &sender : &from);
	put_addresses(into, reply_to.first ? &reply_to : &from);
}

static void
put_recipients(struct buffer *into, struct arena *scratch, struct slice text)
{
	struct wire_addresses addresses = parsed(scratch, text);
	put_addresses(into, &addresses);
}

bool
wire_envelope_put(struct buffer *into, const struct wire_envelope *envelope)
{
	static const struct wire_envelope nothing = {.date = {NULL, 0}};
	SCOPED(arena_release) struct arena *scratch = arena_create(ARENA_NO_CEILING);
	const struct wire_envelope *shown = envelope ? envelope : &nothing;
	buffer_put_byte(into, '(');
	wire_imap_put_nstring(into, shown->date, false);
	buffer_put_byte(into, ' ');
	wire_imap_put_nstring(into, shown->subject, false);
	put_originators(into, scratch, shown);
	put_recipients(into, scratch, shown->to);
	put_recipients(into, scratch, shown->cc);
	put_recipients(into, scratch, shown->bcc);
	buffer_put_byte(into, ' ');
	wire_imap_put_nstring(into, shown->in_reply_to, false);
	buffer_put_byte(into, ' ');
	wire_imap_put_nstring(into, shown->message_id, false);
	return buffer_put_byte(into, ')');
}
