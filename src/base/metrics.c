#include "base/metrics.h"
#include "base/error.h"
#include <pthread.h>
#include <stdatomic.h>

enum kind { COUNTER, GAUGE, SECONDS };

static const uint64_t BOUNDS_MS[] = {
	1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 30000, 60000};
#define BOUNDS (sizeof BOUNDS_MS / sizeof *BOUNDS_MS)

struct base_metric {
	struct base_metric *next; /* in its family */
	char *labels;
	_Atomic int64_t value;            /* for SECONDS: how many were observed */
	_Atomic uint64_t sum_ms;          /* SECONDS only, as is the next */
	_Atomic uint64_t buckets[BOUNDS]; /* each counts its own range, not those below */
};

/* All metrics of one name: the text format wants them in one run. */
struct family {
	struct family *next;
	enum kind kind;
	char *name;
	char *help;
	struct base_metric *first;
	struct base_metric **end;
};

struct refresh {
	struct refresh *next;
	void (*call)(void *);
	void *argument;
};

struct base_metrics {
	pthread_mutex_t lock; /* of the lists; values need none */
	struct family *first;
	struct family **end;
	struct refresh *refreshes;
};

static char *
text_copy(const char *text)
{
	char *copy = strdup(text);
	ASSERT(copy);
	return copy;
}

static void *
zeroed(size_t size)
{
	void *memory = calloc(1, size);
	ASSERT(memory);
	return memory;
}

struct base_metrics *
base_metrics_create(void)
{
	struct base_metrics *metrics = zeroed(sizeof *metrics);
	ASSERT(pthread_mutex_init(&metrics->lock, NULL) == 0);
	metrics->end = &metrics->first;
	return metrics;
}

static void
family_destroy(struct family *family)
{
	while (family->first) {
		struct base_metric *metric = family->first;
		family->first = metric->next;
		free(metric->labels);
		free(metric);
	}
	free(family->name);
	free(family->help);
	free(family);
}

void
base_metrics_destroy(struct base_metrics *metrics)
{
	if (!metrics)
		return;
	while (metrics->first) {
		struct family *family = metrics->first;
		metrics->first = family->next;
		family_destroy(family);
	}
	while (metrics->refreshes) {
		struct refresh *refresh = metrics->refreshes;
		metrics->refreshes = refresh->next;
		free(refresh);
	}
	pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}

static struct family *
family_of(struct base_metrics *metrics, enum kind kind, const char *name, const char *help)
{
	for (struct family *family = metrics->first; family; family = family->next) {
		if (strcmp(family->name, name) != 0)
			continue;
		ASSERT(family->kind == kind);
		return family;
	}
	struct family *family = zeroed(sizeof *family);
	family->kind = kind;
	family->name = text_copy(name);
	family->help = text_copy(help);
	family->end = &family->first;
	*metrics->end = family;
	metrics->end = &family->next;
	return family;
}

static struct base_metric *
metric_of(struct family *family, const char *labels)
{
	for (struct base_metric *metric = family->first; metric; metric = metric->next)
		if (strcmp(metric->labels, labels) == 0)
			return metric;
	struct base_metric *metric = zeroed(sizeof *metric);
	metric->labels = text_copy(labels);
	*family->end = metric;
	family->end = &metric->next;
	return metric;
}

static struct base_metric *
registered(struct base_metrics *metrics, enum kind kind, const char *name,
	const char *labels, const char *help)
{
	if (!metrics)
		return NULL;
	ASSERT(!strpbrk(help, "\\\n"));
	pthread_mutex_lock(&metrics->lock);
	struct base_metric *metric =
		metric_of(family_of(metrics, kind, name, help), labels);
	pthread_mutex_unlock(&metrics->lock);
	return metric;
}

struct base_metric *
base_metrics_counter(struct base_metrics *metrics, const char *name, const char *labels,
	const char *help)
{
	return registered(metrics, COUNTER, name, labels, help);
}

struct base_metric *
base_metrics_gauge(struct base_metrics *metrics, const char *name, const char *labels,
	const char *help)
{
	return registered(metrics, GAUGE, name, labels, help);
}

struct base_metric *
base_metrics_seconds(struct base_metrics *metrics, const char *name, const char *labels,
	const char *help)
{
	return registered(metrics, SECONDS, name, labels, help);
}

