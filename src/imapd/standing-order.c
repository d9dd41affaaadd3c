/*
 * Orders that stand: RFC 5267 4.3, CONTEXT=SORT. What a message is ordered by never
 * changes, so that a new one has its place found among the others by halves, and all others
 * keep theirs.
 */
#include "imapd/standing-order.h"

struct imapd_standing_order {
	uint32_t *uids;
	size_t count, room, key_count;
	struct post_order_key keys[WIRE_IMAP_SORT_KEYS_MOST];
};

struct imapd_standing_order *
imapd_standing_order_new(const uint32_t *uids, size_t count,
	const struct post_order_key *keys, size_t key_count)
{
	struct imapd_standing_order *order = calloc(1, sizeof *order);
	ASSERT(order && key_count <= WIRE_IMAP_SORT_KEYS_MOST);
	order->count = count;
	order->room = count + 1;
	order->uids = malloc(order->room * sizeof *uids);
	ASSERT(order->uids);
	if (count)
		memcpy(order->uids, uids, count * sizeof *uids);
	order->key_count = key_count;
	memcpy(order->keys, keys, key_count * sizeof *keys);
	return order;
}

void
imapd_standing_order_free(struct imapd_standing_order *order)
{
	if (!order)
		return;
	free(order->uids);
	free(order);
}

size_t
imapd_standing_order_count(const struct imapd_standing_order *order)
{
	return order ? order->count : 0;
}

/* From the last on, so that each place is right when those before are gone. */
void
imapd_standing_order_take(struct imapd_standing_order *order, const struct post_uids *gone,
	struct imapd_place *places)
{
	size_t left = post_uids_count(gone), kept = 0;
	for (size_t i = 0; i < order->count; i++) {
		if (post_uids_has(gone, order->uids[i]))
			places[--left] =
				(struct imapd_place){(uint32_t)i + 1, order->uids[i]};
		else
			order->uids[kept++] = order->uids[i];
	}
	ASSERT(!left);
	order->count = kept;
}

static enum base_failure
is_before(const struct imapd_standing_order *order, const struct post_view *view,
	uint32_t uid, uint32_t other, bool *before)
{
	const uint32_t *uids;
	size_t count;
	SCOPED(post_uids_release) struct post_uids *two = post_uids_create();
	post_uids_add(two, uid);
	post_uids_add(two, other);
	struct post_ordering *ordering =
		post_order_begin(view, two, order->keys, order->key_count);
	while (post_order_step(ordering))
		continue;
	enum base_failure failure = post_order_result(ordering, &uids, &count);
	*before = !failure && count && uids[0] == uid;
	post_order_destroy(ordering);
	return failure;
}

/* The last, the first, then by halves. */
static size_t
look_at(unsigned turn, size_t first, size_t end)
{
	if (turn == 0)
		return end - 1;
	return turn == 1 ? first : first + (end - first) / 2;
}

static enum base_failure
find_place(const struct imapd_standing_order *order, const struct post_view *view,
	uint32_t uid, unsigned *comparisons, size_t *place)
{
	enum base_failure failure = BASE_OK;
	size_t first = 0, end = order->count;
	for (unsigned turn = 0; first < end && !failure; turn++) {
		bool before;
		size_t at = look_at(turn, first, end);
		if (!*comparisons)
			return BASE_TOO_LARGE;
		--*comparisons;
		failure = is_before(order, view, uid, order->uids[at], &before);
		if (before)
			end = at;
		else
			first = at + 1;
	}
	*place = first;
	return failure;
}

static void
insert(struct imapd_standing_order *order, size_t place, uint32_t uid)
{
	if (order->count == order->room) {
		order->room += order->room / 2 + 1;
		order->uids = reallocarray(order->uids, order->room, sizeof *order->uids);
		ASSERT(order->uids);
	}
	memmove(order->uids + place + 1, order->uids + place,
		(order->count - place) * sizeof *order->uids);
	order->uids[place] = uid;
	order->count++;
}

enum base_failure
imapd_standing_order_add(struct imapd_standing_order *order, const struct post_view *view,
	const struct post_uids *added, unsigned *comparisons, struct imapd_place *places)
{
	enum base_failure failure = BASE_OK;
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(added);
	for (uint32_t uid; !failure && (uid = post_uids_cursor_next(walk));) {
		size_t place;
		failure = find_place(order, view, uid, comparisons, &place);
		if (failure)
			return failure;
		insert(order, place, uid);
		*places++ = (struct imapd_place){(uint32_t)place + 1, uid};
	}
	return failure;
}

const struct imapd_extension imapd_extension_context_sort = {
	.capability = "CONTEXT=SORT",
	.rfc = "5267 4",
	.purpose = "What SORT gives is kept up to date, with the places",
	.file = __FILE__,
};
