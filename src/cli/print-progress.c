/* One line: a bar, how much, how fast, how long still. */
#include "cli/print.h"

enum { BAR_MOST = 30, BAR_LEAST = 10, WORDS_MOST = 60 };

struct progress {
	double done, of, rate; /* a second */
	bool bytes;
	const char *unit;
};

static struct progress
progress_of(const struct cli_printer *printer, const json_t *frame, uint64_t now_ms)
{
	uint64_t spent = now_ms > printer->begun_ms ? now_ms - printer->begun_ms : 1;
	const char *unit = json_string_value(json_object_get(frame, "unit"));
	struct progress progress = {
		.done = (double)json_integer_value(json_object_get(frame, "done")),
		.of = (double)json_integer_value(json_object_get(frame, "of")),
		.unit = unit ? unit : ""};
	progress.bytes = strcmp(progress.unit, "bytes") == 0;
	if (progress.of == 0 && progress.bytes)
		progress.of = (double)printer->expected;
	progress.rate = progress.done * 1000 / (double)spent;
	return progress;
}

static void
put_amount(struct buffer *into, const struct cli_printer *printer,
	const struct progress *progress, double amount)
{
	if (progress->bytes)
		buffer_printf(into, "%.1f MiB", amount / (1024 * 1024));
	else
		buffer_printf(into, "%.0f %s", amount,
			base_text(printer->voice.texts, progress->unit));
}

static void
put_bar(struct buffer *into, double part, unsigned columns)
{
	unsigned width =
		columns > WORDS_MOST + BAR_LEAST ? columns - WORDS_MOST : BAR_LEAST;
	width = width < BAR_MOST ? width : BAR_MOST;
	unsigned filled = (unsigned)(part * width);
	buffer_put_byte(into, '[');
	for (unsigned i = 0; i < width; i++)
		buffer_put_byte(into, i < filled ? '#' : '.');
	buffer_printf(into, "] %3.0f %%  ", part * 100);
}

static void
put_left(struct buffer *into, const struct cli_printer *printer, double seconds)
{
	char clock[40];
	long left = (long)seconds;
	if (left >= 3600)
		snprintf(clock, sizeof clock, "%ld:%02ld:%02ld", left / 3600,
			left / 60 % 60, left % 60);
	else
		snprintf(clock, sizeof clock, "%ld:%02ld", left / 60, left % 60);
	buffer_put_text(into, ", ");
	buffer_printf(into, base_text(printer->voice.texts, "%s left"), clock);
}

void
cli_put_progress(struct buffer *into, const struct cli_printer *printer,
	const json_t *frame, uint64_t now_ms)
{
	struct progress progress = progress_of(printer, frame, now_ms);
	bool known = progress.of > 0 && progress.of >= progress.done;
	if (known)
		put_bar(into, progress.done / progress.of, printer->progress_columns);
	put_amount(into, printer, &progress, progress.done);
	buffer_put_text(into, ", ");
	put_amount(into, printer, &progress, progress.rate);
	buffer_put_text(into, "/s");
	if (known && progress.rate > 0)
		put_left(into, printer, (progress.of - progress.done) / progress.rate);
}
