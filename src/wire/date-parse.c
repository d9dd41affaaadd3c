#include "wire/date.h"
#include "wire/header-lex.h"

/* What has been read so far; month and year are 0 until then, day and time -1. */
struct reading {
	struct slice rest;
	int64_t year;
	unsigned month;
	int day, hour, minute, second;
	int zone;
	bool zone_is_number;
};

static const char month_names[12][4] = {
	"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

/* RFC 5322 4.3, and those that mail of this century has. Other names mean -0000. */
static const struct {
	const char *name;
	int minutes;
} zones[] = {
	{"EDT", -4 * 60},
	{"EST", -5 * 60},
	{"CDT", -5 * 60},
	{"CST", -6 * 60},
	{"MDT", -6 * 60},
	{"MST", -7 * 60},
	{"PDT", -7 * 60},
	{"PST", -8 * 60},
	{"BST", 1 * 60},
	{"CET", 1 * 60},
	{"MET", 1 * 60},
	{"MEZ", 1 * 60},
	{"CEST", 2 * 60},
	{"MEST", 2 * 60},
	{"EET", 2 * 60},
	{"EEST", 3 * 60},
	{"MSK", 3 * 60},
	{"JST", 9 * 60},
	{"KST", 9 * 60},
};

static unsigned
month_of(struct slice word)
{
	for (unsigned i = 0; i < 12; i++)
		if (slice_starts_nocase(word, slice_of(month_names[i], 3)))
			return i + 1;
	return 0;
}

static int
zone_of(struct slice word)
{
	for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
		if (slice_equal_nocase(word, slice_of_text(zones[i].name)))
			return zones[i].minutes;
	return 0;
}

static bool
next_is(const struct reading *reading, char c)
{
	return reading->rest.length > 0 && reading->rest.data[0] == c;
}

static bool
next_is_digit(const struct reading *reading)
{
	return reading->rest.length > 0 && byte_is_digit(reading->rest.data[0]);
}

/* Returns how many digits there were; beyond nine the value is no use to anybody. */
static size_t
take_number(struct reading *reading, int *value)
{
	size_t digits = 0;
	*value = 0;
	for (; next_is_digit(reading); digits++) {
		if (digits < 9)
			*value = *value * 10 + (reading->rest.data[0] - '0');
		reading->rest = slice_from(reading->rest, 1);
	}
	return digits;
}

/* Blanks and comments around the colon are RFC 5322 4.3. */
static bool
take_colon_number(struct reading *reading, int *value)
{
	wire_skip_cfws(&reading->rest);
	if (!next_is(reading, ':'))
		return false;
	reading->rest = slice_from(reading->rest, 1);
	wire_skip_cfws(&reading->rest);
	return take_number(reading, value) > 0;
}

static void
read_time(struct reading *reading, int hour)
{
	int fraction;
	reading->hour = hour;
	reading->second = 0;
	take_colon_number(reading, &reading->minute);
	if (take_colon_number(reading, &reading->second) && next_is(reading, '.')) {
		reading->rest = slice_from(reading->rest, 1);
		take_number(reading, &fraction);
	}
}

/* RFC 5322 4.3: two digits are 1950 to 2049, three count from 1900. */
static int64_t
full_year(int value, size_t digits)
{
	if (digits <= 2)
		return value < 50 ? value + 2000 : value + 1900;
	return digits == 3 ? value + 1900 : value;
}

static void
read_number(struct reading *reading)
{
	int value;
	size_t digits = take_number(reading, &value);
	wire_skip_cfws(&reading->rest);
	if (digits > 9)
		return;
	if (next_is(reading, ':') && reading->hour < 0)
		read_time(reading, value);
	else if (digits <= 2 && reading->year && !reading->month)
		reading->month = (unsigned)value; /* ISO 8601 */
	else if (digits <= 2 && reading->day < 0)
		reading->day = value;
	else if (!reading->year)
		reading->year = full_year(value, digits);
}

static void
read_word(struct reading *reading)
{
	size_t length = 0;
	while (length < reading->rest.length && byte_is_alpha(reading->rest.data[length]))
		length++;
	struct slice word = slice_first(reading->rest, length);
	reading->rest = slice_from(reading->rest, length);
	if (!reading->month)
		reading->month = month_of(word);
	else if (reading->hour >= 0 && !reading->zone_is_number && !reading->zone)
		reading->zone = zone_of(word);
}

/* "+0100", "+1", "+01:00"; before a time the sign is a hyphen of "2-Jan-2006". */
static void
read_sign(struct reading *reading)
{
	int sign = next_is(reading, '-') ? -1 : 1;
	int value, minutes = 0;
	reading->rest = slice_from(reading->rest, 1);
	if (reading->hour < 0 || reading->zone_is_number || !next_is_digit(reading))
		return;
	size_t digits = take_number(reading, &value);
	if (digits > 2) {
		minutes = value % 100;
		value /= 100;
	} else {
		take_colon_number(reading, &minutes);
	}
	reading->zone_is_number = true;
	reading->zone = value <= 23 && minutes <= 59 ? sign * (value * 60 + minutes) : 0;
}

static void
read_all(struct reading *reading)
{
	for (;;) {
		wire_skip_cfws(&reading->rest);
		if (reading->rest.length == 0)
			return;
		if (next_is_digit(reading))
			read_number(reading);
		else if (byte_is_alpha(reading->rest.data[0]))
			read_word(reading);
		else if (next_is(reading, '+') || next_is(reading, '-'))
			read_sign(reading);
		else
			reading->rest = slice_from(reading->rest, 1);
	}
}

static bool
is_a_day(const struct reading *reading)
{
	int64_t year;
	unsigned month, day;
	if (reading->year < 1 || reading->year > 9999 || reading->month < 1 ||
		reading->month > 12 || reading->day < 1 || reading->day > 31)
		return false;
	wire_civil_of_day(
		wire_day_of_civil(reading->year, reading->month, (unsigned)reading->day),
		&year, &month, &day);
	return month == reading->month;
}

static bool
is_a_time(const struct reading *reading)
{
	return reading->hour <= 23 && reading->minute <= 59 && reading->second <= 60;
}

bool
wire_date_parse(struct slice text, struct wire_date *date)
{
	struct reading reading = {.rest = text, .day = -1, .hour = -1};
	read_all(&reading);
	*date = (struct wire_date){0, 0};
	if (!is_a_day(&reading) || !is_a_time(&reading))
		return false;
	int64_t day = wire_day_of_civil(reading.year, reading.month, (unsigned)reading.day);
	int hour = reading.hour < 0 ? 0 : reading.hour;
	/* A leap second has no time of its own. */
	int second = reading.second == 60 ? 59 : reading.second;
	date->zone = reading.zone;
	date->unix_time = day * 86400 + hour * 3600 + reading.minute * 60 + second -
			  reading.zone * 60;
	return true;
}
