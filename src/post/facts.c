#include "post/facts.h"
#include "wire/address.h"
#include "wire/base-subject.h"
#include "wire/date.h"
#include "wire/header.h"

enum { FOLDED_MOST = 2 * WIRE_HEADER_TEXT_LENGTH };

/* RFC 5051 compares large letters: those of ASCII come before "[" and "_". */
static struct slice
folded_copy(struct arena *arena, struct slice text)
{
	SCOPED(buffer_free) struct buffer folded = buffer_with(FOLDED_MOST);
	post_search_fold(text, &folded);
	for (size_t i = 0; i < folded.length; i++)
		folded.data[i] = byte_upper(folded.data[i]);
	return arena_copy(arena, buffer_slice(&folded));
}

int64_t
post_fact_date(const struct post_subject *subject)
{
	struct wire_header field;
	struct wire_date date;
	if (wire_header_find(subject->fields, SLICE("Date"), &field) &&
		wire_date_parse(field.raw, &date))
		return date.unix_time;
	return subject->message.internal_date;
}

struct slice
post_fact_subject(struct post_subject *subject, struct arena *arena, bool *is_reply)
{
	struct wire_header field;
	bool answers = false;
	struct slice base = SLICE("");
	if (wire_header_find(subject->fields, SLICE("Subject"), &field))
		base = wire_base_subject(subject->arena,
			wire_header_text(subject->arena, field.raw), &answers);
	if (is_reply)
		*is_reply = answers;
	return folded_copy(arena, base);
}

/* RFC 5957 3: the name, or the whole address where it has none. */
static struct slice
display_text(struct post_subject *subject, const struct wire_address *address)
{
	if (!slice_empty(address->name))
		return wire_header_text(subject->arena, address->name);
	struct slice parts[] = {address->local, SLICE("@"), address->domain};
	return arena_join(subject->arena, parts, slice_absent(address->domain) ? 1 : 3);
}

/* A group has its name where a mailbox has its local part (RFC 3501 7.4.2). */
static struct slice
mailbox_text(const struct wire_address *address)
{
	return address->kind == WIRE_GROUP_START ? address->name : address->local;
}

struct slice
post_fact_address(
	struct post_subject *subject, struct slice field, bool display, struct arena *arena)
{
	struct wire_header header;
	struct wire_addresses addresses = {0};
	if (wire_header_find(subject->fields, field, &header))
		wire_addresses_parse(subject->arena, header.raw, &addresses);
	if (!addresses.first)
		return SLICE("");
	return folded_copy(arena, display ? display_text(subject, addresses.first)
					  : mailbox_text(addresses.first));
}
