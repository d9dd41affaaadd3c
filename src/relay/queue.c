#include "relay/queue.h"

/* --- the whole ------------------------------------------------------------------- */

void
relay_queue_init(struct relay_queue *queue)
{
	*queue =
		(struct relay_queue){.letters = map_create(), .destinations = map_create()};
	TAILQ_INIT(&queue->by_arrival);
	TAILQ_INIT(&queue->wanting);
	TAILQ_INIT(&queue->wanting_slow);
	TAILQ_INIT(&queue->resting);
}

void
relay_queue_free(struct relay_queue *queue)
{
	struct relay_queued *letter;
	while ((letter = TAILQ_FIRST(&queue->by_arrival)))
		while (!relay_queue_remove(queue, TAILQ_FIRST(&letter->rows)))
			;
	size_t position = 0;
	struct slice name;
	void *destination;
	while (map_next(queue->destinations, &position, &name, &destination)) {
		((struct relay_destination *)destination)->is_resting = false;
		relay_destination_drop(queue, destination);
	}
	ASSERT(map_count(queue->destinations) == 0);
	map_destroy(queue->letters);
	map_destroy(queue->destinations);
	free(queue->heap);
}

/* --- letters and rows ------------------------------------------------------------ */

struct relay_queued *
relay_queued_create(struct slice id)
{
	struct relay_queued *letter = calloc(1, sizeof *letter);
	ASSERT(letter && id.length == BASE_ID_LENGTH);
	memcpy(letter->id, id.data, BASE_ID_LENGTH);
	TAILQ_INIT(&letter->rows);
	return letter;
}

struct relay_entry *
relay_queued_add_row(struct relay_queued *letter, uint32_t number, struct slice address)
{
	struct relay_entry *row = calloc(1, sizeof *row + address.length);
	ASSERT(row && address.length <= UINT16_MAX);
	row->letter = letter;
	row->number = number;
	row->length = (uint16_t)address.length;
	memcpy(row->address, address.data, address.length);
	TAILQ_INSERT_TAIL(&letter->rows, row, of_letter);
	letter->count++;
	return row;
}

void
relay_queued_destroy(struct relay_queued *letter)
{
	struct relay_entry *row;
	if (!letter)
		return;
	while ((row = TAILQ_FIRST(&letter->rows))) {
		TAILQ_REMOVE(&letter->rows, row, of_letter);
		free(row);
	}
	free(letter);
}

void
relay_queue_add(struct relay_queue *queue, struct relay_queued *letter)
{
	ASSERT(letter->count > 0);
	ASSERT(!map_put(queue->letters, relay_queued_id(letter), letter));
	TAILQ_INSERT_TAIL(&queue->by_arrival, letter, of_queue);
	queue->rows += letter->count;
}

struct relay_queued *
relay_queue_find(const struct relay_queue *queue, struct slice id)
{
	return map_get(queue->letters, id);
}

/* --- consignments ---------------------------------------------------------------- */

static void heap_remove(struct relay_queue *queue, struct relay_consignment *consignment);

static void
leave_ready(struct relay_consignment *consignment)
{
	if (!consignment->is_ready)
		return;
	TAILQ_REMOVE(&consignment->destination->ready, consignment, ready);
	consignment->destination->ready_count--;
	consignment->is_ready = false;
}

static void
destroy_consignment(struct relay_queue *queue, struct relay_consignment *consignment)
{
	struct relay_destination *destination = consignment->destination;
	leave_ready(consignment);
	heap_remove(queue, consignment);
	if (destination->newest == consignment)
		destination->newest = NULL;
	destination->consignments--;
	free(consignment);
	relay_destination_drop(queue, destination);
}

static void
leave_consignment(struct relay_queue *queue, struct relay_entry *row)
{
	struct relay_consignment *consignment = row->consignment;
	if (!consignment)
		return;
	TAILQ_REMOVE(&consignment->rows, row, of_consignment);
	row->consignment = NULL;
	if (TAILQ_EMPTY(&consignment->rows))
		destroy_consignment(queue, consignment);
}

