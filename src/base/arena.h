#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"
#include <stdarg.h>

/*
 * Memory named by its lifetime: a command, a session, a message. Everything taken from
 * an arena is freed with it, at once. An arena belongs to one thread at a time.
 *
 * The ceiling bounds what a peer can make us hold. arena_take never returns NULL: past
 * the ceiling it aborts, as a missing check is a bug. Where a foreign size decides,
 * ask arena_has_room first, or use arena_try.
 * Memory comes zeroed and aligned for any type.
 */
struct arena;

#define ARENA_NO_CEILING SIZE_MAX

struct arena *arena_create(size_t ceiling);
struct arena *arena_create_small(size_t ceiling); /* for a little that lives long */
void arena_destroy(struct arena *arena);          /* NULL is fine */
void arena_release(struct arena **arena);         /* for SCOPED */

/* Frees all but the first block, so that a session can use it for the next command. */
void arena_reset(struct arena *arena);

void *arena_take(struct arena *arena, size_t size);
void *arena_try(struct arena *arena, size_t size); /* NULL past the ceiling */
void *arena_take_many(struct arena *arena, size_t count, size_t size);
bool arena_has_room(const struct arena *arena, size_t size);
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type) ((type *)arena_take((arena), sizeof(type)))
#define ARENA_MANY(arena, type, count) \
	((type *)arena_take_many((arena), (count), sizeof(type)))

/* Copies end in a NUL that is not counted, for libraries that want one. */
struct slice arena_copy(struct arena *arena, struct slice s);
char *arena_text(struct arena *arena, struct slice s);
struct slice arena_join(struct arena *arena, const struct slice *parts, size_t count);
struct slice arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct slice arena_vprintf(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
struct slice arena_lower(struct arena *arena, struct slice s); /* ASCII */

/* Called at destroy and reset, last registered first: closes files, drops references. */
void arena_on_release(struct arena *arena, void (*release)(void *), void *argument);

#endif
