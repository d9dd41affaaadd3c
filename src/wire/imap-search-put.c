#include "wire/imap-flags.h"
#include "wire/imap-response.h"
#include "wire/imap-search.h"

static const char *const NAMES[] = {
	[WIRE_IMAP_SEARCH_AND] = "(",
	[WIRE_IMAP_SEARCH_OR] = "OR ",
	[WIRE_IMAP_SEARCH_NOT] = "NOT ",
	[WIRE_IMAP_SEARCH_SET] = "",
	[WIRE_IMAP_SEARCH_UID] = "UID ",
	[WIRE_IMAP_SEARCH_FLAG] = "",
	[WIRE_IMAP_SEARCH_RECENT] = "RECENT",
	[WIRE_IMAP_SEARCH_KEYWORD] = "KEYWORD ",
	[WIRE_IMAP_SEARCH_BEFORE] = "BEFORE ",
	[WIRE_IMAP_SEARCH_ON] = "ON ",
	[WIRE_IMAP_SEARCH_SINCE] = "SINCE ",
	[WIRE_IMAP_SEARCH_SENT_BEFORE] = "SENTBEFORE ",
	[WIRE_IMAP_SEARCH_SENT_ON] = "SENTON ",
	[WIRE_IMAP_SEARCH_SENT_SINCE] = "SENTSINCE ",
	[WIRE_IMAP_SEARCH_LARGER] = "LARGER ",
	[WIRE_IMAP_SEARCH_SMALLER] = "SMALLER ",
	[WIRE_IMAP_SEARCH_HEADER] = "HEADER ",
	[WIRE_IMAP_SEARCH_BODY] = "BODY ",
	[WIRE_IMAP_SEARCH_TEXT] = "TEXT ",
	[WIRE_IMAP_SEARCH_YOUNGER] = "YOUNGER ",
	[WIRE_IMAP_SEARCH_OLDER] = "OLDER ",
	[WIRE_IMAP_SEARCH_SAVED_BEFORE] = "SAVEDBEFORE ",
	[WIRE_IMAP_SEARCH_SAVED_ON] = "SAVEDON ",
	[WIRE_IMAP_SEARCH_SAVED_SINCE] = "SAVEDSINCE ",
	[WIRE_IMAP_SEARCH_MODSEQ] = "MODSEQ ",
	[WIRE_IMAP_SEARCH_EMAILID] = "EMAILID ",
	[WIRE_IMAP_SEARCH_THREADID] = "THREADID ",
	[WIRE_IMAP_SEARCH_FILTER] = "FILTER ",
	[WIRE_IMAP_SEARCH_FUZZY] = "FUZZY ",
};

static bool put_key(struct buffer *into, const struct wire_imap_search_key *key);

static bool
put_keys(struct buffer *into, const struct wire_imap_search_key *first)
{
	for (const struct wire_imap_search_key *key = first; key; key = key->next) {
		if (key != first)
			buffer_put_byte(into, ' ');
		put_key(into, key);
	}
	return !buffer_failed(into);
}

static bool
put_set(struct buffer *into, const struct wire_imap_set *set)
{
	if (set->saved)
		return buffer_put_byte(into, '$');
	return wire_imap_put_set(into, set->ranges, set->count);
}

/* A search key has the name of the flag without its backslash. */
static bool
put_flag(struct buffer *into, unsigned flag)
{
	return buffer_put(into, slice_from(wire_imap_system_flag_name(flag), 1));
}

static bool
put_argument(struct buffer *into, const struct wire_imap_search_key *key)
{
	switch (key->kind) {
	case WIRE_IMAP_SEARCH_AND:
		return put_keys(into, key->child) && buffer_put_byte(into, ')');
	case WIRE_IMAP_SEARCH_OR:
	case WIRE_IMAP_SEARCH_NOT:
	case WIRE_IMAP_SEARCH_FUZZY:
		return put_keys(into, key->child);
	case WIRE_IMAP_SEARCH_SET:
	case WIRE_IMAP_SEARCH_UID:
		return put_set(into, &key->set);
	case WIRE_IMAP_SEARCH_FLAG:
		return put_flag(into, (unsigned)key->number);
	case WIRE_IMAP_SEARCH_RECENT:
		return true;
	case WIRE_IMAP_SEARCH_KEYWORD:
	case WIRE_IMAP_SEARCH_EMAILID:
	case WIRE_IMAP_SEARCH_THREADID:
	case WIRE_IMAP_SEARCH_FILTER:
		return buffer_put(into, key->text);
	case WIRE_IMAP_SEARCH_BEFORE:
	case WIRE_IMAP_SEARCH_ON:
	case WIRE_IMAP_SEARCH_SINCE:
	case WIRE_IMAP_SEARCH_SENT_BEFORE:
	case WIRE_IMAP_SEARCH_SENT_ON:
	case WIRE_IMAP_SEARCH_SENT_SINCE:
	case WIRE_IMAP_SEARCH_SAVED_BEFORE:
	case WIRE_IMAP_SEARCH_SAVED_ON:
	case WIRE_IMAP_SEARCH_SAVED_SINCE:
		return wire_imap_put_date(into, key->day);
	case WIRE_IMAP_SEARCH_LARGER:
	case WIRE_IMAP_SEARCH_SMALLER:
	case WIRE_IMAP_SEARCH_YOUNGER:
	case WIRE_IMAP_SEARCH_OLDER:
		return buffer_put_number(into, key->number);
	case WIRE_IMAP_SEARCH_MODSEQ:
		return buffer_put_number(into, key->modseq);
	case WIRE_IMAP_SEARCH_HEADER:
		wire_imap_put_string(into, key->field, false);
		buffer_put_byte(into, ' ');
		break;
	case WIRE_IMAP_SEARCH_BODY:
	case WIRE_IMAP_SEARCH_TEXT:
		break;
	}
	return wire_imap_put_string(into, key->text, false);
}

static bool
put_key(struct buffer *into, const struct wire_imap_search_key *key)
{
	if (key->kind == WIRE_IMAP_SEARCH_AND && !key->child)
		return buffer_put_text(into, "ALL");
	return buffer_put_text(into, NAMES[key->kind]) && put_argument(into, key);
}

bool
wire_imap_search_put(struct buffer *into, const struct wire_imap_search *search)
{
	return put_keys(into, search->key->child);
}
