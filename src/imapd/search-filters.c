/* Filters that are kept in METADATA (RFC 5466), found by their names and read. */
#include "imapd/searching.h"
#include "post/metadata.h"

/* While all annotations of the account are read. */
#define FILTERS_ROOM ((size_t)4 * POST_METADATA_BYTES_MOST)

static void
read_filters(struct imapd_filters *filters)
{
	if (filters->read || !arena_has_room(filters->arena, FILTERS_ROOM))
		return;
	filters->read = true;
	if (post_metadata_read(filters->session->account, SLICE(""), filters->arena,
		    &filters->list, &filters->count))
		filters->count = 0;
}

static bool
is_in_place(struct slice entry, struct slice place, struct slice name)
{
	return entry.length == place.length + name.length &&
	       slice_starts_nocase(entry, place) &&
	       slice_equal_nocase(slice_from(entry, place.length), name);
}

/* The account's own comes before one that is shared (3.1). */
static bool
find_filter(struct imapd_filters *filters, struct slice name, struct slice *value)
{
	static const struct slice places[] = {SLICE_INIT("/private/filters/values/"),
		SLICE_INIT("/shared/filters/values/")};
	read_filters(filters);
	for (size_t place = 0; place < sizeof places / sizeof *places; place++)
		for (size_t i = 0; i < filters->count; i++)
			if (is_in_place(filters->list[i].name, places[place], name)) {
				*value = filters->list[i].value;
				return true;
			}
	return false;
}

enum imapd_filter
imapd_filter_read(
	struct imapd_filters *filters, struct slice name, struct wire_imap_search *search)
{
	struct slice value;
	if (!find_filter(filters, name, &value))
		return IMAPD_FILTER_NONE;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(value, filters->arena);
	cursor.utf8 = true;
	if (!wire_imap_search_keys_parse(&cursor, search))
		return IMAPD_FILTER_NONE;
	filters->keys += search->keys;
	return filters->keys > WIRE_IMAP_SEARCH_KEYS_MOST ? IMAPD_FILTER_TOO_LARGE
							  : IMAPD_FILTER_READ;
}

const struct imapd_extension imapd_extension_filters = {
	.capability = "FILTERS",
	.rfc = "5466",
	.purpose = "SEARCH by filters that are kept in METADATA",
	.file = __FILE__,
};
