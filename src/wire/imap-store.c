#include "wire/imap-store.h"
#include "wire/imap-select.h"

/* RFC 3501 9: store-att-flags. */
static bool
take_act(struct wire_imap_cursor *cursor, struct wire_imap_store *store)
{
	store->act = wire_imap_maybe(cursor, '+')   ? WIRE_IMAP_STORE_ADD
		     : wire_imap_maybe(cursor, '-') ? WIRE_IMAP_STORE_TAKE
						    : WIRE_IMAP_STORE_SET;
	store->silent = wire_imap_maybe_word(cursor, SLICE("FLAGS.SILENT"));
	return store->silent || wire_imap_maybe_word(cursor, SLICE("FLAGS")) ||
	       wire_imap_fail(cursor, "FLAGS, +FLAGS or -FLAGS was expected");
}

/* RFC 4466 2.5, RFC 7162 3.1.3: "(UNCHANGEDSINCE 12)". */
static bool
take_modifiers(struct wire_imap_cursor *cursor, struct wire_imap_store *store)
{
	if (!wire_imap_maybe(cursor, '('))
		return true;
	store->conditional = true;
	if (!wire_imap_maybe_word(cursor, SLICE("UNCHANGEDSINCE")))
		return wire_imap_fail(cursor, "UNCHANGEDSINCE was expected");
	return wire_imap_space(cursor) &&
	       wire_imap_modseq(cursor, &store->unchanged_since) &&
	       wire_imap_byte(cursor, ')') && wire_imap_space(cursor);
}

bool
wire_imap_store_parse(struct wire_imap_cursor *cursor, struct wire_imap_store *store)
{
	*store = (struct wire_imap_store){0};
	return wire_imap_space(cursor) && wire_imap_set_parse(cursor, &store->set) &&
	       wire_imap_space(cursor) && take_modifiers(cursor, store) &&
	       take_act(cursor, store) && wire_imap_space(cursor) &&
	       wire_imap_store_flags(cursor, &store->flags) && wire_imap_end(cursor);
}
