#include "base/map.h"

/*
 * SipHash-2-4, after Aumasson and Bernstein, "SipHash: a fast short-input PRF". Every key
 * of a map and every word of an index comes by here: so words are loaded whole, and the
 * state stays in registers.
 */
#define INLINE static inline __attribute__((always_inline))

struct state {
	uint64_t a, b, c, d;
};

INLINE uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

INLINE uint64_t
load(const void *bytes)
{
	uint64_t value;
	memcpy(&value, bytes, sizeof value);
	return le64toh(value);
}

/* Fewer than eight bytes. */
INLINE uint64_t
load_last(const char *bytes, size_t count)
{
	uint64_t value = 0;
	for (size_t i = 0; i < count; i++)
		value |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
	return value;
}

INLINE void
round_once(struct state *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

INLINE void
absorb(struct state *s, uint64_t word)
{
	s->d ^= word;
	round_once(s);
	round_once(s);
	s->a ^= word;
}

uint64_t
base_siphash(struct slice s, const uint8_t key[16])
{
	uint64_t low = load(key), high = load(key + 8);
	struct state x = {low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d,
		low ^ 0x6c7967656e657261, high ^ 0x7465646279746573};
	const char *at = s.data;
	size_t left = s.length;
	for (; left >= 8; left -= 8, at += 8)
		absorb(&x, load(at));
	absorb(&x, (uint64_t)s.length << 56 | load_last(at, left));
	x.c ^= 0xFF;
	for (int i = 0; i < 4; i++)
		round_once(&x);
	return x.a ^ x.b ^ x.c ^ x.d;
}
