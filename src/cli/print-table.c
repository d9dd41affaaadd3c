/* Rows as a table. On a terminal wide columns are cut to fit, the last one goes on below.
 */
#include "cli/print.h"
#include <wchar.h>

enum { COLUMNS_MOST = 32, CELL_MOST = 200, CELL_LEAST = 8, LAST_LEAST = 24, GAP = 2 };

/* --- text ----------------------------------------------------------------------------- */

void
cli_put_clean(struct buffer *into, struct slice text)
{
	while (text.length) {
		size_t step = slice_utf8_first(text);
		struct slice character = slice_first(text, step ? step : 1);
		unsigned char first = (unsigned char)character.data[0];
		bool control = first < 0x20 || first == 0x7f ||
			       (first == 0xc2 && (unsigned char)character.data[1] < 0xa0);
		if (step == 0)
			buffer_put_byte(into, '?');
		else if (control)
			buffer_put_byte(into, ' ');
		else
			buffer_put(into, character);
		text = slice_from(text, character.length);
	}
}

/* Where the locale knows no UTF-8, a character is one column. */
static size_t
width_of_character(struct slice character)
{
	wchar_t wide;
	mbstate_t state = {0};
	size_t got = mbrtowc(&wide, character.data, character.length, &state);
	int width = got == character.length ? wcwidth(wide) : 1;
	return width < 0 ? 1 : (size_t)width;
}

static struct slice
first_character(struct slice text)
{
	size_t step = slice_utf8_first(text);
	return slice_first(text, step ? step : 1);
}

size_t
cli_width_of(struct slice text)
{
	size_t width = 0;
	while (text.length) {
		struct slice character = first_character(text);
		width += width_of_character(character);
		text = slice_from(text, character.length);
	}
	return width;
}

/* As many characters as fit. */
static struct slice
cut_to(struct slice text, size_t width)
{
	struct slice rest = text;
	while (rest.length) {
		struct slice character = first_character(rest);
		size_t own = width_of_character(character);
		if (own > width)
			break;
		width -= own;
		rest = slice_from(rest, character.length);
	}
	return slice_first(text, text.length - rest.length);
}

/* The same, but between words where there is a blank in the second half. */
static struct slice
cut_at_word(struct slice text, size_t width)
{
	struct slice part = cut_to(text, width);
	size_t blank = slice_find_last_byte(part, ' ');
	if (part.length == text.length || blank == part.length || blank < part.length / 2)
		return part;
	return slice_first(part, blank + 1);
}

/* --- cells ---------------------------------------------------------------------------- */

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

static struct buffer
cell_text(const struct cli_printer *printer, const char *key, const json_t *value)
{
	struct buffer text = buffer_with(64 * 1024);
	if (json_is_integer(value) && is_time(key))
		put_time(&text, json_integer_value(value));
	else if (json_is_integer(value))
		buffer_printf(&text, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		buffer_put_text(&text, base_text(printer->voice.texts,
					       json_is_true(value) ? "yes" : "no"));
	else if (json_is_string(value) && strcmp(key, "state") == 0)
		buffer_put_text(
			&text, base_text(printer->voice.texts, json_string_value(value)));
	else if (json_string_length(value) > 0)
		cli_put_clean(&text,
			slice_of(json_string_value(value), json_string_length(value)));
	else
		buffer_put_byte(&text, '-');
	return text;
}

static struct slice
heading_of(const struct cli_printer *printer, const char *key, char room[64])
{
	struct slice heading = slice_of_text(key);
	if (is_time(key))
		heading.length -= 3;
	snprintf(room, 64, "%.*s", SLICE_ARG(heading));
	return slice_of_text(base_text(printer->voice.texts, room));
}

/* --- widths --------------------------------------------------------------------------- */

static void
widen(size_t *width, struct slice text)
{
	size_t own = cli_width_of(text);
	own = own < CELL_MOST ? own : CELL_MOST;
	if (own > *width)
		*width = own;
}

/* least: what a column keeps on a narrow terminal, as a number cut short is another one. */
static void
measure_row(const struct cli_printer *printer, json_t *row, size_t widths[COLUMNS_MOST],
	size_t least[COLUMNS_MOST])
{
	size_t column = 0;
	const char *key;
	json_t *value;
	json_object_foreach(row, key, value)
	{
		if (column == COLUMNS_MOST)
			break;
		char room[64];
		SCOPED(buffer_free) struct buffer text = cell_text(printer, key, value);
		widen(&widths[column], heading_of(printer, key, room));
		widen(&widths[column], buffer_slice(&text));
		if (json_is_integer(value))
			widen(&least[column], buffer_slice(&text));
		column++;
	}
}

static size_t
width_of_all(const size_t *widths, size_t count)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += widths[i] + (i ? GAP : 0);
	return total;
}

