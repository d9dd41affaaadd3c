#include "post/search-rows.h"
#include "post/search-record.h"

/* Where a row's bytes are, before those of all; by falling emails. */
struct place {
	uint64_t first; /* email */
	uint32_t offset, length;
};

struct reading {
	struct place *places;
	size_t count;
	struct buffer bytes;
};

static bool
keep_row(void *argument, struct slice key, struct slice value)
{
	struct reading *reading = argument;
	struct place *place = &reading->places[reading->count];
	if (!search_key_take_pack(key, &place->first))
		return false;
	place->offset = (uint32_t)reading->bytes.length;
	place->length = (uint32_t)value.length;
	reading->count += buffer_put(&reading->bytes, value);
	return !buffer_failed(&reading->bytes);
}

static struct search_head *
make_head(const struct reading *reading, const struct store_hash *name)
{
	struct search_head *head = search_head_create(name, SEARCH_CACHED_ROWS);
	size_t size = reading->count * sizeof *reading->places;
	head->row_count = reading->count;
	search_head_room(head, size + reading->bytes.length);
	buffer_put(&head->bytes, slice_of(reading->places, size));
	buffer_put(&head->bytes, buffer_slice(&reading->bytes));
	return head;
}

static struct search_head *
read_rows(struct store_space *space, const struct store_hash *name)
{
	struct post_key from = search_key_pack(UINT64_MAX),
			until = search_key_after_packs();
	struct store_range range = {
		post_key_slice(&from), post_key_slice(&until), SEARCH_ROWS_MOST};
	struct reading reading = {.bytes = buffer_with(UINT32_MAX)};
	reading.places = calloc(SEARCH_ROWS_MOST, sizeof *reading.places);
	ASSERT(reading.places);
	enum base_failure failure = store_scan(space, &range, keep_row, &reading, NULL);
	struct search_head *head = failure ? NULL : make_head(&reading, name);
	free(reading.places);
	buffer_free(&reading.bytes);
	return head;
}

struct search_head *
search_rows_take(struct search_cache *cache, struct store_space *space,
	const struct store_hash *name)
{
	struct search_head *rows =
		cache ? search_cache_take(cache, name, SEARCH_CACHED_ROWS) : NULL;
	if (rows)
		return rows;
	rows = read_rows(space, name);
	if (rows && cache)
		search_cache_keep(cache, rows);
	return rows;
}

static struct place
place_at(const struct search_head *rows, size_t index)
{
	struct place place;
	memcpy(&place, rows->bytes.data + index * sizeof place, sizeof place);
	return place;
}

bool
search_rows_find(const struct search_head *rows, uint64_t email, struct slice *row)
{
	size_t low = 0, high = rows->row_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (place_at(rows, middle).first > email)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == rows->row_count)
		return false;
	struct place place = place_at(rows, low);
	*row = slice_part(buffer_slice(&rows->bytes),
		rows->row_count * sizeof place + place.offset, place.length);
	return true;
}
