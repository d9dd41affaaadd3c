#include "base/buffer.h"

/* Integers in keys and records: buffer.h's put_be, put_varint and the taking side. */

#define VARINT_MOST 10 /* bytes of a 64-bit number in LEB128 */

static bool
put_big_endian(struct buffer *buffer, uint64_t value, size_t width)
{
	char bytes[8];
	for (size_t i = 0; i < width; i++)
		bytes[i] = (char)(value >> (8 * (width - 1 - i)));
	return buffer_put(buffer, slice_of(bytes, width));
}

bool
buffer_put_be16(struct buffer *buffer, uint16_t value)
{
	return put_big_endian(buffer, value, 2);
}

bool
buffer_put_be32(struct buffer *buffer, uint32_t value)
{
	return put_big_endian(buffer, value, 4);
}

bool
buffer_put_be64(struct buffer *buffer, uint64_t value)
{
	return put_big_endian(buffer, value, 8);
}

bool
buffer_put_varint(struct buffer *buffer, uint64_t value)
{
	char bytes[VARINT_MOST];
	size_t length = 0;
	while (value >= 0x80) {
		bytes[length++] = (char)(value | 0x80);
		value >>= 7;
	}
	bytes[length++] = (char)value;
	return buffer_put(buffer, slice_of(bytes, length));
}

bool
buffer_put_sized(struct buffer *buffer, struct slice s)
{
	size_t before = buffer->length;
	if (buffer_put_varint(buffer, s.length) && buffer_put(buffer, s))
		return true;
	buffer_cut(buffer, before);
	return false;
}

static bool
take_big_endian(struct slice *rest, size_t width, uint64_t *value)
{
	*value = 0;
	if (rest->length < width)
		return false;
	for (size_t i = 0; i < width; i++)
		*value = *value << 8 | (unsigned char)rest->data[i];
	*rest = slice_from(*rest, width);
	return true;
}

bool
take_byte(struct slice *rest, uint8_t *value)
{
	uint64_t wide;
	bool fits = take_big_endian(rest, 1, &wide);
	*value = (uint8_t)wide;
	return fits;
}

bool
take_be16(struct slice *rest, uint16_t *value)
{
	uint64_t wide;
	bool fits = take_big_endian(rest, 2, &wide);
	*value = (uint16_t)wide;
	return fits;
}

bool
take_be32(struct slice *rest, uint32_t *value)
{
	uint64_t wide;
	bool fits = take_big_endian(rest, 4, &wide);
	*value = (uint32_t)wide;
	return fits;
}

bool
take_be64(struct slice *rest, uint64_t *value)
{
	return take_big_endian(rest, 8, value);
}

bool
take_varint(struct slice *rest, uint64_t *value)
{
	uint64_t total = 0;
	if (rest->length && (unsigned char)rest->data[0] < 0x80) { /* most are short */
		*value = (unsigned char)rest->data[0];
		*rest = slice_from(*rest, 1);
		return true;
	}
	*value = 0;
	for (size_t i = 0; i < rest->length && i < VARINT_MOST; i++) {
		unsigned char byte = (unsigned char)rest->data[i];
		/* The tenth byte carries the 64th bit only. */
		if (i == VARINT_MOST - 1 && byte > 1)
			return false;
		total |= (uint64_t)(byte & 0x7F) << (7 * i);
		if (byte < 0x80) {
			*value = total;
			*rest = slice_from(*rest, i + 1);
			return true;
		}
	}
	return false;
}

bool
take_bytes(struct slice *rest, size_t length, struct slice *value)
{
	*value = SLICE_NONE;
	if (rest->length < length)
		return false;
	*value = slice_first(*rest, length);
	*rest = slice_from(*rest, length);
	return true;
}

bool
take_sized(struct slice *rest, struct slice *value)
{
	struct slice after = *rest;
	uint64_t length;
	*value = SLICE_NONE;
	if (!take_varint(&after, &length) || !take_bytes(&after, length, value))
		return false;
	*rest = after;
	return true;
}
