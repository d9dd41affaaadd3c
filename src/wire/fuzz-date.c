#include "base/base.h"
#include "wire/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A date that was read is written and read again: the same moment in the same zone. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(64);
	struct wire_date date, again;
	if (!wire_date_parse(slice_of(data, size), &date))
		return 0;
	ASSERT(date.zone > -1440 && date.zone < 1440);
	ASSERT(wire_date_put(&text, date));
	ASSERT(wire_date_parse(buffer_slice(&text), &again));
	ASSERT(again.zone == date.zone && again.unix_time == date.unix_time);
	return 0;
}
