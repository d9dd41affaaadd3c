/*
 * The way of each letter: log events that carry an "id", gathered for a second and stored
 * as one row, so that they cost no sync of their own. Ids begin with a time (base/id.h), so
 * a trace knows where to begin to look.
 */
#include "admin/trace.h"
#include "base/id.h"
#include <pthread.h>

enum {
	GATHERED_MOST = 4 * 1024 * 1024,
	FLUSH_AT = 512 * 1024,
	FLUSH_EVERY_MS = 1000,
	CLOCK_SLACK_MS = 60 * 60 * 1000, /* somebody may have set the clock back */
	EVENT_MOST = 8 * 1024,
	KEY_SIZE = 8 + 4
};

#define TRACE_SPACE   3
#define TRACE_VERSION 1

struct admin_trace {
	struct store_space *space;
	struct base_clock *clock;
	uint64_t keep_ms;
	pthread_mutex_t lock;       /* of gathered */
	pthread_mutex_t flush_lock; /* of what follows gathered */
	struct buffer gathered;
	uint32_t number;     /* tells rows of one millisecond apart */
	uint64_t flushed_ms; /* steady */
	int64_t cleared_ms;
	struct base_ticket *last; /* of the flush before */
};

struct admin_trace *
admin_trace_create(struct store *store, struct base_clock *clock, uint64_t keep_ms)
{
	struct admin_trace *trace = calloc(1, sizeof *trace);
	ASSERT(trace);
	trace->space = store_space_open(store, TRACE_SPACE);
	trace->clock = clock;
	trace->keep_ms = keep_ms;
	trace->gathered = buffer_with(GATHERED_MOST);
	pthread_mutex_init(&trace->lock, NULL);
	pthread_mutex_init(&trace->flush_lock, NULL);
	return trace;
}

static struct slice
row_key(int64_t wall_ms, uint32_t number, struct buffer *key)
{
	buffer_clear(key);
	buffer_put_be64(key, (uint64_t)wall_ms);
	buffer_put_be32(key, number);
	return buffer_slice(key);
}

/* --- gathering ------------------------------------------------------------------------ */

static const struct base_log_field *
id_field(const struct base_log_field *fields)
{
	for (; fields->kind != BASE_LOG_END; fields++)
		if (fields->kind == BASE_LOG_FIELD_TEXT && strcmp(fields->key, "id") == 0)
			return fields;
	return NULL;
}

static void
put_fields(struct buffer *into, const struct base_log_field *fields)
{
	for (; fields->kind != BASE_LOG_END; fields++) {
		buffer_put_sized(into, slice_of_text(fields->key));
		if (fields->kind == BASE_LOG_FIELD_TEXT) {
			buffer_put_sized(into, slice_first(fields->text, 1024));
			continue;
		}
		char number[24];
		int length =
			snprintf(number, sizeof number, "%lld", (long long)fields->number);
		buffer_put_sized(into, slice_of(number, (size_t)length));
	}
}

/* A full buffer drops events rather than holding up mail. */
void
admin_trace_tap(void *argument, int64_t wall_ms, const char *event,
	const struct base_log_field *fields)
{
	struct admin_trace *trace = argument;
	const struct base_log_field *id = id_field(fields);
	if (!id)
		return;
	SCOPED(buffer_free) struct buffer packed = buffer_with(EVENT_MOST);
	buffer_put_sized(&packed, id->text);
	buffer_put_be64(&packed, (uint64_t)wall_ms);
	buffer_put_sized(&packed, slice_of_text(event));
	put_fields(&packed, fields);
	if (buffer_failed(&packed))
		return;
	pthread_mutex_lock(&trace->lock);
	if (trace->gathered.length + packed.length + 16 < GATHERED_MOST)
		buffer_put_sized(&trace->gathered, buffer_slice(&packed));
	pthread_mutex_unlock(&trace->lock);
}

/* --- storing -------------------------------------------------------------------------- */

static void
put_row(struct admin_trace *trace, struct store_turn *turn, int64_t now,
	struct slice events)
{
	SCOPED(buffer_free) struct buffer key = buffer_with(KEY_SIZE);
	SCOPED(buffer_free) struct buffer value = buffer_with(GATHERED_MOST + 1);
	buffer_put_byte(&value, TRACE_VERSION);
	buffer_put(&value, events);
	store_put(turn, row_key(now, trace->number++, &key), buffer_slice(&value));
}

static void
clear_old(struct admin_trace *trace, struct store_turn *turn, int64_t now)
{
	enum { EVERY_MS = 10 * 60 * 1000 };
	if (now < trace->cleared_ms + EVERY_MS || now < (int64_t)trace->keep_ms)
		return;
	SCOPED(buffer_free) struct buffer from = buffer_with(KEY_SIZE);
	SCOPED(buffer_free) struct buffer until = buffer_with(KEY_SIZE);
	store_delete_range(turn, row_key(0, 0, &from),
		row_key(now - (int64_t)trace->keep_ms, 0, &until));
	trace->cleared_ms = now;
}

