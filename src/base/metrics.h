#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include "base/buffer.h"

/*
 * The registry of what an operator sees. A room registers its metrics once, keeps the
 * pointers, and adds to them from any thread without a lock. Names follow Prometheus:
 * troika_ROOM_WHAT_total for counters, units in the name.
 * Labels are fixed at registration ("reason=\"spam\""), or "" for none.
 */
struct base_metrics;
struct base_metric;

struct base_metrics *base_metrics_create(void);
void base_metrics_destroy(struct base_metrics *metrics);

/* Asking again for the same name and labels gives the same one. NULL metrics gives NULL. */
struct base_metric *base_metrics_counter(struct base_metrics *metrics, const char *name,
	const char *labels, const char *help);
struct base_metric *base_metrics_gauge(struct base_metrics *metrics, const char *name,
	const char *labels, const char *help);
/* Seconds, in buckets from 1 ms to 60 s. */
struct base_metric *base_metrics_seconds(struct base_metrics *metrics, const char *name,
	const char *labels, const char *help);

/* All accept NULL, so that tests need no registry. */
void base_metric_add(struct base_metric *metric, int64_t count);
void base_metric_set(struct base_metric *metric, int64_t value);
void base_metric_observe_ms(struct base_metric *metric, uint64_t ms);
int64_t base_metric_value(const struct base_metric *metric);

/* Called before each rendering, for gauges that are looked up, not kept. */
void base_metrics_on_render(
	struct base_metrics *metrics, void (*refresh)(void *), void *argument);
/* The Prometheus text format 0.0.4. */
void base_metrics_render(struct base_metrics *metrics, struct buffer *into);

#endif
