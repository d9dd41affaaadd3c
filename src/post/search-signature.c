#include "post/search-signature.h"

static uint64_t
mixed(uint64_t number)
{
	number = (number ^ number >> 33) * 0xff51afd7ed558ccdu;
	number = (number ^ number >> 33) * 0xc4ceb9fe1a85ec53u;
	return number ^ number >> 33;
}

/* --- sets -------------------------------------------------------------------------------
 */

static void
put_in_table(struct search_joint_set *set, uint32_t joint)
{
	size_t at = mixed(joint ^ set->key) & (set->size - 1);
	while (set->table[at] && set->table[at] != joint)
		at = (at + 1) & (set->size - 1);
	set->count += !set->table[at];
	set->table[at] = joint;
}

static void
grow_table(struct search_joint_set *set)
{
	struct search_joint_set old = *set;
	set->size = old.size ? old.size * 2 : 1024;
	set->count = 0;
	set->table = calloc(set->size, sizeof *set->table);
	ASSERT(set->table);
	if (!old.size)
		base_random(&set->key, sizeof set->key);
	for (size_t i = 0; i < old.size; i++)
		if (old.table[i])
			put_in_table(set, old.table[i]);
	free(old.table);
}

void
search_joint_set_add(struct search_joint_set *set, uint32_t joint)
{
	if (set->count > SEARCH_SIGNED_MOST)
		return;
	if (set->count * 2 >= set->size)
		grow_table(set);
	put_in_table(set, joint);
}

/* One that a long message made large is no burden for the next ones. */
void
search_joint_set_clear(struct search_joint_set *set)
{
	if (set->size > 1024 && set->count * 8 < set->size)
		search_joint_set_free(set);
	else if (set->count)
		memset(set->table, 0, set->size * sizeof *set->table);
	set->count = 0;
}

void
search_joint_set_free(struct search_joint_set *set)
{
	free(set->table);
	*set = (struct search_joint_set){0};
}

/* --- equations --------------------------------------------------------------------------
 */

#define BITS  64 /* of an equation */
#define BYTES (BITS / 8)
#define SPARE 32 /* of so many joints one more bit */

/* Of the bits from at on, those that count; the first always does. */
struct equation {
	size_t at;
	uint64_t bits;
};

/* Kept in segments: others are another version of the words. */
static struct equation
equation_of(uint32_t joint, size_t length)
{
	uint64_t places = length * 8 - BITS + 1;
	return (struct equation){(size_t)(joint * places >> 32), mixed(joint) | 1};
}

static bool
is_odd(uint64_t bits)
{
	return __builtin_parityll(bits);
}

/* --- solving ----------------------------------------------------------------------------
 */

/* One equation for each bit, as the first that it names: it tells that one from the others.
 */
struct row {
	uint64_t bits; /* 0: none */
	bool odd;
};

/* Equations are added up until it begins where none did; false: it contradicts them. */
static bool
add_equation(struct row *rows, struct equation equation)
{
	size_t at = equation.at;
	struct row sum = {equation.bits, true};
	while (rows[at].bits) {
		sum.bits ^= rows[at].bits;
		sum.odd ^= rows[at].odd;
		if (!sum.bits)
			return !sum.odd;
		unsigned zeros = (unsigned)__builtin_ctzll(sum.bits);
		sum.bits >>= zeros;
		at += zeros;
	}
	rows[at] = sum;
	return true;
}

/* Backwards; a bit that no equation tells is any. */
static void
solve(const struct row *rows, size_t length, char *bytes)
{
	uint64_t behind = 0; /* the bits from at on, the first lowest */
	for (size_t at = length * 8; at-- > 0;) {
		behind <<= 1;
		bool bit = rows[at].bits ? is_odd(rows[at].bits & behind) != rows[at].odd
					 : mixed(at) & 1;
		behind |= bit;
		bytes[at / 8] |= (char)(bit << at % 8);
	}
}

/* False: they are too many for so many bytes, or contradict each other by chance. */
static bool
fit(const struct search_joint_set *set, size_t length, char *bytes)
{
	struct row *rows = calloc(length * 8, sizeof *rows);
	bool fits = true;
	ASSERT(rows);
	for (size_t i = 0; i < set->size && fits; i++)
		if (set->table[i])
			fits = add_equation(rows, equation_of(set->table[i], length));
	memset(bytes, 0, length);
	if (fits)
		solve(rows, length, bytes);
	free(rows);
	return fits;
}

/* The more there are, the more room chance wants. */
static size_t
first_length(size_t count)
{
	size_t length = (count + count / SPARE + 7) / 8;
	return length > BYTES ? length : BYTES;
}

/*
 * Who writes a text can choose joints that have the same place, as the hash is known, and
 * no length parts them. So what a quarter more room does not solve is said by one byte,
 * which is a signature of everything.
 */
void
search_signature_put(const struct search_joint_set *set, struct buffer *into)
{
	size_t length = first_length(set->count), most = length + length / 4 + BITS;
	if (!set->count)
		return;
	if (set->count > SEARCH_SIGNED_MOST)
		most = 0;
	for (; length <= most; length += 1 + length / 64) {
		char *bytes = buffer_reserve(into, length);
		if (!bytes)
			return;
		if (fit(set, length, bytes)) {
			buffer_commit(into, length);
			return;
		}
	}
	buffer_put_byte(into, '\0');
}

/* --- asking -----------------------------------------------------------------------------
 */

static uint64_t
bits_at(struct slice signature, size_t at)
{
	uint64_t word;
	memcpy(&word, signature.data + at / 8, BYTES);
	word = le64toh(word) >> at % 8;
	if (at % 8)
		word |= (uint64_t)(unsigned char)signature.data[at / 8 + BYTES]
			<< (BITS - at % 8);
	return word;
}

bool
search_signature_has(struct slice signature, uint32_t joint)
{
	if (signature.length < BYTES)
		return signature.length;
	struct equation equation = equation_of(joint, signature.length);
	return is_odd(bits_at(signature, equation.at) & equation.bits);
}