/* Of those that can still give way; count: none can. */
static size_t
widest_of(const size_t *widths, const size_t *least, size_t count)
{
	size_t widest = count;
	for (size_t i = 0; i < count; i++)
		if (widths[i] > least[i] && (widest == count || widths[i] > widths[widest]))
			widest = i;
	return widest;
}

/* The last column gives way first, as it can go on below; then whichever is widest. */
static void
fit(size_t *widths, const size_t *least, size_t count, size_t columns)
{
	size_t last = count - 1;
	while (width_of_all(widths, count) > columns && widths[last] > LAST_LEAST &&
		widths[last] > least[last])
		widths[last]--;
	while (width_of_all(widths, count) > columns) {
		size_t widest = widest_of(widths, least, count);
		if (widest == count)
			return;
		widths[widest]--;
	}
}

static size_t
column_count(const json_t *row)
{
	size_t count = json_object_size(row);
	return count < COLUMNS_MOST ? count : COLUMNS_MOST;
}

static size_t *
measure(const struct cli_printer *printer)
{
	size_t least[COLUMNS_MOST];
	size_t index, *widths = calloc(COLUMNS_MOST, sizeof *widths);
	json_t *row;
	ASSERT(widths);
	for (size_t i = 0; i < COLUMNS_MOST; i++)
		least[i] = CELL_LEAST;
	json_array_foreach(printer->rows, index, row)
	{
		measure_row(printer, row, widths, least);
	}
	size_t count = column_count(json_array_get(printer->rows, 0));
	if (printer->columns && count)
		fit(widths, least, count, printer->columns);
	return widths;
}

/* --- lines ---------------------------------------------------------------------------- */

struct table_line {
	const struct cli_printer *printer;
	const size_t *widths;
	size_t columns;
	struct buffer text;
};

static void
put_blanks(struct table_line *line, size_t count)
{
	while (count--)
		buffer_put_byte(&line->text, ' ');
}

static void
put_cell(struct table_line *line, size_t column, struct slice text, bool right)
{
	static const struct slice more = SLICE_INIT("\xe2\x80\xa6"); /* an ellipsis */
	size_t width = line->widths[column], own = cli_width_of(text);
	bool cut = line->printer->columns && own > width;
	if (cut) {
		text = cut_to(text, width - 1);
		own = cli_width_of(text) + 1;
	}
	size_t blanks = own < width ? width - own : 0;
	put_blanks(line, right ? blanks : 0);
	buffer_put(&line->text, text);
	buffer_put(&line->text, cut ? more : SLICE(""));
	put_blanks(line, GAP + (right ? 0 : blanks));
}

static void
end_line(struct table_line *line)
{
	while (line->text.length && line->text.data[line->text.length - 1] == ' ')
		buffer_cut(&line->text, line->text.length - 1);
	printf("%.*s\n", SLICE_ARG(buffer_slice(&line->text)));
	buffer_clear(&line->text);
}

/* On a terminal it goes on under its own beginning. */
static void
put_last(struct table_line *line, struct slice text, bool right)
{
	size_t column = line->columns - 1, width = line->widths[column];
	if (!line->printer->columns || right || cli_width_of(text) <= width) {
		put_cell(line, column, text, right);
		end_line(line);
		return;
	}
	size_t indent = width_of_all(line->widths, column) + GAP;
	for (bool first = true; text.length; first = false) {
		struct slice part = cut_at_word(text, width);
		if (part.length == 0)
			part = first_character(text);
		put_blanks(line, first ? 0 : indent);
		buffer_put(&line->text, part);
		end_line(line);
		text = slice_from(text, part.length);
	}
}

static void
print_row(struct table_line *line, json_t *row, bool heading)
{
	size_t column = 0;
	const char *key;
	json_t *value;
	json_object_foreach(row, key, value)
	{
		char room[64];
		SCOPED(buffer_free)
		struct buffer text = cell_text(line->printer, key, value);
		struct slice cell = heading ? heading_of(line->printer, key, room)
					    : buffer_slice(&text);
		bool right = json_is_integer(value) && !is_time(key);
		if (column + 1 == line->columns) {
			put_last(line, cell, right);
			return;
		}
		put_cell(line, column++, cell, right);
	}
}

void
cli_print_table(const struct cli_printer *printer, size_t **widths)
{
	bool begins = !*widths;
	size_t index;
	json_t *row = json_array_get(printer->rows, 0);
	if (begins)
		*widths = measure(printer);
	struct table_line line = {.printer = printer,
		.widths = *widths,
		.columns = column_count(row),
		.text = buffer_with(1024 * 1024)};
	if (begins)
		print_row(&line, row, true);
	json_array_foreach(printer->rows, index, row)
	{
		print_row(&line, row, false);
	}
	buffer_free(&line.text);
}
