/*
 * Which conversation a message is of (RFC 8474 5.2): a number made from the Message-ID that
 * stands at its root, so that it needs no row, is the same in every mailbox, and is known
 * of a message before the one that it answers has come.
 */
#include "post/message-internal.h"
#include "wire/header.h"

/* The first "<…>" of a field; false when there is none. */
static bool
first_id(struct slice fields, struct slice name, struct slice *id)
{
	struct wire_header field;
	if (!wire_header_find(fields, name, &field))
		return false;
	size_t open = slice_find_byte(field.raw, '<');
	struct slice behind = slice_from(field.raw, open + 1);
	size_t close = slice_find_byte(behind, '>');
	*id = slice_first(behind, close);
	return open < field.raw.length && close > 0 && close < behind.length;
}

static uint64_t
number_of(struct slice text)
{
	uint8_t hash[BASE_SHA256_SIZE];
	uint64_t number = 0;
	base_sha256_of(text, hash);
	for (size_t i = 0; i < sizeof number; i++)
		number = number << 8 | hash[i];
	return number;
}

uint64_t
post_message_thread(const struct post_message *message)
{
	struct slice id;
	char own[32];
	if (first_id(message->header, SLICE("References"), &id) ||
		first_id(message->header, SLICE("In-Reply-To"), &id) ||
		first_id(message->header, SLICE("Message-ID"), &id))
		return number_of(id);
	/* No id has a blank. */
	int length = snprintf(
		own, sizeof own, "message %llu", (unsigned long long)message->email_id);
	return number_of(slice_of(own, (size_t)length));
}
