#include "cli/print.h"
#include <unistd.h>
#include <wchar.h>

enum { COLUMNS_MOST = 32, CELL_MOST = 200 };

struct cli_printer
cli_printer_of(bool json)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct cli_printer){.json = json,
		.terminal = isatty(STDERR_FILENO),
		.rows = json_array(),
		.said = json_array(),
		.begun_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000};
}

void
cli_printer_expect(struct cli_printer *printer, uint64_t bytes)
{
	printer->expected = bytes;
}

void
cli_print_error(const char *text)
{
	dprintf(STDERR_FILENO, "troika: %s\n", text ? text : "it failed");
}

/* --- tables
 * --------------------------------------------------------------------------------- */

static bool
is_time(const char *key)
{
	return slice_ends(slice_of_text(key), SLICE("_ms"));
}

static void
put_time(struct buffer *into, int64_t ms)
{
	char text[40];
	struct tm broken;
	time_t moment = (time_t)(ms / 1000);
	if (ms == 0) {
		buffer_put_text(into, "-");
		return;
	}
	localtime_r(&moment, &broken);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &broken);
	buffer_put_text(into, text);
}

/* Foreign text must not move a terminal's cursor. */
static void
put_clean(struct buffer *into, struct slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		buffer_put_byte(into, byte < 0x20 || byte == 0x7f ? ' ' : text.data[i]);
	}
}

static struct buffer
cell_text(const char *key, const json_t *value)
{
	struct buffer text = buffer_with(64 * 1024);
	if (json_is_integer(value) && is_time(key))
		put_time(&text, json_integer_value(value));
	else if (json_is_integer(value))
		buffer_printf(&text, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buffer_put_text(&text, json_is_true(value) ? "yes" : "no");
	else if (json_is_string(value))
		put_clean(&text,
			slice_of(json_string_value(value), json_string_length(value)));
	else
		buffer_put_byte(&text, '-');
	return text;
}

/* Columns on the screen: continuation bytes of UTF-8 take none. */
static size_t
width_of(struct slice text)
{
	size_t width = 0;
	for (size_t i = 0; i < text.length; i++)
		width += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return width;
}

static void
put_cell(struct buffer *line, struct slice text, size_t width, bool right, bool last)
{
	size_t own = width_of(text);
	size_t blanks = own < width ? width - own : 0;
	for (size_t i = 0; right && i < blanks; i++)
		buffer_put_byte(line, ' ');
	buffer_put(line, text);
	for (size_t i = 0; !right && !last && i < blanks; i++)
		buffer_put_byte(line, ' ');
	if (!last)
		buffer_put_text(line, "  ");
}

static struct slice
heading_of(const char *key)
{
	struct slice heading = slice_of_text(key);
	if (is_time(key))
		heading.length -= 3;
	return heading;
}

static void
measure(const json_t *rows, size_t widths[COLUMNS_MOST])
{
	size_t index;
	json_t *row;
	json_array_foreach(rows, index, row)
	{
		size_t column = 0;
		const char *key;
		json_t *value;
		json_object_foreach(row, key, value)
		{
			if (column == COLUMNS_MOST)
				break;
			SCOPED(buffer_free) struct buffer text = cell_text(key, value);
			size_t width = width_of(buffer_slice(&text));
			size_t heading = width_of(heading_of(key));
			width = width > heading ? width : heading;
			width = width < CELL_MOST ? width : CELL_MOST;
			if (width > widths[column])
				widths[column] = width;
			column++;
		}
	}
}

static void
print_line(json_t *row, const size_t widths[COLUMNS_MOST], bool heading)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(1024 * 1024);
	size_t column = 0, columns = json_object_size(row);
	const char *key;
	json_t *value;
	json_object_foreach(row, key, value)
	{
		if (column == COLUMNS_MOST)
			break;
		SCOPED(buffer_free) struct buffer text = cell_text(key, value);
		bool right = json_is_integer(value) && !is_time(key);
		put_cell(&line, heading ? heading_of(key) : buffer_slice(&text),
			widths[column], right, column + 1 == columns);
		column++;
	}
	printf("%.*s\n", SLICE_ARG(buffer_slice(&line)));
}

static void
print_table(struct cli_printer *printer)
{
	size_t widths[COLUMNS_MOST] = {0}, index;
	json_t *row;
	if (json_array_size(printer->rows) == 0)
		return;
	measure(printer->rows, widths);
	print_line(json_array_get(printer->rows, 0), widths, true);
	json_array_foreach(printer->rows, index, row)
	{
		print_line(row, widths, false);
	}
	json_array_clear(printer->rows);
}

static bool
has_same_shape(json_t *a, json_t *b)
{
	const char *key;
	json_t *value;
	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach(a, key, value)
	{
		if (!json_object_get(b, key))
			return false;
	}
	return true;
}

void
cli_print_row(struct cli_printer *printer, json_t *row)
{
	json_t *first = json_array_get(printer->rows, 0);
	if (!printer->json && first && !has_same_shape(first, row))
		print_table(printer);
	json_array_append(printer->rows, row);
}

/* --- sentences and progress
 * ------------------------------------------------------------------- */

static void
clear_progress(struct cli_printer *printer)
{
	if (printer->progress_shown)
		dprintf(STDERR_FILENO, "\r\033[K");
	printer->progress_shown = false;
}

void
cli_print_sentence(struct cli_printer *printer, const char *sentence)
{
	if (printer->json) {
		json_array_append_new(printer->said, json_string(sentence));
		return;
	}
	SCOPED(buffer_free) struct buffer clean = buffer_with(64 * 1024);
	put_clean(&clean, slice_of_text(sentence));
	clear_progress(printer);
	print_table(printer);
	printf("%.*s\n", SLICE_ARG(buffer_slice(&clean)));
}

static double
seconds_since(uint64_t begun_ms)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	return now_ms > begun_ms ? (double)(now_ms - begun_ms) / 1000 : 0.001;
}

void
cli_print_progress(struct cli_printer *printer, const json_t *progress)
{
	double done = (double)json_integer_value(json_object_get(progress, "done"));
	double of = (double)json_integer_value(json_object_get(progress, "of"));
	const char *unit = json_string_value(json_object_get(progress, "unit"));
	bool bytes = unit && strcmp(unit, "bytes") == 0;
	if (!printer->terminal || printer->json)
		return;
	if (of == 0)
		of = (double)printer->expected;
	double seconds = seconds_since(printer->begun_ms), scale = bytes ? 1024 * 1024 : 1;
	double rate = done / seconds;
	dprintf(STDERR_FILENO, "\r\033[K%.0f %s, %.0f/s", done / scale,
		bytes ? "MiB" : unit, rate / scale);
	if (of > 0 && rate > 0 && of >= done) {
		long left = (long)((of - done) / rate);
		dprintf(STDERR_FILENO, ", %.0f %%, %ld:%02ld left", 100 * done / of,
			left / 60, left % 60);
	}
	printer->progress_shown = true;
}

void
cli_printer_end(struct cli_printer *printer)
{
	clear_progress(printer);
	if (printer->json) {
		bool rows = json_array_size(printer->rows) > 0 ||
			    json_array_size(printer->said) == 0;
		json_dumpf(rows ? printer->rows : printer->said, stdout, JSON_INDENT(2));
		printf("\n");
	} else {
		print_table(printer);
	}
	json_decref(printer->rows);
	json_decref(printer->said);
	fflush(stdout);
}
