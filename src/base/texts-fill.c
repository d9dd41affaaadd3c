#include "base/buffer.h"
#include "base/texts-internal.h"

enum part { NOTHING, ENGLISH, TRANSLATION };

/* An entry while its lines are read. */
struct reading {
	struct base_texts *texts;
	const char *name;
	unsigned line;
	struct base_error *error;
	enum part part;
	struct buffer english;
	struct buffer translation;
	bool fuzzy;
	bool no_format;
};

static enum base_failure
complain(const struct reading *reading, const char *complaint)
{
	return base_fail(reading->error, BASE_INVALID, "%s:%u: %s", reading->name,
		reading->line, complaint);
}

static enum base_failure
keep_entry(struct reading *reading)
{
	struct slice english = buffer_slice(&reading->english);
	struct slice translation = buffer_slice(&reading->translation);
	/* The empty original is the file's header. */
	if (reading->fuzzy || !english.length || !translation.length)
		return BASE_OK;
	if (!reading->no_format && !texts_conversions_agree(english, translation))
		return complain(reading,
			"the entry above holds other conversions (%s) than its original");
	if (map_get(reading->texts->translations, english))
		return complain(reading, "the entry above stands twice");
	map_put(reading->texts->translations, english,
		arena_text(reading->texts->arena, translation));
	return BASE_OK;
}

static enum base_failure
end_entry(struct reading *reading)
{
	enum base_failure failure = BASE_OK;
	if (reading->part == ENGLISH)
		return complain(reading, "a msgid without its msgstr");
	if (reading->part == TRANSLATION)
		failure = keep_entry(reading);
	else if (reading->part == NOTHING)
		return BASE_OK;
	reading->part = NOTHING;
	reading->fuzzy = reading->no_format = false;
	buffer_clear(&reading->english);
	buffer_clear(&reading->translation);
	return failure;
}

static char
unescaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return c;
	default:
		return 0;
	}
}

/* "quoted", to its bytes, behind those of the lines before. */
static enum base_failure
read_quoted(struct reading *reading, struct slice quoted)
{
	struct buffer *into =
		reading->part == ENGLISH ? &reading->english : &reading->translation;
	quoted = slice_trim(quoted);
	if (quoted.length < 2 || quoted.data[0] != '"' || !slice_ends(quoted, SLICE("\"")))
		return complain(reading, "expects a text in quotes");
	struct slice inside = slice_part(quoted, 1, quoted.length - 2);
	for (size_t i = 0; i < inside.length; i++) {
		char c = inside.data[i];
		if (c == '"')
			return complain(reading, "a quote inside a text is written \\\"");
		if (c == '\\')
			c = ++i < inside.length ? unescaped(inside.data[i]) : 0;
		if (!c)
			return complain(
				reading, "of escapes there are \\n, \\t, \\\" and \\\\");
		buffer_put_byte(into, c);
	}
	return BASE_OK;
}

static enum base_failure
read_comment(struct reading *reading, struct slice line)
{
	enum base_failure failure = end_entry(reading);
	struct slice flags = slice_from(line, 2);
	if (failure || !slice_starts(line, SLICE("#,")))
		return failure;
	while (!slice_absent(flags)) {
		struct slice flag = slice_trim(slice_cut(&flags, ','));
		reading->fuzzy = reading->fuzzy || slice_equal(flag, SLICE("fuzzy"));
		reading->no_format =
			reading->no_format || slice_equal(flag, SLICE("no-c-format"));
	}
	return BASE_OK;
}

/* line begins with keyword and a blank or a quote: the keyword is cut off. */
static bool
take_keyword(struct slice *line, struct slice keyword)
{
	struct slice after = slice_from(*line, keyword.length);
	if (!slice_starts(*line, keyword) || !after.length ||
		!strchr(" \t\"", after.data[0]))
		return false;
	*line = after;
	return true;
}

static enum base_failure
read_line(struct reading *reading, struct slice line)
{
	if (!line.length)
		return end_entry(reading);
	if (line.data[0] == '#')
		return read_comment(reading, line);
	if (take_keyword(&line, SLICE("msgid"))) {
		enum base_failure failure = end_entry(reading);
		reading->part = ENGLISH;
		return failure ? failure : read_quoted(reading, line);
	}
	if (take_keyword(&line, SLICE("msgstr"))) {
		if (reading->part != ENGLISH)
			return complain(reading, "a msgstr without its msgid");
		reading->part = TRANSLATION;
		return read_quoted(reading, line);
	}
	if (line.data[0] == '"' && reading->part != NOTHING)
		return read_quoted(reading, line);
	return complain(reading, "expects msgid, msgstr, a text in quotes or a comment");
}

static enum base_failure
read_lines(struct reading *reading, struct slice po)
{
	while (!slice_absent(po)) {
		struct slice line = slice_cut(&po, '\n');
		reading->line++;
		if (!slice_is_utf8(line) || slice_find_byte(line, 0) < line.length)
			return complain(reading, "is not UTF-8");
		enum base_failure failure = read_line(reading, slice_trim(line));
		if (failure)
			return failure;
	}
	return end_entry(reading);
}

enum base_failure
texts_fill(struct base_texts *texts, struct slice po, const char *name,
	struct base_error *error)
{
	struct reading reading = {
		.texts = texts,
		.name = name,
		.error = error,
		.english = buffer_with(BASE_TEXTS_MOST),
		.translation = buffer_with(BASE_TEXTS_MOST),
	};
	enum base_failure failure = read_lines(&reading, po);
	buffer_free(&reading.english);
	buffer_free(&reading.translation);
	return failure;
}
