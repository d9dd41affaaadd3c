#include "cli/print.h"
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SENTENCE_MOST = 64 * 1024 };

static uint64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static unsigned
columns_of(int descriptor)
{
	enum { COLUMNS_USUAL = 80 };
	struct winsize size = {0};
	if (!isatty(descriptor))
		return 0;
	if (ioctl(descriptor, TIOCGWINSZ, &size) || size.ws_col == 0)
		return COLUMNS_USUAL;
	return size.ws_col;
}

struct cli_printer
cli_printer_of(struct cli_voice voice)
{
	return (struct cli_printer){.voice = voice,
		.columns = voice.json ? 0 : columns_of(STDOUT_FILENO),
		.progress_columns = voice.json ? 0 : columns_of(STDERR_FILENO),
		.rows = json_array(),
		.begun_ms = now_ms()};
}

void
cli_printer_expect(struct cli_printer *printer, uint64_t bytes)
{
	printer->expected = bytes;
}

static void
print_object(FILE *to, json_t *object)
{
	json_dumpf(object, to, JSON_COMPACT);
	fputc('\n', to);
	json_decref(object);
}

/* In the person's language, and nothing in it moves the terminal's cursor. */
static struct buffer
clean_sentence(const struct base_texts *texts, const char *sentence)
{
	SCOPED(buffer_free) struct buffer translated = buffer_with(SENTENCE_MOST);
	struct buffer clean = buffer_with(SENTENCE_MOST);
	base_text_put(texts, slice_of_text(sentence), &translated);
	cli_put_clean(&clean, buffer_slice(&translated));
	return clean;
}

void
cli_print_error(struct cli_voice voice, enum base_failure failure, const char *text)
{
	SCOPED(buffer_free) struct buffer clean = clean_sentence(voice.texts, text);
	struct slice said = buffer_slice(&clean);
	if (voice.json)
		print_object(stderr,
			json_pack("{ss%ss}", "error", said.data ? said.data : "",
				said.length, "failure", base_failure_name(failure)));
	else
		dprintf(STDERR_FILENO, "troika: %.*s\n", SLICE_ARG(said));
}

/* --- rows ----------------------------------------------------------------------------- */

static void
flush_table(struct cli_printer *printer)
{
	if (json_array_size(printer->rows) == 0)
		return;
	cli_print_table(printer, &printer->widths);
	json_array_clear(printer->rows);
}

static void
end_table(struct cli_printer *printer)
{
	flush_table(printer);
	free(printer->widths);
	printer->widths = NULL;
	json_decref(printer->shape);
	printer->shape = NULL;
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

static void
clear_progress(struct cli_printer *printer)
{
	if (printer->progress_shown)
		dprintf(STDERR_FILENO, "\r\033[K");
	printer->progress_shown = false;
}

static void
print_json_row(struct cli_printer *printer, const json_t *row)
{
	printf(printer->printed++ ? ",\n" : "[\n");
	json_dumpf(row, stdout, JSON_INDENT(2));
}

void
cli_print_row(struct cli_printer *printer, json_t *row)
{
	if (printer->voice.json) {
		print_json_row(printer, row);
		return;
	}
	clear_progress(printer);
	if (printer->shape && !has_same_shape(printer->shape, row))
		end_table(printer);
	else if (json_array_size(printer->rows) >= CLI_ROWS_MEASURED)
		flush_table(printer);
	if (!printer->shape)
		printer->shape = json_incref(row);
	json_array_append(printer->rows, row);
}

/* --- sentences and progress ----------------------------------------------------------- */

void
cli_print_sentence(struct cli_printer *printer, const char *sentence)
{
	if (printer->voice.json) {
		print_object(stderr, json_pack("{ss}", "say", sentence));
		return;
	}
	SCOPED(buffer_free)
	struct buffer clean = clean_sentence(printer->voice.texts, sentence);
	clear_progress(printer);
	end_table(printer);
	printf("%.*s\n", SLICE_ARG(buffer_slice(&clean)));
}

/* A command may first count bytes, then accounts. */
static void
note_unit(struct cli_printer *printer, const json_t *progress)
{
	const char *unit = json_string_value(json_object_get(progress, "unit"));
	if (!unit || strcmp(unit, printer->unit) == 0)
		return;
	if (printer->unit[0])
		printer->begun_ms = now_ms();
	snprintf(printer->unit, sizeof printer->unit, "%s", unit);
}

void
cli_print_progress(struct cli_printer *printer, const json_t *progress)
{
	if (!printer->progress_columns)
		return;
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	fflush(stdout);
	note_unit(printer, progress);
	cli_put_progress(&line, printer, progress, now_ms());
	dprintf(STDERR_FILENO, "\r\033[K%.*s", SLICE_ARG(buffer_slice(&line)));
	printer->progress_shown = true;
}

bool
cli_printer_in_vain(const struct cli_printer *printer)
{
	(void)printer;
	return ferror(stdout);
}

bool
cli_printer_end(struct cli_printer *printer)
{
	clear_progress(printer);
	end_table(printer);
	if (printer->voice.json)
		printf(printer->printed ? "\n]\n" : "[]\n");
	json_decref(printer->rows);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	if (errno != EPIPE)
		cli_print_error(printer->voice, BASE_UNAVAILABLE, strerror(errno));
	return false;
}
