#include "store/keys.h"

#define VALUE_VERSION 1

struct slice
store_key_slice(const struct store_key *key)
{
	return slice_of(key->bytes, key->length);
}

static void
add_bytes(struct store_key *key, const void *bytes, size_t length)
{
	ASSERT(length <= sizeof key->bytes - key->length);
	if (length)
		memcpy(key->bytes + key->length, bytes, length);
	key->length += length;
}

static void
add_number(struct store_key *key, uint64_t number)
{
	char bytes[8];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(number >> (8 * (7 - i)));
	add_bytes(key, bytes, sizeof bytes);
}

static struct store_key
key_of_kind(enum store_key_kind kind)
{
	struct store_key key;
	key.length = 1;
	key.bytes[0] = (char)kind;
	return key;
}

struct store_key
store_key_format(void)
{
	return key_of_kind(STORE_KEY_FORMAT);
}

struct store_key
store_key_row(uint64_t space, struct slice own)
{
	ASSERT(own.length <= STORE_KEY_MOST);
	struct store_key key = key_of_kind(STORE_KEY_ROW);
	add_number(&key, space);
	add_bytes(&key, own.data, own.length);
	return key;
}

struct store_key
store_key_row_end(uint64_t space)
{
	if (space == UINT64_MAX)
		return store_key_kind_end(STORE_KEY_ROW);
	return store_key_row(space + 1, SLICE_NONE);
}

struct store_key
store_key_version(uint64_t space)
{
	struct store_key key = key_of_kind(STORE_KEY_VERSION);
	add_number(&key, space);
	return key;
}

struct store_key
store_key_hash(enum store_key_kind kind, const struct store_hash *hash)
{
	struct store_key key = key_of_kind(kind);
	add_bytes(&key, hash->bytes, sizeof hash->bytes);
	return key;
}

struct store_key
store_key_reference(const struct store_hash *hash, uint64_t space, struct slice owner)
{
	ASSERT(owner.length <= STORE_KEY_MOST);
	struct store_key key = store_key_hash(STORE_KEY_REFERENCE, hash);
	add_number(&key, space);
	add_bytes(&key, owner.data, owner.length);
	return key;
}

struct store_key
store_key_segment(uint64_t number)
{
	struct store_key key = key_of_kind(STORE_KEY_SEGMENT);
	add_number(&key, number);
	return key;
}

struct store_key
store_key_kind_end(enum store_key_kind kind)
{
	struct store_key key = key_of_kind(kind);
	key.bytes[0]++;
	return key;
}

struct store_key
store_key_after(const struct store_key *prefix)
{
	struct store_key key = *prefix;
	while ((unsigned char)key.bytes[key.length - 1] == 0xFF)
		key.length--;
	key.bytes[key.length - 1]++;
	return key;
}

bool
store_key_take_hash(struct slice key, struct store_hash *hash)
{
	if (key.length < 1 + sizeof hash->bytes)
		return false;
	memcpy(hash->bytes, key.data + 1, sizeof hash->bytes);
	return true;
}

bool
store_key_take_segment(struct slice key, uint64_t *number)
{
	struct slice rest = slice_from(key, 1);
	return take_be64(&rest, number) && slice_empty(rest);
}

struct slice
store_value_slice(const struct store_value *value)
{
	return slice_of(value->bytes, value->length);
}

static struct store_value
value_of(const uint64_t *numbers, size_t count)
{
	struct store_value value = {.length = 1};
	value.bytes[0] = VALUE_VERSION;
	for (size_t i = 0; i < count; i++) {
		uint64_t left = numbers[i];
		for (; left >= 0x80; left >>= 7)
			value.bytes[value.length++] = (char)(left | 0x80);
		value.bytes[value.length++] = (char)left;
	}
	return value;
}

static bool
take_numbers(struct slice value, uint64_t *numbers, size_t count)
{
	uint8_t version;
	bool fits = take_byte(&value, &version) && version == VALUE_VERSION;
	for (size_t i = 0; i < count && fits; i++)
		fits = take_varint(&value, &numbers[i]);
	return fits && slice_empty(value);
}

struct store_value
store_value_number(uint64_t number)
{
	return value_of(&number, 1);
}

struct store_value
store_value_place(const struct store_place *place)
{
	return value_of((const uint64_t[]){place->segment, place->offset, place->size,
				place->length},
		4);
}

struct store_value
store_value_extent(const struct store_extent *extent)
{
	return value_of((const uint64_t[]){extent->valid, extent->dead}, 2);
}

struct store_value
store_value_written(const struct store_written *written)
{
	return value_of(
		(const uint64_t[]){written->segment, written->from, written->until}, 3);
}

bool
store_value_take_number(struct slice value, uint64_t *number)
{
	return take_numbers(value, number, 1);
}

bool
store_value_take_place(struct slice value, struct store_place *place)
{
	uint64_t numbers[4];
	if (!take_numbers(value, numbers, 4))
		return false;
	*place = (struct store_place){numbers[0], numbers[1], numbers[2], numbers[3]};
	return true;
}

bool
store_value_take_extent(struct slice value, struct store_extent *extent)
{
	uint64_t numbers[2];
	if (!take_numbers(value, numbers, 2))
		return false;
	*extent = (struct store_extent){numbers[0], numbers[1]};
	return true;
}

bool
store_value_take_written(struct slice value, struct store_written *written)
{
	uint64_t numbers[3];
	if (!take_numbers(value, numbers, 3))
		return false;
	*written = (struct store_written){numbers[0], numbers[1], numbers[2]};
	return written->from < written->until;
}
