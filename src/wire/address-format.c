#include "wire/address.h"
#include "wire/header-lex.h"

/* Words of atext, one blank between them: a phrase that needs no quotes. */
static bool
is_plain_phrase(struct slice text)
{
	bool after_word = false;
	for (size_t i = 0; i < text.length; i++) {
		bool in_word = wire_is_atext(text.data[i]);
		if (!in_word && (text.data[i] != ' ' || !after_word))
			return false;
		after_word = in_word;
	}
	return after_word;
}

/* RFC 5322 3.2.3. */
static bool
is_dot_atom(struct slice text)
{
	bool after_atom = false;
	for (size_t i = 0; i < text.length; i++) {
		bool in_atom = wire_is_atext(text.data[i]);
		if (!in_atom && (text.data[i] != '.' || !after_atom))
			return false;
		after_atom = in_atom;
	}
	return after_atom;
}

static void
put_quoted(struct buffer *into, struct slice text)
{
	buffer_put_byte(into, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buffer_put_byte(into, '\\');
		buffer_put_byte(into, text.data[i]);
	}
	buffer_put_byte(into, '"');
}

static void
put_phrase(struct buffer *into, struct slice text)
{
	if (is_plain_phrase(text))
		buffer_put(into, text);
	else
		put_quoted(into, text);
}

bool
wire_address_put_bare(struct buffer *into, struct slice local, struct slice domain)
{
	if (is_dot_atom(local))
		buffer_put(into, local);
	else if (local.length > 0 || !slice_absent(domain))
		put_quoted(into, local);
	if (!slice_absent(domain)) {
		buffer_put_byte(into, '@');
		buffer_put(into, domain);
	}
	return !buffer_failed(into);
}

/* A quoted local part alone would be read as a name. */
static bool
needs_no_brackets(const struct wire_address *address)
{
	return slice_absent(address->name) && slice_absent(address->route) &&
	       (!slice_absent(address->domain) || !address->local.length ||
		       is_dot_atom(address->local));
}

bool
wire_address_put(struct buffer *into, const struct wire_address *address)
{
	if (needs_no_brackets(address))
		return wire_address_put_bare(into, address->local, address->domain);
	if (!slice_absent(address->name)) {
		put_phrase(into, address->name);
		buffer_put_byte(into, ' ');
	}
	buffer_put_byte(into, '<');
	if (!slice_absent(address->route)) {
		buffer_put(into, address->route);
		buffer_put_byte(into, ':');
	}
	wire_address_put_bare(into, address->local, address->domain);
	return buffer_put_byte(into, '>');
}

bool
wire_addresses_put(struct buffer *into, const struct wire_addresses *addresses)
{
	const struct wire_address *before = NULL;
	for (const struct wire_address *address = addresses->first; address;
		before = address, address = address->next) {
		if (address->kind == WIRE_GROUP_END) {
			buffer_put_byte(into, ';');
			continue;
		}
		if (before)
			buffer_put(into, before->kind == WIRE_GROUP_START ? SLICE(" ")
									  : SLICE(", "));
		if (address->kind == WIRE_MAILBOX) {
			wire_address_put(into, address);
		} else {
			put_phrase(into, address->name);
			buffer_put_byte(into, ':');
		}
	}
	return !buffer_failed(into);
}
