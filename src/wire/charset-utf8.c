#include "wire/charset-utf8.h"
#include "wire/charset.h"

#define REPLACEMENT SLICE("\xef\xbf\xbd") /* U+FFFD */

/* What may follow a first byte (Unicode 3.9, table 3-7). */
struct tail {
	unsigned length;           /* 0: no first byte of anything but ASCII */
	unsigned char least, most; /* of the second byte; later ones are 80 to BF */
};

static struct tail
tail_of(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return (struct tail){0, 0, 0};
	if (first < 0xe0)
		return (struct tail){1, 0x80, 0xbf};
	if (first < 0xf0)
		return (struct tail){
			2, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf};
	return (struct tail){3, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf};
}

struct utf8_run
utf8_run_of(struct slice s)
{
	struct tail tail = tail_of((unsigned char)s.data[0]);
	if ((unsigned char)s.data[0] < 0x80)
		return (struct utf8_run){1, true};
	size_t length = 1;
	while (length <= tail.length && length < s.length) {
		unsigned char c = (unsigned char)s.data[length];
		if (c < (length == 1 ? tail.least : 0x80) ||
			c > (length == 1 ? tail.most : 0xbf))
			break;
		length++;
	}
	return (struct utf8_run){length, tail.length > 0 && length == tail.length + 1};
}

struct slice
wire_utf8_first(struct slice s, size_t length)
{
	if (length >= s.length)
		return s;
	size_t end = length;
	while (end > 0 && length - end < 3 && ((unsigned char)s.data[end] & 0xc0) == 0x80)
		end--;
	/* Bytes that go on without a beginning are no character to be kept whole. */
	if (((unsigned char)s.data[end] & 0xc0) == 0x80)
		end = length;
	return slice_first(s, end);
}

bool
utf8_put_whole(struct buffer *into, struct slice utf8)
{
	if (into->failed)
		return false;
	size_t room = into->ceiling - into->length;
	if (utf8.length <= room)
		return buffer_put(into, utf8);
	buffer_put(into, wire_utf8_first(utf8, room));
	into->failed = true;
	return false;
}

bool
wire_put_valid_utf8(struct slice bytes, struct buffer *into)
{
	if (slice_is_utf8(bytes))
		return utf8_put_whole(into, bytes);
	size_t good = 0;
	while (bytes.length > good) {
		struct utf8_run run = utf8_run_of(slice_from(bytes, good));
		if (run.valid) {
			good += run.length;
			continue;
		}
		if (!utf8_put_whole(into, slice_first(bytes, good)) ||
			!utf8_put_whole(into, REPLACEMENT))
			return false;
		bytes = slice_from(bytes, good + run.length);
		good = 0;
	}
	return utf8_put_whole(into, bytes);
}
