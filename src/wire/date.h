#ifndef WIRE_DATE_H
#define WIRE_DATE_H

#include "base/buffer.h"

/*
 * Dates of mail. A moment is seconds since 1970 in UTC and the zone it was written in,
 * in minutes east of Greenwich. Years 1 to 9999.
 */
struct wire_date {
	int64_t unix_time;
	int zone; /* minutes, -1439 to 1439 */
};

/*
 * RFC 5322 3.3 with the obsolete forms of 4.3 (zone names, years of two or three digits,
 * comments), and what else is met: no day of week, no seconds, no zone (UTC is taken),
 * "GMT+0200", asctime's order, ISO 8601. False when no date can be made out.
 */
MUST_CHECK bool wire_date_parse(struct slice text, struct wire_date *date);

/* "Mon, 02 Jan 2006 15:04:05 +0100". */
bool wire_date_put(struct buffer *into, struct wire_date date);

/*
 * Days since 1970-01-01 as the writer of the date saw the calendar, for IMAP's SENTON and
 * the like, which look at neither time nor zone.
 */
int64_t wire_date_day(struct wire_date date);

/* The proleptic Gregorian calendar; month 1 to 12. */
int64_t wire_day_of_civil(int64_t year, unsigned month, unsigned day);
void wire_civil_of_day(int64_t day, int64_t *year, unsigned *month, unsigned *day_of_month);

#endif
