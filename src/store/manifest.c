#include "store/manifest.h"
#include "store/keylog.h"

/* Of the fields of a record; lengths and numbers are varints. */
enum field {
	FIELD_COMPARATOR = 1,
	FIELD_LOG,
	FIELD_NEXT_FILE,
	FIELD_SEQUENCE,
	FIELD_CURSOR,
	FIELD_DELETED,
	FIELD_LOG_BEFORE = 9,
	FIELD_LOG_TO_KEEP = 10,
	FIELD_TABLE = 103,
	FIELD_COLUMNS_MOST = 203,
};
#define FIELD_IGNORABLE ((uint64_t)1 << 13) /* with a length, then */
#define TABLE_FIELD_END ((uint64_t)1)

static void
raise(uint64_t *number, uint64_t to)
{
	if (to > *number)
		*number = to;
}

static bool
take_numbers(struct slice *rest, size_t count)
{
	uint64_t ignored;
	while (count--)
		if (!take_varint(rest, &ignored))
			return false;
	return true;
}

static bool
take_table_fields(struct slice *rest)
{
	uint64_t field;
	struct slice ignored;
	while (take_varint(rest, &field)) {
		if (field == TABLE_FIELD_END)
			return true;
		if (!take_sized(rest, &ignored))
			return false;
	}
	return false;
}

/* Level, number, size; first and last key; first and last change; more. */
static bool
take_table(struct slice *rest, struct manifest_tables *tables)
{
	struct slice first, last;
	uint64_t sequence;
	if (!take_numbers(rest, 3) || !take_sized(rest, &first) ||
		!take_sized(rest, &last) || !take_numbers(rest, 1) ||
		!take_varint(rest, &sequence) || !take_table_fields(rest))
		return false;
	raise(&tables->sequence, sequence);
	return true;
}

static bool
take_log(struct slice *rest, struct manifest_tables *tables)
{
	uint64_t number;
	if (!take_varint(rest, &number))
		return false;
	raise(&tables->log, number);
	return true;
}

static bool
take_field(struct slice *rest, struct manifest_tables *tables)
{
	struct slice ignored;
	uint64_t field;
	if (!take_varint(rest, &field))
		return false;
	switch (field) {
	case FIELD_LOG:
	case FIELD_LOG_TO_KEEP:
		return take_log(rest, tables);
	case FIELD_NEXT_FILE:
	case FIELD_SEQUENCE:
	case FIELD_LOG_BEFORE:
	case FIELD_COLUMNS_MOST:
		return take_numbers(rest, 1);
	case FIELD_DELETED:
		return take_numbers(rest, 2);
	case FIELD_CURSOR:
		return take_numbers(rest, 1) && take_sized(rest, &ignored);
	case FIELD_TABLE:
		return take_table(rest, tables);
	default:
		return (field == FIELD_COMPARATOR || field & FIELD_IGNORABLE) &&
		       take_sized(rest, &ignored);
	}
}

bool
manifest_read_record(struct slice fields, struct manifest_tables *tables)
{
	while (!slice_empty(fields))
		if (!take_field(&fields, tables))
			return false;
	return true;
}

bool
manifest_read(struct slice records, struct manifest_tables *tables)
{
	SCOPED(buffer_free) struct buffer record = buffer_with(SIZE_MAX);
	size_t at = 0;
	*tables = (struct manifest_tables){0};
	while (keylog_next(records, &at, &record))
		if (!manifest_read_record(buffer_slice(&record), tables))
			return false;
	return true;
}
