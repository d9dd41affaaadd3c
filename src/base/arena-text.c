#include "base/arena.h"
#include "base/error.h"

char *
arena_text(struct arena *arena, struct slice s)
{
	ASSERT(s.length < SIZE_MAX);
	char *text = arena_take(arena, s.length + 1);
	if (s.length)
		memcpy(text, s.data, s.length);
	return text;
}

struct slice
arena_copy(struct arena *arena, struct slice s)
{
	if (slice_absent(s))
		return s;
	return slice_of(arena_text(arena, s), s.length);
}

struct slice
arena_join(struct arena *arena, const struct slice *parts, size_t count)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		ASSERT(!__builtin_add_overflow(total, parts[i].length, &total));
	ASSERT(total < SIZE_MAX);
	char *text = arena_take(arena, total + 1);
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].length)
			memcpy(text + at, parts[i].data, parts[i].length);
		at += parts[i].length;
	}
	return slice_of(text, total);
}

struct slice
arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	ASSERT(length >= 0);
	char *text = arena_take(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return slice_of(text, (size_t)length);
}

struct slice
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct slice s = arena_vprintf(arena, format, arguments);
	va_end(arguments);
	return s;
}

struct slice
arena_lower(struct arena *arena, struct slice s)
{
	if (slice_absent(s))
		return s;
	char *text = arena_text(arena, s);
	for (size_t i = 0; i < s.length; i++)
		text[i] = byte_lower(text[i]);
	return slice_of(text, s.length);
}
