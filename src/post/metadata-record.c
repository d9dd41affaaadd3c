#include "post/metadata-record.h"
#include "post/records.h"

static int
compare(struct slice a, struct slice b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	for (size_t i = 0; i < common; i++) {
		unsigned char x = (unsigned char)byte_lower(a.data[i]);
		unsigned char y = (unsigned char)byte_lower(b.data[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.length < b.length ? -1 : a.length > b.length;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct post_metadata_entry *x = a, *y = b;
	return compare(x->name, y->name);
}

void
post_metadata_sort(struct post_metadata_entry *entries, size_t count)
{
	if (count > 1)
		qsort(entries, count, sizeof *entries, compare_entries);
}

bool
post_metadata_pack(
	const struct post_metadata_entry *entries, size_t count, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, count);
	for (size_t i = 0; i < count; i++) {
		buffer_put_sized(into, entries[i].name);
		buffer_put_sized(into, entries[i].value);
	}
	return !buffer_failed(into);
}

static bool
take_entries(struct slice *rest, struct post_metadata_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct post_metadata_entry *entry = &entries[i];
		if (!take_sized(rest, &entry->name) || !take_sized(rest, &entry->value) ||
			slice_empty(entry->name))
			return false;
		/* Empty is not absent. */
		if (slice_absent(entry->value))
			entry->value = SLICE("");
		if (i && compare(entries[i - 1].name, entry->name) >= 0)
			return false;
	}
	return slice_empty(*rest);
}

enum base_failure
post_metadata_unpack(struct slice value, struct arena *arena,
	struct post_metadata_entry **entries, size_t *count)
{
	uint64_t many;
	*entries = NULL;
	*count = 0;
	if (!post_take_format(&value) || !take_varint(&value, &many) || !many ||
		many > POST_METADATA_ENTRIES_MOST)
		return BASE_DAMAGED;
	struct post_metadata_entry *taken =
		ARENA_MANY(arena, struct post_metadata_entry, (size_t)many);
	if (!take_entries(&value, taken, (size_t)many))
		return BASE_DAMAGED;
	*entries = taken;
	*count = (size_t)many;
	return BASE_OK;
}
