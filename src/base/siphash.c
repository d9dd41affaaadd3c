#include "base/map.h"

/* SipHash-2-4, after Aumasson and Bernstein, "SipHash: a fast short-input PRF". */

struct state {
	uint64_t a, b, c, d;
};

static uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static uint64_t
little_endian(const void *bytes, size_t count)
{
	const unsigned char *at = bytes;
	uint64_t value = 0;
	for (size_t i = 0; i < count; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

static void
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

static void
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
	uint64_t low = little_endian(key, 8), high = little_endian(key + 8, 8);
	struct state x = {low ^ 0x736f6d6570736575, high ^ 0x646f72616e646f6d,
		low ^ 0x6c7967656e657261, high ^ 0x7465646279746573};
	uint64_t last = (uint64_t)s.length << 56;
	for (; s.length >= 8; s = slice_from(s, 8))
		absorb(&x, little_endian(s.data, 8));
	absorb(&x, last | little_endian(s.data, s.length));
	x.c ^= 0xFF;
	for (int i = 0; i < 4; i++)
		round_once(&x);
	return x.a ^ x.b ^ x.c ^ x.d;
}
