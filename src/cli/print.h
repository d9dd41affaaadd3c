#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "cli/texts.h"
#include <jansson.h>

/*
 * What a person sees on standard output: rows as tables whose columns fit the terminal, and
 * sentences. What a program sees: one JSON array of the rows; sentences and errors then are
 * JSON objects on standard error, a line each: {"say":"…"}, {"error":"…","failure":"…"}.
 * Rows are printed while they come; nothing grows with their number.
 *
 * Progress is one line of standard error, if that is a terminal.
 */
#define CLI_ROWS_MEASURED 200 /* rows by which the columns' widths are chosen */

struct cli_printer {
	struct cli_voice voice;
	unsigned columns;          /* of standard output's terminal; 0: it is none */
	unsigned progress_columns; /* of standard error's */
	json_t *rows;              /* of one shape, not printed yet */
	json_t *shape;             /* a row of the table that was begun, or NULL */
	size_t *widths;            /* of the table that was begun; NULL: none was */
	size_t printed;            /* rows, for JSON's commas */
	uint64_t expected; /* bytes that the person's side will send; 0: not known */
	uint64_t begun_ms;
	char unit[24]; /* of the last progress: each has a rate of its own */
	bool progress_shown;
};

struct cli_printer cli_printer_of(struct cli_voice voice);
void cli_printer_expect(struct cli_printer *printer, uint64_t bytes);
void cli_print_row(struct cli_printer *printer, json_t *row);
void cli_print_sentence(struct cli_printer *printer, const char *sentence);
void cli_print_progress(struct cli_printer *printer, const json_t *progress);
/* Prints what is left. False: standard output could not take it all, which is said. */
bool cli_printer_end(struct cli_printer *printer);
/* Whoever read it has gone (head, less): there is no use in going on. */
bool cli_printer_in_vain(const struct cli_printer *printer);

/* "troika: …" on standard error, or an object; the English text in the person's language.
 */
void cli_print_error(struct cli_voice voice, enum base_failure failure, const char *text);

/* --- its parts ------------------------------------------------------------------------ */

/* Prints rows of one shape; widths NULL: measures and prints the heading first. */
void cli_print_table(const struct cli_printer *printer, size_t **widths);
/* A progress line without its end. */
void cli_put_progress(struct buffer *into, const struct cli_printer *printer,
	const json_t *frame, uint64_t now_ms);
/* Foreign text must not move a terminal's cursor. */
void cli_put_clean(struct buffer *into, struct slice text);
/* Columns on the screen, of the first character too. */
size_t cli_width_of(struct slice text);

#endif
