#include "wire/date.h"

/*
 * Days and dates by Howard Hinnant's method: years are counted from March, so that the leap
 * day is a year's last, in eras of 400 years, which all have as many days.
 */
#define DAYS_OF_ERA  146097
#define ERA_TO_EPOCH 719468 /* days from 0000-03-01 to 1970-01-01 */

static int64_t
floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

int64_t
wire_day_of_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t from_march = month > 2 ? year : year - 1;
	int64_t era = floor_divide(from_march, 400);
	int64_t year_of_era = from_march - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * DAYS_OF_ERA + day_of_era - ERA_TO_EPOCH;
}

void
wire_civil_of_day(int64_t day, int64_t *year, unsigned *month, unsigned *day_of_month)
{
	int64_t shifted = day + ERA_TO_EPOCH;
	int64_t era = floor_divide(shifted, DAYS_OF_ERA);
	int64_t day_of_era = shifted - era * DAYS_OF_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
				      day_of_era / (DAYS_OF_ERA - 1)) /
			      365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;
	*day_of_month = (unsigned)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = year_of_era + era * 400 + (*month <= 2);
}

int64_t
wire_date_day(struct wire_date date)
{
	return floor_divide(date.unix_time + date.zone * 60, 86400);
}
