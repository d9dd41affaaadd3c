#include "wire/imap-cursor.h"
#include "wire/imap-response.h"

#define DAY    ((int64_t)24 * 60 * 60)
#define MINUTE 60

static const char MONTHS[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static bool
fail(struct wire_imap_cursor *cursor)
{
	return wire_imap_fail(cursor, "A date like 1-Feb-1994 was expected");
}

static bool
fail_time(struct wire_imap_cursor *cursor)
{
	return wire_imap_fail(
		cursor, "A date like \" 1-Feb-1994 21:52:25 +0000\" was expected");
}

/* Between least and most digits. */
static bool
take_digits(struct wire_imap_cursor *cursor, size_t least, size_t most, unsigned *value)
{
	size_t count = 0;
	*value = 0;
	while (count < most && byte_is_digit(wire_imap_peek(cursor))) {
		*value = *value * 10 + (unsigned)(wire_imap_peek(cursor) - '0');
		cursor->rest = slice_from(cursor->rest, 1);
		count++;
	}
	return count >= least;
}

static bool
take_month(struct wire_imap_cursor *cursor, unsigned *month)
{
	for (*month = 1; *month <= 12; ++*month) {
		if (slice_starts_nocase(cursor->rest, slice_of(MONTHS[*month - 1], 3))) {
			cursor->rest = slice_from(cursor->rest, 3);
			return true;
		}
	}
	return false;
}

static unsigned
days_in(unsigned month, unsigned year)
{
	static const unsigned char DAYS[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : DAYS[month - 1];
}

/* "1-Feb-1994" */
static bool
take_day(struct wire_imap_cursor *cursor, int64_t *day)
{
	unsigned day_of_month, month, year;
	if (!take_digits(cursor, 1, 2, &day_of_month) || !wire_imap_maybe(cursor, '-') ||
		!take_month(cursor, &month) || !wire_imap_maybe(cursor, '-') ||
		!take_digits(cursor, 4, 4, &year))
		return false;
	if (year == 0 || day_of_month == 0 || day_of_month > days_in(month, year))
		return false;
	*day = wire_day_of_civil(year, month, day_of_month);
	return true;
}

bool
wire_imap_date(struct wire_imap_cursor *cursor, int64_t *day)
{
	*day = 0;
	if (cursor->error)
		return false;
	bool quoted = wire_imap_maybe(cursor, '"');
	if (!take_day(cursor, day) || (quoted && !wire_imap_maybe(cursor, '"')))
		return fail(cursor);
	return true;
}

/* "21:52:25"; a leap second is the second before it. */
static bool
take_time(struct wire_imap_cursor *cursor, int64_t *seconds)
{
	unsigned hour, minute, second;
	if (!take_digits(cursor, 2, 2, &hour) || !wire_imap_maybe(cursor, ':') ||
		!take_digits(cursor, 2, 2, &minute) || !wire_imap_maybe(cursor, ':') ||
		!take_digits(cursor, 2, 2, &second))
		return false;
	*seconds = hour * 3600 + minute * MINUTE + (second == 60 ? 59 : second);
	return hour < 24 && minute < 60 && second <= 60;
}

/* "-0800" */
static bool
take_zone(struct wire_imap_cursor *cursor, int *zone)
{
	unsigned hours, minutes;
	bool west = wire_imap_maybe(cursor, '-');
	if (!west && !wire_imap_maybe(cursor, '+'))
		return false;
	if (!take_digits(cursor, 2, 2, &hours) || !take_digits(cursor, 2, 2, &minutes))
		return false;
	*zone = (int)(hours * 60 + minutes) * (west ? -1 : 1);
	return hours < 24 && minutes < 60;
}

bool
wire_imap_date_time(struct wire_imap_cursor *cursor, struct wire_date *moment)
{
	int64_t day, seconds;
	*moment = (struct wire_date){0};
	if (cursor->error)
		return false;
	if (!wire_imap_maybe(cursor, '"'))
		return fail_time(cursor);
	wire_imap_maybe(cursor, ' ');
	if (!take_day(cursor, &day) || !wire_imap_maybe(cursor, ' ') ||
		!take_time(cursor, &seconds) || !wire_imap_maybe(cursor, ' ') ||
		!take_zone(cursor, &moment->zone) || !wire_imap_maybe(cursor, '"'))
		return fail_time(cursor);
	moment->unix_time = day * DAY + seconds - moment->zone * MINUTE;
	return true;
}

bool
wire_imap_put_date(struct buffer *into, int64_t day)
{
	int64_t year;
	unsigned month, day_of_month;
	wire_civil_of_day(day, &year, &month, &day_of_month);
	return buffer_printf(
		into, "%u-%s-%04lld", day_of_month, MONTHS[month - 1], (long long)year);
}

bool
wire_imap_put_date_time(struct buffer *into, struct wire_date moment)
{
	int64_t local = moment.unix_time + moment.zone * MINUTE;
	int64_t day = local / DAY - (local % DAY < 0 ? 1 : 0);
	int64_t second = local - day * DAY;
	int zone = moment.zone < 0 ? -moment.zone : moment.zone;
	int64_t year;
	unsigned month, day_of_month;
	wire_civil_of_day(day, &year, &month, &day_of_month);
	return buffer_printf(into, "\"%2u-%s-%04lld %02d:%02d:%02d %c%02d%02d\"",
		day_of_month, MONTHS[month - 1], (long long)year, (int)(second / 3600),
		(int)(second / 60 % 60), (int)(second % 60), moment.zone < 0 ? '-' : '+',
		zone / 60, zone % 60);
}
