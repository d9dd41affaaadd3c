#include "base/buffer.h"
#include "base/error.h"

#define SMALLEST_CAPACITY 64

struct buffer
buffer_with(size_t ceiling)
{
	return (struct buffer){.ceiling = ceiling};
}

void
buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = buffer_with(buffer->ceiling);
}

void
buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	buffer->failed = false;
}

bool
buffer_failed(const struct buffer *buffer)
{
	return buffer->failed;
}

struct slice
buffer_slice(const struct buffer *buffer)
{
	return slice_of(buffer->data ? buffer->data : "", buffer->length);
}

static size_t
grown_capacity(const struct buffer *buffer, size_t needed)
{
	size_t capacity = buffer->capacity ? buffer->capacity : SMALLEST_CAPACITY;
	while (capacity < needed)
		capacity = capacity > buffer->ceiling / 2 ? buffer->ceiling : capacity * 2;
	return capacity < buffer->ceiling ? capacity : buffer->ceiling;
}

/* False: past the ceiling. Apart, so that the usual way stays short. */
static __attribute__((noinline)) bool
grow(struct buffer *buffer, size_t size)
{
	if (buffer->failed || size > buffer->ceiling - buffer->length) {
		buffer->failed = true;
		return false;
	}
	buffer->capacity = grown_capacity(buffer, buffer->length + size);
	/* One more, so that vsnprintf can write in place. */
	buffer->data = realloc(buffer->data, buffer->capacity + 1);
	ASSERT(buffer->data);
	return true;
}

static inline bool
has_room(const struct buffer *buffer, size_t size)
{
	return buffer->data && !buffer->failed &&
	       size <= buffer->capacity - buffer->length &&
	       size <= buffer->ceiling - buffer->length;
}

char *
buffer_reserve(struct buffer *buffer, size_t size)
{
	if (!has_room(buffer, size) && !grow(buffer, size))
		return NULL;
	return buffer->data + buffer->length;
}

void
buffer_commit(struct buffer *buffer, size_t used)
{
	ASSERT(used <= buffer->capacity - buffer->length);
	buffer->length += used;
}

bool
buffer_put(struct buffer *buffer, struct slice s)
{
	if (!has_room(buffer, s.length) && !grow(buffer, s.length))
		return false;
	if (s.length)
		memcpy(buffer->data + buffer->length, s.data, s.length);
	buffer->length += s.length;
	return true;
}

bool
buffer_put_byte(struct buffer *buffer, char byte)
{
	if (!has_room(buffer, 1) && !grow(buffer, 1))
		return false;
	buffer->data[buffer->length++] = byte;
	return true;
}

bool
buffer_put_text(struct buffer *buffer, const char *nul_terminated)
{
	return buffer_put(buffer, slice_of_text(nul_terminated));
}

bool
buffer_put_number(struct buffer *buffer, uint64_t number)
{
	char digits[20];
	size_t start = sizeof digits;
	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return buffer_put(buffer, slice_of(digits + start, sizeof digits - start));
}

/* Into the room that there is, mostly; else it says how much it needs. */
__attribute__((format(printf, 2, 0))) static int
print_in_place(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	size_t room =
		buffer->data && !buffer->failed ? buffer->capacity - buffer->length : 0;
	int length =
		vsnprintf(room ? buffer->data + buffer->length : NULL, room, format, again);
	va_end(again);
	ASSERT(length >= 0);
	return length;
}

bool
buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
	size_t length = (size_t)print_in_place(buffer, format, arguments);
	bool whole = buffer->data && length < buffer->capacity - buffer->length;
	char *room = buffer_reserve(buffer, length);
	if (!room)
		return false;
	if (!whole)
		vsnprintf(room, length + 1, format, arguments);
	buffer_commit(buffer, length);
	return true;
}

bool
buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	bool put = buffer_vprintf(buffer, format, arguments);
	va_end(arguments);
	return put;
}

void
buffer_drop_first(struct buffer *buffer, size_t count)
{
	ASSERT(count <= buffer->length);
	if (!count)
		return;
	memmove(buffer->data, buffer->data + count, buffer->length - count);
	buffer->length -= count;
}

void
buffer_cut(struct buffer *buffer, size_t length)
{
	ASSERT(length <= buffer->length);
	buffer->length = length;
}
