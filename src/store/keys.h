#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "store/store.h"

/*
 * How everything is named in the one ordered key space below the store. The first byte is
 * the kind; numbers are big endian, so that they sort. Pure.
 *
 *	f                        format of the whole store
 *	s  space  key            a row of a space
 *	v  space                 the space's version
 *	p  hash                  where a blob lies
 *	r  hash  space  owner    a reference to a blob
 *	c  hash                  lost a reference: collect looks whether it was the last
 *	g  number                a segment: how much of it is valid, how much is dead
 *
 * Values other than the rows' (those are their owners') begin with the version 1.
 */
#define STORE_FORMAT       1
#define STORE_RAW_KEY_MOST (1 + STORE_HASH_SIZE + 8 + STORE_KEY_MOST)

enum store_key_kind {
	STORE_KEY_FORMAT = 'f',
	STORE_KEY_ROW = 's',
	STORE_KEY_VERSION = 'v',
	STORE_KEY_PLACE = 'p',
	STORE_KEY_REFERENCE = 'r',
	STORE_KEY_CANDIDATE = 'c',
	STORE_KEY_SEGMENT = 'g',
};

struct store_key {
	size_t length;
	char bytes[STORE_RAW_KEY_MOST];
};

struct slice store_key_slice(const struct store_key *key);
struct store_key store_key_format(void);
struct store_key store_key_row(uint64_t space, struct slice own);
struct store_key store_key_row_end(uint64_t space); /* the first key after the space */
struct store_key store_key_version(uint64_t space);
struct store_key store_key_hash(enum store_key_kind kind, const struct store_hash *hash);
struct store_key store_key_reference(
	const struct store_hash *hash, uint64_t space, struct slice owner);
struct store_key store_key_segment(uint64_t number);
/* The first key after all of this kind. */
struct store_key store_key_kind_end(enum store_key_kind kind);
/* The first key after all that begin with this one. */
struct store_key store_key_after(const struct store_key *prefix);

#define STORE_ROW_PREFIX (1 + 8) /* what stands before a row's own key */

/* The hash in a place, reference or candidate key. */
MUST_CHECK bool store_key_take_hash(struct slice key, struct store_hash *hash);
MUST_CHECK bool store_key_take_segment(struct slice key, uint64_t *number);

/* Where a blob lies. All of it is in one segment. */
struct store_place {
	uint64_t segment;
	uint64_t offset; /* of its record */
	uint64_t size;   /* of its record */
	uint64_t length; /* of the blob */
};

struct store_extent {
	uint64_t valid; /* bytes from the start of the segment that count */
	uint64_t dead;  /* of these, records no one refers to */
};

/* What one group wrote into a segment; from 0: with the segment's header. */
struct store_written {
	uint64_t segment, from, until;
};

/* Values of fixed kinds; a value buffer of STORE_SMALL_VALUE_MOST holds any of them. */
#define STORE_SMALL_VALUE_MOST 48

struct store_value {
	size_t length;
	char bytes[STORE_SMALL_VALUE_MOST];
};

struct slice store_value_slice(const struct store_value *value);
struct store_value store_value_number(uint64_t number); /* versions, the format */
struct store_value store_value_place(const struct store_place *place);
struct store_value store_value_extent(const struct store_extent *extent);
struct store_value store_value_written(const struct store_written *written);
MUST_CHECK bool store_value_take_number(struct slice value, uint64_t *number);
MUST_CHECK bool store_value_take_place(struct slice value, struct store_place *place);
MUST_CHECK bool store_value_take_extent(struct slice value, struct store_extent *extent);
MUST_CHECK bool store_value_take_written(struct slice value, struct store_written *written);

#endif
