#include "post/order.h"
#include "post/facts.h"
#include "post/sorting.h"

/* Records read at a step: some milliseconds. */
enum { AT_ONCE = 200, KEYS_MOST = 32 };

struct value {
	int64_t number;
	struct slice text;
};

struct item {
	uint32_t uid;
	struct value *values; /* one a key */
};

struct post_ordering {
	const struct post_view *view;
	struct post_uids *uids;
	struct post_uids_cursor *walk;
	struct post_order_key keys[KEYS_MOST];
	size_t key_count;
	struct arena *arena, *message;
	struct item *items;
	const uint8_t *scores; /* by rank; NULL: none */
	struct post_sorting sorting;
	uint32_t *ordered;
	size_t count;
	bool is_read, done;
	enum base_failure failure;
};

struct post_ordering *
post_order_begin(const struct post_view *view, const struct post_uids *uids,
	const struct post_order_key *keys, size_t count)
{
	ASSERT(count <= KEYS_MOST);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_ordering *ordering = ARENA_NEW(arena, struct post_ordering);
	ordering->view = view;
	ordering->uids = post_uids_copy(uids);
	post_uids_and(ordering->uids, post_view_uids(view));
	ordering->walk = post_uids_walk(ordering->uids);
	memcpy(ordering->keys, keys, count * sizeof *keys);
	ordering->key_count = count;
	ordering->arena = arena;
	ordering->message = arena_create(ARENA_NO_CEILING);
	size_t most = post_uids_count(ordering->uids);
	ordering->items = ARENA_MANY(arena, struct item, most);
	ordering->ordered = ARENA_MANY(arena, uint32_t, most);
	return ordering;
}

void
post_order_destroy(struct post_ordering *ordering)
{
	if (!ordering)
		return;
	post_uids_cursor_destroy(ordering->walk);
	post_uids_destroy(ordering->uids);
	arena_destroy(ordering->message);
	arena_destroy(ordering->arena);
}

/* --- values ------------------------------------------------------------------------------
 */

static struct value
number_value(int64_t number)
{
	return (struct value){.number = number};
}

static struct value
address_value(struct post_ordering *ordering, struct post_subject *subject,
	struct slice field, bool display)
{
	return (struct value){
		.text = post_fact_address(subject, field, display, ordering->arena)};
}

static struct value
value_of(
	struct post_ordering *ordering, struct post_subject *subject, enum post_order order)
{
	switch (order) {
	case POST_ORDER_ARRIVAL:
		return number_value(subject->message.internal_date);
	case POST_ORDER_SIZE:
		return number_value((int64_t)subject->message.size);
	case POST_ORDER_DATE:
		return number_value(post_fact_date(subject));
	case POST_ORDER_CC:
		return address_value(ordering, subject, SLICE("Cc"), false);
	case POST_ORDER_FROM:
		return address_value(ordering, subject, SLICE("From"), false);
	case POST_ORDER_TO:
		return address_value(ordering, subject, SLICE("To"), false);
	case POST_ORDER_DISPLAY_FROM:
		return address_value(ordering, subject, SLICE("From"), true);
	case POST_ORDER_DISPLAY_TO:
		return address_value(ordering, subject, SLICE("To"), true);
	case POST_ORDER_SCORE: /* of the one that is being added */
		return number_value(
			ordering->scores ? -ordering->scores[ordering->count - 1] : 0);
	case POST_ORDER_SUBJECT:
		break;
	}
	return (struct value){.text = post_fact_subject(subject, ordering->arena, NULL)};
}

static void
add(struct post_ordering *ordering, struct post_subject *subject)
{
	struct item *item = &ordering->items[ordering->count++];
	item->uid = subject->uid;
	item->values = ARENA_MANY(ordering->arena, struct value, ordering->key_count);
	for (size_t i = 0; i < ordering->key_count; i++)
		item->values[i] = value_of(ordering, subject, ordering->keys[i].order);
}

/* Arrival and size stand in the entry, of which many are read at once. */
static bool
is_short(const struct post_ordering *ordering)
{
	for (size_t i = 0; i < ordering->key_count; i++)
		if (ordering->keys[i].order != POST_ORDER_ARRIVAL &&
			ordering->keys[i].order != POST_ORDER_SIZE &&
			ordering->keys[i].order != POST_ORDER_SCORE)
			return false;
	return true;
}

void
post_order_by_scores(struct post_ordering *ordering, const uint8_t *scores)
{
	ordering->scores = scores;
}

static bool
add_entry(void *argument, const struct post_entry *entry)
{
	struct post_subject subject = {.uid = entry->uid};
	subject.message.internal_date = entry->internal_date;
	subject.message.size = entry->size;
	add(argument, &subject);
	return true;
}

static bool
read_entries(struct post_ordering *ordering)
{
	SCOPED(post_uids_release) struct post_uids *some = post_uids_create();
	uint32_t uid = 1;
	for (int i = 0; i < 10 * AT_ONCE && uid; i++) {
		uid = post_uids_cursor_next(ordering->walk);
		if (uid)
			post_uids_add(some, uid);
	}
	ordering->failure = post_entries_read(ordering->view, some, add_entry, ordering);
	return uid;
}

static bool
read_messages(struct post_ordering *ordering)
{
	for (int i = 0; i < AT_ONCE && !ordering->failure; i++) {
		struct post_subject subject = {.view = ordering->view,
			.uid = post_uids_cursor_next(ordering->walk),
			.arena = ordering->message};
		if (!subject.uid)
			return false;
		if (post_subject_read(&subject))
			add(ordering, &subject);
		ordering->failure = subject.failure;
		arena_reset(ordering->message);
	}
	return true;
}

/* --- the order ---------------------------------------------------------------------------
 */

static int
compare_values(const struct value *a, const struct value *b)
{
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return slice_compare(a->text, b->text);
}

static int
compare(const void *left, const void *right, void *argument)
{
	const struct item *a = left, *b = right;
	const struct post_ordering *ordering = argument;
	for (size_t i = 0; i < ordering->key_count; i++) {
		int order = compare_values(&a->values[i], &b->values[i]);
		if (order)
			return ordering->keys[i].reverse ? -order : order;
	}
	return a->uid < b->uid ? -1 : a->uid > b->uid;
}

static void
begin_sorting(struct post_ordering *ordering)
{
	size_t count = ordering->count;
	const void **places = ARENA_MANY(ordering->arena, const void *, 2 * count + 1);
	for (size_t i = 0; i < count; i++)
		places[i] = &ordering->items[i];
	ordering->sorting =
		post_sorting_of(places, places + count, count, compare, ordering);
	ordering->is_read = true;
}

static bool
sort_some(struct post_ordering *ordering)
{
	if (post_sorting_step(&ordering->sorting))
		return true;
	for (size_t i = 0; i < ordering->count; i++) {
		const struct item *item = ordering->sorting.things[i];
		ordering->ordered[i] = item->uid;
	}
	return false;
}

bool
post_order_step(struct post_ordering *ordering)
{
	if (ordering->done || ordering->failure)
		return false;
	bool more = true;
	if (ordering->is_read)
		more = sort_some(ordering);
	else if (!(is_short(ordering) ? read_entries(ordering) : read_messages(ordering)))
		begin_sorting(ordering);
	ordering->done = !more;
	return more && !ordering->failure;
}

enum base_failure
post_order_result(struct post_ordering *ordering, const uint32_t **uids, size_t *count)
{
	ASSERT(ordering->done || ordering->failure);
	*uids = ordering->ordered;
	*count = ordering->count;
	return ordering->failure;
}
