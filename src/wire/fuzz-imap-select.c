#include "base/error.h"
#include "wire/imap-select.h"
#include "wire/imap-sort.h"
#include "wire/imap-store.h"

/* SELECT, STORE, SORT, THREAD, UIDBATCHES: the first byte says which. */

static void
check_select(struct wire_imap_cursor *cursor)
{
	struct wire_imap_select select;
	if (!wire_imap_select_parse(cursor, &select)) {
		ASSERT(cursor->error);
		return;
	}
	ASSERT(select.modseq <= INT64_MAX);
	ASSERT(!select.qresync || select.uid_validity);
	for (size_t i = 1; i < select.match_count; i++) {
		ASSERT(select.match_numbers[i - 1] < select.match_numbers[i]);
		ASSERT(select.match_uids[i - 1] < select.match_uids[i]);
	}
}

static void
check_store(struct wire_imap_cursor *cursor)
{
	struct wire_imap_store store;
	if (wire_imap_store_parse(cursor, &store))
		ASSERT(store.unchanged_since <= INT64_MAX);
	else
		ASSERT(cursor->error);
}

static void
check_window(const struct wire_imap_results *results)
{
	uint32_t first, last;
	if (!(results->options & WIRE_IMAP_RETURN_PARTIAL))
		return;
	ASSERT(results->window.first && results->window.first <= results->window.last);
	if (wire_imap_partial_resolve(&results->window, 10, &first, &last))
		ASSERT(first && first <= last && last <= 10);
}

static void
check_sort(struct wire_imap_cursor *cursor)
{
	struct wire_imap_sort sort;
	if (!wire_imap_sort_parse(cursor, &sort)) {
		ASSERT(cursor->error);
		return;
	}
	ASSERT(sort.count && sort.count <= WIRE_IMAP_SORT_KEYS_MOST && sort.search.key);
	check_window(&sort.search.results);
}

static void
check_thread(struct wire_imap_cursor *cursor)
{
	struct wire_imap_thread thread;
	if (wire_imap_thread_parse(cursor, &thread))
		ASSERT(thread.search.key);
	else
		ASSERT(cursor->error);
}

static void
check_batches(struct wire_imap_cursor *cursor)
{
	struct wire_imap_batches batches;
	if (wire_imap_batches_parse(cursor, &batches))
		ASSERT(batches.size && batches.first <= batches.last);
	else
		ASSERT(cursor->error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(struct wire_imap_cursor *) = {
		check_select, check_store, check_sort, check_thread, check_batches};
	if (size == 0 || size > 20000)
		return 0;
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 22);
	struct wire_imap_cursor cursor =
		wire_imap_cursor_over(slice_of(data + 1, size - 1), arena);
	checks[data[0] % (sizeof checks / sizeof *checks)](&cursor);
	return 0;
}
