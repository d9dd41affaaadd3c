#include "wire/address-lex.h"
#include "wire/address.h"
#include "wire/header-lex.h"

/* The list as it is read, and the parts of the address under way. */
struct reading {
	struct arena *arena;
	struct wire_addresses *addresses;
	struct address_lexer lexer;
	bool in_group;
	struct buffer name, comment, route, local, domain;
	bool at, domain_ended;
};

static void
forget_parts(struct reading *reading)
{
	buffer_clear(&reading->name);
	buffer_clear(&reading->comment);
	buffer_clear(&reading->local);
	buffer_clear(&reading->domain);
	buffer_clear(&reading->route);
	reading->at = false;
	reading->domain_ended = false;
}

static void
release_reading(struct reading *reading)
{
	buffer_free(&reading->name);
	buffer_free(&reading->comment);
	buffer_free(&reading->route);
	buffer_free(&reading->local);
	buffer_free(&reading->domain);
}

/* NULL when no more are taken. */
static struct wire_address *
append(struct reading *reading, enum wire_address_kind kind)
{
	struct wire_addresses *addresses = reading->addresses;
	size_t texts = reading->name.length + reading->comment.length +
		       reading->local.length + reading->domain.length +
		       reading->route.length;
	if (addresses->count >= WIRE_ADDRESSES_MOST ||
		!arena_has_room(
			reading->arena, sizeof(struct wire_address) + texts + 256)) {
		addresses->cut = true;
		return NULL;
	}
	struct wire_address *address = ARENA_NEW(reading->arena, struct wire_address);
	address->kind = kind;
	if (addresses->last)
		addresses->last->next = address;
	else
		addresses->first = address;
	addresses->last = address;
	addresses->count++;
	return address;
}

static struct slice
copied_or_absent(struct reading *reading, const struct buffer *text)
{
	return text->length ? arena_copy(reading->arena, buffer_slice(text)) : SLICE_NONE;
}

static void
emit_mailbox(struct reading *reading)
{
	const struct buffer *name =
		reading->name.length ? &reading->name : &reading->comment;
	bool nothing = !reading->name.length && !reading->local.length &&
		       !reading->domain.length && !reading->route.length;
	struct wire_address *address = nothing ? NULL : append(reading, WIRE_MAILBOX);
	if (address) {
		address->name = copied_or_absent(reading, name);
		address->route = copied_or_absent(reading, &reading->route);
		address->local = arena_copy(reading->arena, buffer_slice(&reading->local));
		address->domain = copied_or_absent(reading, &reading->domain);
	}
	forget_parts(reading);
}

static void
emit_group(struct reading *reading, enum wire_address_kind kind)
{
	struct wire_address *address = append(reading, kind);
	if (address && kind == WIRE_GROUP_START)
		address->name = arena_copy(reading->arena, buffer_slice(&reading->name));
	reading->in_group = kind == WIRE_GROUP_START;
	forget_parts(reading);
}

/*
 * What kind of element comes: the first '<', ',', ';' or, where a group may begin, ':'; NUL
 * at the end. A phrase with an at sign, unquoted, is met often before '<'.
 */
static char
look_ahead(const struct reading *reading)
{
	struct address_lexer ahead = reading->lexer;
	bool may_be_group = !reading->in_group;
	for (;;) {
		address_lex(&ahead);
		if (address_at_end(&ahead))
			return ahead.token == ADDRESS_END ? '\0' : ahead.special;
		if (address_at(&ahead, '@'))
			may_be_group = false;
		if (address_at(&ahead, '<') || (may_be_group && address_at(&ahead, ':')))
			return ahead.special;
	}
}

static void
keep_comment(struct reading *reading)
{
	buffer_clear(&reading->comment);
	address_token_put(&reading->lexer, &reading->comment);
}

/* Words up to that special make a name. */
static void
read_phrase(struct reading *reading, char until)
{
	for (;;) {
		address_lex(&reading->lexer);
		if (address_at(&reading->lexer, until) ||
			reading->lexer.token == ADDRESS_END)
			return;
		if (reading->lexer.token == ADDRESS_COMMENT) {
			keep_comment(reading);
		} else if (reading->lexer.token == ADDRESS_WORD ||
			   address_at(&reading->lexer, '@')) {
			if (reading->lexer.blank_before && reading->name.length > 0)
				buffer_put_byte(&reading->name, ' ');
			address_token_put(&reading->lexer, &reading->name);
		}
	}
}

/* RFC 5322 4.4 lets blanks stand around the dots of addresses. */
static bool
joins(const struct address_lexer *lexer, const struct buffer *before)
{
	return before->length == 0 || !lexer->blank_before ||
	       before->data[before->length - 1] == '.' || lexer->raw.data[0] == '.';
}

/* What seemed the domain was part of the local part, as in <a@b@c>. */
static void
read_at(struct reading *reading)
{
	if (reading->at) {
		buffer_put_byte(&reading->local, '@');
		buffer_put(&reading->local, buffer_slice(&reading->domain));
		buffer_clear(&reading->domain);
	}
	reading->at = true;
	reading->domain_ended = false;
}

static void
put_without_blanks(struct buffer *into, struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!wire_is_blank(text.data[i]))
			buffer_put_byte(into, text.data[i]);
}

/* False when the word is not the domain's any more. */
static bool
read_domain_word(struct reading *reading)
{
	if (reading->domain_ended || reading->lexer.quoted ||
		!joins(&reading->lexer, &reading->domain)) {
		reading->domain_ended = true;
		return false;
	}
	/* RFC 5322 3.4.1: blanks may stand in a literal, and mean nothing. */
	if (reading->lexer.raw.data[0] == '[')
		put_without_blanks(&reading->domain, reading->lexer.raw);
	else
		address_token_put(&reading->lexer, &reading->domain);
	return true;
}