void
base_metric_add(struct base_metric *metric, int64_t count)
{
	if (metric)
		atomic_fetch_add_explicit(&metric->value, count, memory_order_relaxed);
}

void
base_metric_set(struct base_metric *metric, int64_t value)
{
	if (metric)
		atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void
base_metric_observe_ms(struct base_metric *metric, uint64_t ms)
{
	if (!metric)
		return;
	size_t bucket = 0;
	while (bucket < BOUNDS && ms > BOUNDS_MS[bucket])
		bucket++;
	if (bucket < BOUNDS)
		atomic_fetch_add_explicit(
			&metric->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&metric->sum_ms, ms, memory_order_relaxed);
	atomic_fetch_add_explicit(&metric->value, 1, memory_order_relaxed);
}

int64_t
base_metric_value(const struct base_metric *metric)
{
	return metric ? atomic_load_explicit(&metric->value, memory_order_relaxed) : 0;
}

void
base_metrics_on_render(
	struct base_metrics *metrics, void (*refresh)(void *), void *argument)
{
	struct refresh *entry = zeroed(sizeof *entry);
	pthread_mutex_lock(&metrics->lock);
	*entry = (struct refresh){metrics->refreshes, refresh, argument};
	metrics->refreshes = entry;
	pthread_mutex_unlock(&metrics->lock);
}

static void
put_name(struct buffer *into, const char *name, const char *suffix, const char *labels)
{
	buffer_put_text(into, name);
	buffer_put_text(into, suffix);
	if (*labels)
		buffer_printf(into, "{%s}", labels);
	buffer_put_byte(into, ' ');
}

static void
put_seconds(struct buffer *into, uint64_t ms)
{
	buffer_printf(
		into, "%llu.%03u", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
}

static void
put_bucket(struct buffer *into, const char *name, const char *labels)
{
	buffer_printf(into, "%s_bucket{%s%sle=\"", name, labels, *labels ? "," : "");
}

/* Others count meanwhile: value is read last, so that "+Inf" is the greatest. */
static void
render_seconds(struct buffer *into, const char *name, const struct base_metric *metric)
{
	uint64_t below = 0;
	for (size_t i = 0; i < BOUNDS; i++) {
		below += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
		put_bucket(into, name, metric->labels);
		put_seconds(into, BOUNDS_MS[i]);
		buffer_printf(into, "\"} %llu\n", (unsigned long long)below);
	}
	uint64_t count = (uint64_t)base_metric_value(metric);
	if (count < below)
		count = below;
	put_bucket(into, name, metric->labels);
	buffer_printf(into, "+Inf\"} %llu\n", (unsigned long long)count);
	put_name(into, name, "_sum", metric->labels);
	put_seconds(into, atomic_load_explicit(&metric->sum_ms, memory_order_relaxed));
	buffer_put_byte(into, '\n');
	put_name(into, name, "_count", metric->labels);
	buffer_printf(into, "%llu\n", (unsigned long long)count);
}

static void
render_family(struct buffer *into, const struct family *family)
{
	static const char *const TYPES[] = {"counter", "gauge", "histogram"};
	buffer_printf(into, "# HELP %s %s\n", family->name, family->help);
	buffer_printf(into, "# TYPE %s %s\n", family->name, TYPES[family->kind]);
	for (const struct base_metric *metric = family->first; metric;
		metric = metric->next) {
		if (family->kind == SECONDS) {
			render_seconds(into, family->name, metric);
			continue;
		}
		put_name(into, family->name, "", metric->labels);
		buffer_printf(into, "%lld\n", (long long)base_metric_value(metric));
	}
}

void
base_metrics_render(struct base_metrics *metrics, struct buffer *into)
{
	/* Refreshers are registered at the start and may themselves register metrics. */
	pthread_mutex_lock(&metrics->lock);
	const struct refresh *refresh = metrics->refreshes;
	pthread_mutex_unlock(&metrics->lock);
	for (; refresh; refresh = refresh->next)
		refresh->call(refresh->argument);
	pthread_mutex_lock(&metrics->lock);
	for (const struct family *family = metrics->first; family; family = family->next)
		render_family(into, family);
	pthread_mutex_unlock(&metrics->lock);
}