static struct buffer
take_gathered(struct admin_trace *trace)
{
	pthread_mutex_lock(&trace->lock);
	struct buffer events = trace->gathered;
	trace->gathered = buffer_with(GATHERED_MOST);
	pthread_mutex_unlock(&trace->lock);
	return events;
}

static void
store_gathered(struct admin_trace *trace)
{
	SCOPED(buffer_free) struct buffer events = take_gathered(trace);
	struct store_turn *turn = NULL;
	if (events.length == 0 || store_begin(trace->space, STORE_CHANGE, &turn))
		return;
	int64_t now = base_clock_wall_ms(trace->clock);
	put_row(trace, turn, now, buffer_slice(&events));
	clear_old(trace, turn, now);
	base_ticket_drop(trace->last);
	trace->last = store_submit(&turn);
}

/* Complete when all events so far are stored; the caller drops it. May be NULL. */
static struct base_ticket *
flush(struct admin_trace *trace)
{
	pthread_mutex_lock(&trace->flush_lock);
	store_gathered(trace);
	struct base_ticket *last = trace->last ? base_ticket_hold(trace->last) : NULL;
	pthread_mutex_unlock(&trace->flush_lock);
	return last;
}

/* Called by one thread. */
void
admin_trace_tick(struct admin_trace *trace)
{
	uint64_t now = base_clock_steady_ms(trace->clock);
	pthread_mutex_lock(&trace->lock);
	size_t gathered = trace->gathered.length;
	pthread_mutex_unlock(&trace->lock);
	if (gathered < FLUSH_AT && now < trace->flushed_ms + FLUSH_EVERY_MS)
		return;
	trace->flushed_ms = now;
	base_ticket_drop(flush(trace));
}

void
admin_trace_close(struct admin_trace *trace)
{
	if (!trace)
		return;
	SCOPED(base_ticket_release) struct base_ticket *last = flush(trace);
	enum base_failure lost = last ? base_ticket_wait(last) : BASE_OK;
	(void)lost; /* a broken store takes the last second's events with it */
	base_ticket_release(&trace->last);
	store_space_close(trace->space);
	trace->space = NULL;
}

void
admin_trace_destroy(struct admin_trace *trace)
{
	if (!trace)
		return;
	buffer_free(&trace->gathered);
	pthread_mutex_destroy(&trace->lock);
	pthread_mutex_destroy(&trace->flush_lock);
	free(trace);
}

/* --- reading -------------------------------------------------------------------------- */

struct reading {
	struct slice id;
	admin_trace_event *seen;
	void *argument;
};

static bool
read_event(struct reading *reading, struct slice packed)
{
	struct admin_traced traced;
	uint64_t wall_ms;
	if (!take_sized(&packed, &traced.id) || !take_be64(&packed, &wall_ms) ||
		!take_sized(&packed, &traced.event))
		return false;
	/* A queue row's id is its letter's, "-", and a number: it is the same letter's way.
	 */
	if (!slice_starts_nocase(traced.id, slice_first(reading->id, BASE_ID_LENGTH)))
		return true;
	traced.wall_ms = (int64_t)wall_ms;
	traced.fields = packed;
	reading->seen(reading->argument, &traced);
	return true;
}

static bool
read_row(void *argument, struct slice key, struct slice value)
{
	uint8_t version;
	struct slice packed;
	(void)key;
	if (!take_byte(&value, &version) || version != TRACE_VERSION)
		return true;
	while (take_sized(&value, &packed))
		if (!read_event(argument, packed))
			break;
	return true;
}

bool
admin_traced_next(struct admin_traced *traced, struct slice *key, struct slice *value)
{
	return take_sized(&traced->fields, key) && take_sized(&traced->fields, value);
}

enum base_failure
admin_trace_read(
	struct admin_trace *trace, struct slice id, admin_trace_event *seen, void *argument)
{
	int64_t begun;
	if (!base_id_time(slice_first(id, BASE_ID_LENGTH), &begun))
		return BASE_INVALID;
	SCOPED(base_ticket_release) struct base_ticket *stored = flush(trace);
	if (stored && base_ticket_wait(stored))
		return BASE_UNAVAILABLE;
	SCOPED(buffer_free) struct buffer from = buffer_with(KEY_SIZE);
	struct reading reading = {.id = id, .seen = seen, .argument = argument};
	int64_t earliest = begun > CLOCK_SLACK_MS ? begun - CLOCK_SLACK_MS : 0;
	return store_scan(trace->space,
		&(struct store_range){.from = row_key(earliest, 0, &from)}, read_row,
		&reading, NULL);
}
