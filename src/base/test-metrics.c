#include "base/metrics.h"
#include "base/test.h"
#include <pthread.h>

static void
refresh_gauge(void *argument)
{
	base_metric_set(argument, 42);
}

static void
rendering_is_prometheus_text(void **state)
{
	(void)state;
	struct base_metrics *metrics = base_metrics_create();
	struct base_metric *spam = base_metrics_counter(metrics,
		"troika_smtp_refused_total", "reason=\"spam\"", "Messages refused.");
	struct base_metric *open =
		base_metrics_gauge(metrics, "troika_net_sessions", "", "Sessions now.");
	struct base_metric *rate = base_metrics_counter(metrics,
		"troika_smtp_refused_total", "reason=\"rate\"", "Messages refused.");
	base_metrics_on_render(metrics, refresh_gauge, open);
	base_metric_add(spam, 2);
	base_metric_add(rate, 1);
	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
	base_metrics_render(metrics, &text);
	assert_slice_is(buffer_slice(&text),
		"# HELP troika_smtp_refused_total Messages refused.\n"
		"# TYPE troika_smtp_refused_total counter\n"
		"troika_smtp_refused_total{reason=\"spam\"} 2\n"
		"troika_smtp_refused_total{reason=\"rate\"} 1\n"
		"# HELP troika_net_sessions Sessions now.\n"
		"# TYPE troika_net_sessions gauge\n"
		"troika_net_sessions 42\n");
	base_metrics_destroy(metrics);
}

static void
seconds_fall_into_cumulative_buckets(void **state)
{
	(void)state;
	struct base_metrics *metrics = base_metrics_create();
	struct base_metric *took =
		base_metrics_seconds(metrics, "troika_x_seconds", "lane=\"a\"", "Time.");
	base_metric_observe_ms(took, 0);
	base_metric_observe_ms(took, 1);
	base_metric_observe_ms(took, 2);
	base_metric_observe_ms(took, 1500);
	base_metric_observe_ms(took, 61000);
	SCOPED(buffer_free) struct buffer text = buffer_with(8192);
	base_metrics_render(metrics, &text);
	static const char *const wanted[] = {
		"# TYPE troika_x_seconds histogram\n",
		"troika_x_seconds_bucket{lane=\"a\",le=\"0.001\"} 2\n",
		"troika_x_seconds_bucket{lane=\"a\",le=\"0.002\"} 3\n",
		"troika_x_seconds_bucket{lane=\"a\",le=\"1.000\"} 3\n",
		"troika_x_seconds_bucket{lane=\"a\",le=\"2.000\"} 4\n",
		"troika_x_seconds_bucket{lane=\"a\",le=\"60.000\"} 4\n",
		"troika_x_seconds_bucket{lane=\"a\",le=\"+Inf\"} 5\n",
		"troika_x_seconds_sum{lane=\"a\"} 62.503\n",
		"troika_x_seconds_count{lane=\"a\"} 5\n",
	};
	struct slice rendered = buffer_slice(&text);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		assert_true(
			slice_find(rendered, slice_of_text(wanted[i])) < rendered.length);
	base_metrics_destroy(metrics);
}

static void
the_same_name_is_the_same_metric(void **state)
{
	(void)state;
	struct base_metrics *metrics = base_metrics_create();
	struct base_metric *a = base_metrics_counter(metrics, "a_total", "", "A.");
	assert_ptr_equal(base_metrics_counter(metrics, "a_total", "", "A."), a);
	assert_ptr_not_equal(base_metrics_counter(metrics, "a_total", "x=\"1\"", "A."), a);
	assert_null(base_metrics_counter(NULL, "a_total", "", "A."));
	base_metric_add(NULL, 1);
	base_metric_set(NULL, 1);
	base_metric_observe_ms(NULL, 1);
	assert_int_equal(base_metric_value(NULL), 0);
	base_metrics_destroy(metrics);
	base_metrics_destroy(NULL);
}

static void *
add_often(void *metric)
{
	for (int i = 0; i < 10000; i++)
		base_metric_add(metric, 1);
	return NULL;
}

static void
threads_add_without_loss(void **state)
{
	(void)state;
	struct base_metrics *metrics = base_metrics_create();
	struct base_metric *metric = base_metrics_counter(metrics, "a_total", "", "A.");
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_often, metric), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(base_metric_value(metric), 40000);
	base_metrics_destroy(metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rendering_is_prometheus_text),
		cmocka_unit_test(seconds_fall_into_cumulative_buckets),
		cmocka_unit_test(the_same_name_is_the_same_metric),
		cmocka_unit_test(threads_add_without_loss),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