bool
relay_queue_remove(struct relay_queue *queue, struct relay_entry *row)
{
	struct relay_queued *letter = row->letter;
	leave_consignment(queue, row);
	TAILQ_REMOVE(&letter->rows, row, of_letter);
	free(row);
	queue->rows--;
	if (--letter->count > 0)
		return false;
	map_remove(queue->letters, relay_queued_id(letter));
	TAILQ_REMOVE(&queue->by_arrival, letter, of_queue);
	relay_queued_destroy(letter);
	return true;
}

/* A letter's rows come one after the other, so the newest one is looked at only. */
static struct relay_consignment *
consignment_of(struct relay_destination *destination, struct relay_queued *letter)
{
	if (destination->newest && destination->newest->letter == letter)
		return destination->newest;
	struct relay_consignment *made = calloc(1, sizeof *made);
	ASSERT(made);
	made->letter = letter;
	made->destination = destination;
	TAILQ_INIT(&made->rows);
	destination->consignments++;
	destination->newest = made;
	return made;
}

/* --- destinations ---------------------------------------------------------------- */

static const struct slice MX = SLICE_INIT("mx ");

void
relay_destination_parse(
	struct slice name, struct relay_target *target, struct slice *domain)
{
	*domain = SLICE_NONE;
	*target = (struct relay_target){.way = RELAY_WAY_LOCAL};
	if (slice_starts(name, MX)) {
		target->way = RELAY_WAY_MX;
		*domain = slice_from(name, MX.length);
	} else if (!slice_equal(name, SLICE("local"))) {
		ASSERT(relay_target_parse(name, 0, target, NULL) == BASE_OK);
	}
}

