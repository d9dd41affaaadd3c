#include "wire/date.h"

/* What RFC 5322 can write: years of four digits. */
#define FIRST_MOMENT (-62135596800) /* 0001-01-01 */
#define LAST_MOMENT  253402300799   /* 9999-12-31 23:59:59 */
#define WIDEST_ZONE  1439

static int64_t
within(int64_t value, int64_t least, int64_t most)
{
	if (value < least)
		return least;
	return value > most ? most : value;
}

bool
wire_date_put(struct buffer *into, struct wire_date date)
{
	static const char day_names[7][4] = {
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int zone = (int)within(date.zone, -WIDEST_ZONE, WIDEST_ZONE);
	int64_t there = within(date.unix_time + zone * 60, FIRST_MOMENT, LAST_MOMENT);
	int64_t day = wire_date_day((struct wire_date){there, 0});
	int second = (int)(there - day * 86400);
	int east = zone < 0 ? -zone : zone;
	int64_t year;
	unsigned month, day_of_month;
	wire_civil_of_day(day, &year, &month, &day_of_month);
	/* 1970 began on a Thursday. */
	return buffer_printf(into, "%s, %02u %s %04d %02d:%02d:%02d %c%02d%02d",
		day_names[((day + 3) % 7 + 7) % 7], day_of_month, month_names[month - 1],
		(int)year, second / 3600, second / 60 % 60, second % 60,
		zone < 0 ? '-' : '+', east / 60, east % 60);
}
