#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * A growing run of bytes with a ceiling. It owns its memory; buffer_free gives it back.
 *
 * A put that would pass the ceiling changes nothing, marks the buffer as failed and
 * returns false; later puts fail too. So a writer may put many parts and look once, at
 * the end, with buffer_failed.
 */
struct buffer {
	char *data;
	size_t length;
	size_t capacity;
	size_t ceiling;
	bool failed;
};

struct buffer buffer_with(size_t ceiling); /* allocates nothing yet */
void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* length 0, not failed, memory kept */
bool buffer_failed(const struct buffer *buffer);
struct slice buffer_slice(const struct buffer *buffer);

bool buffer_put(struct buffer *buffer, struct slice s);
bool buffer_put_byte(struct buffer *buffer, char byte);
bool buffer_put_text(struct buffer *buffer, const char *nul_terminated);
bool buffer_put_number(struct buffer *buffer, uint64_t number); /* decimal */
bool buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* Room to write into directly: returns NULL past the ceiling; then say how much was used.
 */
char *buffer_reserve(struct buffer *buffer, size_t size);
void buffer_commit(struct buffer *buffer, size_t used);

void buffer_drop_first(struct buffer *buffer, size_t count); /* moves the rest down */
void buffer_cut(struct buffer *buffer, size_t length);       /* shortens */

/* Integers for keys and records: big endian sorts by value; varint is LEB128. */
bool buffer_put_be16(struct buffer *buffer, uint16_t value);
bool buffer_put_be32(struct buffer *buffer, uint32_t value);
bool buffer_put_be64(struct buffer *buffer, uint64_t value);
bool buffer_put_varint(struct buffer *buffer, uint64_t value);
bool buffer_put_sized(struct buffer *buffer, struct slice s); /* varint length, bytes */

/*
 * The reading side: takes from the front of *rest. On bytes that do not fit the result is
 * false, *rest is unchanged and *value is 0.
 */
MUST_CHECK bool take_byte(struct slice *rest, uint8_t *value);
MUST_CHECK bool take_be16(struct slice *rest, uint16_t *value);
MUST_CHECK bool take_be32(struct slice *rest, uint32_t *value);
MUST_CHECK bool take_be64(struct slice *rest, uint64_t *value);
MUST_CHECK bool take_varint(struct slice *rest, uint64_t *value);
MUST_CHECK bool take_bytes(struct slice *rest, size_t length, struct slice *value);
MUST_CHECK bool take_sized(struct slice *rest, struct slice *value);

#endif
