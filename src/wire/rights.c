#include "wire/rights.h"

/* The letter of each bit, from the lowest. */
static const char letters_of_bits[] = "lrswipkxtea";

enum {
	OLD_CREATE = WIRE_RIGHT_CREATE | WIRE_RIGHT_DELETE_MAILBOX,
	OLD_DELETE = WIRE_RIGHT_DELETE_MESSAGE | WIRE_RIGHT_EXPUNGE
};

static unsigned
right_of(char letter)
{
	if (letter == 'c')
		return OLD_CREATE;
	if (letter == 'd')
		return OLD_DELETE;
	for (unsigned bit = 0; letters_of_bits[bit]; bit++)
		if (letters_of_bits[bit] == letter)
			return 1U << bit;
	return 0;
}

bool
wire_rights_of(struct slice letters, unsigned *rights)
{
	*rights = 0;
	for (size_t i = 0; i < letters.length; i++) {
		unsigned right = right_of(letters.data[i]);
		if (!right)
			return false;
		*rights |= right;
	}
	return true;
}

/* RFC 4314 2.1.1: an old right is told when any of those it stands for is there. */
bool
wire_rights_put(struct buffer *into, unsigned rights)
{
	for (unsigned bit = 0; letters_of_bits[bit]; bit++)
		if (rights & 1U << bit)
			buffer_put_byte(into, letters_of_bits[bit]);
	if (rights & OLD_CREATE)
		buffer_put_byte(into, 'c');
	if (rights & OLD_DELETE)
		buffer_put_byte(into, 'd');
	return !buffer_failed(into);
}

bool
wire_rights_change_of(struct slice text, struct wire_rights_change *change)
{
	*change = (struct wire_rights_change){0};
	if (slice_starts(text, SLICE("+")))
		change->action = WIRE_RIGHTS_ADD;
	else if (slice_starts(text, SLICE("-")))
		change->action = WIRE_RIGHTS_REMOVE;
	if (change->action != WIRE_RIGHTS_REPLACE)
		text = slice_from(text, 1);
	return wire_rights_of(text, &change->rights);
}

unsigned
wire_rights_changed(unsigned before, const struct wire_rights_change *change)
{
	switch (change->action) {
	case WIRE_RIGHTS_ADD:
		return before | change->rights;
	case WIRE_RIGHTS_REMOVE:
		return before & ~change->rights;
	default:
		return change->rights;
	}
}