static void
read_local_word(struct reading *reading)
{
	if (!joins(&reading->lexer, &reading->local))
		buffer_put_byte(&reading->local, ' ');
	address_token_put(&reading->lexer, &reading->local);
}

/* "@a,@b:" behind '<'; RFC 5322 4.4 lets blanks stand in it. */
static void
read_route(struct reading *reading)
{
	struct slice rest = slice_trim(reading->lexer.rest);
	size_t length = 0;
	if (rest.length == 0 || rest.data[0] != '@')
		return;
	while (length < rest.length &&
		(wire_is_atext(rest.data[length]) || rest.data[length] == '.' ||
			rest.data[length] == '@' || rest.data[length] == ',' ||
			wire_is_blank(rest.data[length])))
		length++;
	if (length == rest.length || rest.data[length] != ':')
		return;
	put_without_blanks(&reading->route, slice_first(rest, length));
	reading->lexer.rest = slice_from(rest, length + 1);
}

/*
 * From behind '<'. A comma ends it, too: then the '>' was forgotten. Other specials are
 * noise, as in <Undisclosed-Recipient:;@example.org>, but for the colon of <mailto:a@b>.
 */
static void
read_angle(struct reading *reading)
{
	read_route(reading);
	for (;;) {
		address_lex(&reading->lexer);
		if (reading->lexer.token == ADDRESS_END ||
			address_at(&reading->lexer, '>') ||
			address_at(&reading->lexer, ','))
			return;
		if (address_at(&reading->lexer, '@'))
			read_at(reading);
		else if (address_at(&reading->lexer, ':') &&
			 slice_equal_nocase(buffer_slice(&reading->local), SLICE("mailto")))
			buffer_clear(&reading->local);
		else if (reading->lexer.token == ADDRESS_WORD && reading->at)
			read_domain_word(reading);
		else if (reading->lexer.token == ADDRESS_WORD)
			read_local_word(reading);
	}
}

/* Up to the end of the element, or to the next address if a comma was forgotten. */
static void
read_behind_angle(struct reading *reading)
{
	if (address_at_end(&reading->lexer) || look_ahead(reading) == '<')
		return;
	while (!address_at_end(&reading->lexer)) {
		address_lex(&reading->lexer);
		if (reading->lexer.token == ADDRESS_COMMENT)
			keep_comment(reading);
	}
}

static void
read_angle_element(struct reading *reading)
{
	read_phrase(reading, '<');
	read_angle(reading);
	read_behind_angle(reading);
	emit_mailbox(reading);
}

/* A word of an element without '<': the last one before an at sign is the local part. */
static void
read_bare_word(struct reading *reading, bool *emitted)
{
	if (reading->at && read_domain_word(reading))
		return;
	if (reading->at) {
		emit_mailbox(reading);
		*emitted = true;
	}
	if (!joins(&reading->lexer, &reading->local)) {
		if (reading->name.length > 0)
			buffer_put_byte(&reading->name, ' ');
		buffer_put(&reading->name, buffer_slice(&reading->local));
		buffer_clear(&reading->local);
	}
	address_token_put(&reading->lexer, &reading->local);
}

/*
 * Words without an at sign: one is the local part, more, or one in quotes, are a name.
 * Behind an address they are noise.
 */
static void
emit_words(struct reading *reading, bool quoted, bool emitted)
{
	if (quoted || reading->name.length > 0) {
		if (reading->name.length > 0)
			buffer_put_byte(&reading->name, ' ');
		buffer_put(&reading->name, buffer_slice(&reading->local));
		buffer_clear(&reading->local);
	}
	if (!emitted)
		emit_mailbox(reading);
	forget_parts(reading);
}

static void
read_bare_element(struct reading *reading)
{
	bool emitted = false, quoted = false;
	for (;;) {
		address_lex(&reading->lexer);
		if (address_at_end(&reading->lexer))
			break;
		quoted = quoted || reading->lexer.quoted;
		if (reading->lexer.token == ADDRESS_COMMENT)
			keep_comment(reading);
		else if (reading->lexer.token == ADDRESS_WORD)
			read_bare_word(reading, &emitted);
		else if (address_at(&reading->lexer, '@'))
			read_at(reading);
	}
	if (reading->at)
		emit_mailbox(reading);
	else
		emit_words(reading, quoted, emitted);
}

static void
read_element(struct reading *reading)
{
	char kind = look_ahead(reading);
	if (kind == ':') {
		read_phrase(reading, ':');
		emit_group(reading, WIRE_GROUP_START);
		return;
	}
	if (kind == '<')
		read_angle_element(reading);
	else
		read_bare_element(reading);
	bool closes =
		reading->lexer.token == ADDRESS_END || address_at(&reading->lexer, ';');
	if (reading->in_group && closes)
		emit_group(reading, WIRE_GROUP_END);
}

void
wire_addresses_parse(
	struct arena *arena, struct slice text, struct wire_addresses *addresses)
{
	size_t most = text.length + 16;
	SCOPED(release_reading)
	struct reading reading = {.arena = arena,
		.addresses = addresses,
		.lexer = address_lexer_of(text),
		.name = buffer_with(most),
		.comment = buffer_with(most),
		.route = buffer_with(most),
		.local = buffer_with(most),
		.domain = buffer_with(most)};
	do
		read_element(&reading);
	while (reading.lexer.token != ADDRESS_END && !addresses->cut);
}
