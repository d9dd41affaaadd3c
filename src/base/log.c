#include "base/log.h"
#include <errno.h>
#include <unistd.h>

struct base_log {
	int descriptor;
	enum base_log_form form;
	enum base_log_level least;
	base_log_tap *tap;
	void *tap_argument;
};

static const char *const LEVELS[] = {"debug", "info", "warn", "error"};

/* A pipe keeps writes of up to 4096 bytes in one piece. */
struct line {
	char bytes[BASE_LOG_LINE_MOST];
	size_t length;
	size_t most; /* the line end, and what closes a cut line, keep their room */
	bool cut;
};

#define KEPT_ROOM 16

static void
put(struct line *line, struct slice s)
{
	if (line->cut || s.length > line->most - line->length) {
		line->cut = true;
		return;
	}
	memcpy(line->bytes + line->length, s.data, s.length);
	line->length += s.length;
}

static void
put_text(struct line *line, const char *text)
{
	put(line, slice_of_text(text));
}

static void
put_number(struct line *line, int64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
	put(line, slice_of(digits, (size_t)length));
}

/* Unicode's line ends and C1 controls break lines in viewers just as LF does. */
static bool
is_plain(struct slice character)
{
	if (character.length == 1) {
		char c = character.data[0];
		return c >= ' ' && c != 0x7F && c != '"' && c != '\\';
	}
	if (character.length == 2 && slice_starts(character, SLICE("\xC2")))
		return (unsigned char)character.data[1] >= 0xA0;
	return !slice_equal(character, SLICE("\xE2\x80\xA8")) &&
	       !slice_equal(character, SLICE("\xE2\x80\xA9"));
}

/* JSON knows no \x, so there the backslash itself is doubled: both forms say the same. */
static void
put_escaped_byte(struct line *line, unsigned char byte, enum base_log_form form)
{
	char text[8];
	int length = snprintf(
		text, sizeof text, form == BASE_LOG_JSON ? "\\\\x%02x" : "\\x%02x", byte);
	put(line, slice_of(text, (size_t)length));
}

static void
put_escaped(struct line *line, struct slice s, enum base_log_form form)
{
	while (s.length && !line->cut) {
		size_t step = slice_utf8_first(s);
		struct slice character = slice_first(s, step ? step : 1);
		if (step && is_plain(character))
			put(line, character);
		else
			for (size_t i = 0; i < character.length; i++)
				put_escaped_byte(
					line, (unsigned char)character.data[i], form);
		s = slice_from(s, character.length);
	}
}

static bool
needs_quotes(struct slice s)
{
	for (size_t i = 0; i < s.length; i++)
		if (s.data[i] == ' ' || s.data[i] == '=' || s.data[i] == '"')
			return true;
	return s.length == 0;
}

static void
put_value(struct line *line, const struct base_log_field *field, enum base_log_form form)
{
	if (field->kind == BASE_LOG_FIELD_NUMBER) {
		put_number(line, field->number);
		return;
	}
	struct slice text = slice_first(field->text, BASE_LOG_VALUE_MOST);
	bool quoted = form == BASE_LOG_JSON || needs_quotes(text);
	put_text(line, quoted ? "\"" : "");
	put_escaped(line, text, form);
	/* The value that did not fit is closed nevertheless, for whoever parses the line.
	 */
	if (quoted && line->cut)
		line->bytes[line->length++] = '"';
	put_text(line, quoted ? "\"" : "");
}

static void
put_field(struct line *line, const struct base_log_field *field, enum base_log_form form)
{
	if (form == BASE_LOG_JSON) {
		put_text(line, ",\"");
		put_text(line, field->key);
		put_text(line, "\":");
	} else {
		put_text(line, " ");
		put_text(line, field->key);
		put_text(line, "=");
	}
	put_value(line, field, form);
}

static void
put_time(struct line *line, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm date;
	char text[32];
	gmtime_r(&seconds, &date);
	size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &date);
	put(line, slice_of(text, length));
	int after = snprintf(text, sizeof text, ".%03dZ", (int)(wall_ms % 1000));
	put(line, slice_of(text, (size_t)after));
}

static void
put_head(struct line *line, const struct base_log *log, enum base_log_level level,
	int64_t wall_ms, const char *event)
{
	bool json = log->form == BASE_LOG_JSON;
	put_text(line, json ? "{\"time\":\"" : "");
	put_time(line, wall_ms);
	put_text(line, json ? "\",\"level\":\"" : " ");
	put_text(line, LEVELS[level]);
	put_text(line, json ? "\",\"event\":\"" : " ");
	put_text(line, event);
	put_text(line, json ? "\"" : "");
}

static void
put_end(struct line *line, enum base_log_form form)
{
	bool cut = line->cut;
	line->cut = false;
	line->most = sizeof line->bytes;
	if (form == BASE_LOG_JSON)
		put_text(line, cut ? ",\"cut\":true}\n" : "}\n");
	else
		put_text(line, cut ? " cut=true\n" : "\n");
}

static void
write_line(const struct base_log *log, const struct line *line)
{
	ssize_t written;
	do
		written = write(log->descriptor, line->bytes, line->length);
	while (written < 0 && errno == EINTR);
}

/* Fields go in whole or, but for a cut value, not at all. */
static void
put_fields(struct line *line, const struct base_log_field *fields, enum base_log_form form)
{
	for (; fields->kind != BASE_LOG_END && !line->cut; fields++) {
		size_t before = line->length;
		size_t least = strlen(fields->key) + 32;
		if (line->most - before < least)
			line->cut = true;
		else
			put_field(line, fields, form);
	}
}

static int64_t
wall_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct base_log *
base_log_create(int descriptor, enum base_log_form form, enum base_log_level least)
{
	struct base_log *log = malloc(sizeof *log);
	ASSERT(log);
	*log = (struct base_log){.descriptor = descriptor, .form = form, .least = least};
	return log;
}

void
base_log_destroy(struct base_log *log)
{
	free(log);
}

void
base_log_set_tap(struct base_log *log, base_log_tap *tap, void *argument)
{
	log->tap = tap;
	log->tap_argument = argument;
}

void
base_log_event(struct base_log *log, enum base_log_level level, const char *event,
	const struct base_log_field *fields)
{
	if (!log)
		return;
	int64_t wall_ms = wall_now();
	if (log->tap)
		log->tap(log->tap_argument, wall_ms, event, fields);
	if (level < log->least)
		return;
	struct line line;
	line.length = 0;
	line.cut = false;
	line.most = sizeof line.bytes - KEPT_ROOM;
	put_head(&line, log, level, wall_ms, event);
	put_fields(&line, fields, log->form);
	put_end(&line, log->form);
	write_line(log, &line);
}
