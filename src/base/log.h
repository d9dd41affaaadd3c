#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"
#include "base/slice.h"

/*
 * One event, one line: time, level, event name, then key=value fields (or JSON).
 * Event names are "room.what" ("smtp.accepted"). Foreign bytes are escaped: control
 * bytes, quotes, backslashes, invalid UTF-8 and the Unicode line ends come out as \xNN,
 * in JSON too (where the backslash is doubled, as its grammar wants).
 *
 *	LOG(log, BASE_LOG_INFO, "smtp.accepted", LOG_TEXT("id", id), LOG_NUMBER("size", n));
 *
 * A line is one write(2) to the descriptor; safe from any thread; never blocks on a lock
 * longer than that write. A NULL log drops everything (unit tests).
 */
struct base_log;

#define BASE_LOG_VALUE_MOST 1024 /* bytes of a text that are written */
#define BASE_LOG_LINE_MOST                                             \
	4096 /* of a line; what does not fit is cut, and says cut=true \
	      */

enum base_log_level { BASE_LOG_DEBUG, BASE_LOG_INFO, BASE_LOG_WARN, BASE_LOG_ERROR };
enum base_log_form { BASE_LOG_KEY_VALUE, BASE_LOG_JSON };

struct base_log_field {
	enum { BASE_LOG_END, BASE_LOG_FIELD_TEXT, BASE_LOG_FIELD_NUMBER } kind;
	const char *key;
	struct slice text;
	int64_t number;
};

#define LOG_TEXT(name, s) \
	((struct base_log_field){.kind = BASE_LOG_FIELD_TEXT, .key = (name), .text = (s)})
#define LOG_STRING(name, nul_terminated) LOG_TEXT(name, slice_of_text(nul_terminated))
#define LOG_NUMBER(name, n)       \
	((struct base_log_field){ \
		.kind = BASE_LOG_FIELD_NUMBER, .key = (name), .number = (int64_t)(n)})
#define LOG_FAILURE(failure) LOG_STRING("failure", base_failure_name(failure))

#define LOG(log, level, event, ...)              \
	base_log_event((log), (level), (event),  \
		(const struct base_log_field[]){ \
			__VA_ARGS__ __VA_OPT__(, ){.kind = BASE_LOG_END}})

struct base_log *base_log_create(
	int descriptor, enum base_log_form form, enum base_log_level least);
void base_log_destroy(struct base_log *log); /* leaves the descriptor open */
void base_log_event(struct base_log *log, enum base_log_level level, const char *event,
	const struct base_log_field *fields);

/* Sees each event too (the message trace keeps those that carry an "id"). Set it once. */
typedef void base_log_tap(void *argument, int64_t wall_ms, const char *event,
	const struct base_log_field *fields);
void base_log_set_tap(struct base_log *log, base_log_tap *tap, void *argument);

#endif