static struct relay_destination *
destination_named(struct relay_queue *queue, struct slice name)
{
	struct relay_destination *found = map_get(queue->destinations, name);
	if (found)
		return found;
	struct relay_destination *made = calloc(1, sizeof *made + name.length);
	pthread_condattr_t monotonic;
	ASSERT(made);
	made->length = name.length;
	memcpy(made->name, name.data, name.length);
	relay_destination_parse(
		slice_of(made->name, made->length), &made->target, &made->domain);
	TAILQ_INIT(&made->ready);
	made->window = RELAY_WINDOW_FIRST;
	ASSERT(pthread_condattr_init(&monotonic) == 0);
	ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	ASSERT(pthread_cond_init(&made->arrived, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
	map_put(queue->destinations, name, made);
	return made;
}

void
relay_destination_drop(struct relay_queue *queue, struct relay_destination *destination)
{
	if (destination->consignments || destination->connections ||
		destination->is_resting)
		return;
	if (destination->waits_in)
		TAILQ_REMOVE(destination->waits_in, destination, wanting);
	map_remove(queue->destinations, slice_of(destination->name, destination->length));
	pthread_cond_destroy(&destination->arrived);
	free(destination);
}

void
relay_queue_assign(struct relay_queue *queue, struct relay_entry *row, struct slice name)
{
	struct relay_destination *destination = destination_named(queue, name);
	if (row->consignment && row->consignment->destination == destination)
		return;
	struct relay_consignment *consignment = consignment_of(destination, row->letter);
	leave_consignment(queue, row);
	row->consignment = consignment;
	TAILQ_INSERT_TAIL(&consignment->rows, row, of_consignment);
}

/* --- the heap of due times ------------------------------------------------------- */

static void
heap_set(struct relay_queue *queue, size_t place, struct relay_consignment *consignment)
{
	queue->heap[place] = consignment;
	consignment->in_heap = place + 1;
}

static void
sift_up(struct relay_queue *queue, size_t place)
{
	struct relay_consignment *moving = queue->heap[place];
	while (place > 0 && queue->heap[(place - 1) / 2]->due_ms > moving->due_ms) {
		heap_set(queue, place, queue->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	heap_set(queue, place, moving);
}

static void
sift_down(struct relay_queue *queue, size_t place)
{
	struct relay_consignment *moving = queue->heap[place];
	for (;;) {
		size_t child = 2 * place + 1;
		if (child >= queue->heap_count)
			break;
		if (child + 1 < queue->heap_count &&
			queue->heap[child + 1]->due_ms < queue->heap[child]->due_ms)
			child++;
		if (queue->heap[child]->due_ms >= moving->due_ms)
			break;
		heap_set(queue, place, queue->heap[child]);
		place = child;
	}
	heap_set(queue, place, moving);
}

static void
heap_remove(struct relay_queue *queue, struct relay_consignment *consignment)
{
	if (!consignment->in_heap)
		return;
	size_t place = consignment->in_heap - 1;
	struct relay_consignment *last = queue->heap[--queue->heap_count];
	consignment->in_heap = 0;
	if (last == consignment)
		return;
	heap_set(queue, place, last);
	sift_up(queue, place);
	sift_down(queue, last->in_heap - 1);
}

static void
heap_add(struct relay_queue *queue, struct relay_consignment *consignment)
{
	if (queue->heap_count == queue->heap_room) {
		queue->heap_room = queue->heap_room ? 2 * queue->heap_room : 64;
		queue->heap = reallocarray(
			queue->heap, queue->heap_room, sizeof(struct relay_consignment *));
		ASSERT(queue->heap);
	}
	heap_set(queue, queue->heap_count++, consignment);
	sift_up(queue, consignment->in_heap - 1);
}

struct relay_consignment *
relay_queue_due(struct relay_queue *queue, int64_t now_ms)
{
	if (queue->heap_count == 0 || queue->heap[0]->due_ms > now_ms)
		return NULL;
	struct relay_consignment *first = queue->heap[0];
	heap_remove(queue, first);
	return first;
}

/* --- where consignments belong --------------------------------------------------- */

static bool
earliest(const struct relay_consignment *consignment, int64_t *due_ms)
{
	const struct relay_entry *row;
	bool found = false;
	TAILQ_FOREACH(row, &consignment->rows, of_consignment)
	{
		if (row->place != RELAY_ROW_WAITING || (found && row->next_ms >= *due_ms))
			continue;
		*due_ms = row->next_ms;
		found = true;
	}
	return found;
}

void
relay_queue_place(
	struct relay_queue *queue, struct relay_consignment *consignment, int64_t now_ms)
{
	int64_t due = 0;
	heap_remove(queue, consignment);
	bool waiting = earliest(consignment, &due);
	if (!waiting || due > now_ms)
		leave_ready(consignment);
	if (!waiting)
		return;
	consignment->due_ms = due;
	if (due > now_ms) {
		heap_add(queue, consignment);
	} else if (!consignment->is_ready) {
		TAILQ_INSERT_TAIL(&consignment->destination->ready, consignment, ready);
		consignment->destination->ready_count++;
		consignment->is_ready = true;
	}
}

void
relay_queue_shift(struct relay_queue *queue, int64_t by_ms)
{
	struct relay_queued *letter;
	struct relay_entry *row;
	struct relay_destination *destination;
	TAILQ_FOREACH(letter, &queue->by_arrival, of_queue)
	{
		letter->arrived_ms += by_ms;
		TAILQ_FOREACH(row, &letter->rows, of_letter)
		row->next_ms += by_ms;
	}
	for (size_t i = 0; i < queue->heap_count; i++)
		queue->heap[i]->due_ms += by_ms;
	TAILQ_FOREACH(destination, &queue->resting, resting)
	destination->rest_until_ms += by_ms;
}

size_t
relay_queue_lease(struct relay_queue *queue, struct relay_destination *destination,
	int64_t now_ms, struct relay_entry *rows[RELAY_PARCEL_MOST])
{
	struct relay_consignment *first = TAILQ_FIRST(&destination->ready);
	struct relay_entry *row;
	size_t count = 0;
	if (!first)
		return 0;
	TAILQ_FOREACH(row, &first->rows, of_consignment)
	{
		if (count == RELAY_PARCEL_MOST)
			break;
		if (row->place != RELAY_ROW_WAITING ||
			row->next_ms > now_ms + RELAY_TOGETHER_MS)
			continue;
		row->place = RELAY_ROW_LEASED;
		rows[count++] = row;
	}
	relay_queue_place(queue, first, now_ms);
	return count;
}
