#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "base/base.h"
#include <jansson.h>

/*
 * What a person sees: rows as a table whose columns fit, sentences, progress on a
 * terminal; or, for programs, one JSON array of the rows.
 */
struct cli_printer {
	bool json;
	bool terminal;     /* of standard error, for progress */
	json_t *rows;      /* of one shape, not printed yet */
	json_t *said;      /* sentences, for JSON when there are no rows */
	uint64_t expected; /* bytes that the person's side will send; 0: not known */
	uint64_t begun_ms;
	bool progress_shown;
};

struct cli_printer cli_printer_of(bool json);
void cli_printer_expect(struct cli_printer *printer, uint64_t bytes);
void cli_print_row(struct cli_printer *printer, json_t *row);
void cli_print_sentence(struct cli_printer *printer, const char *sentence);
void cli_print_progress(struct cli_printer *printer, const json_t *progress);
void cli_printer_end(struct cli_printer *printer); /* prints what is left */

void cli_print_error(const char *text); /* "troika: …" on standard error */

#endif
