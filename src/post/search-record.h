#ifndef POST_SEARCH_RECORD_H
#define POST_SEARCH_RECORD_H

#include "post/keys.h"
#include "post/search-words.h"
#include "store/store.h"

/*
 * The rows of an account's search index, as bytes; all begin with 'S'. The index is made of
 * what else the account's space holds: losing it costs its making anew, nothing more.
 *
 *	'S' 'I'				the index: which emails it covers, its segments
 *	'S' 'R'				how many messages were purged since it was compacted
 *	'S' 'P' ~first email id		a pack: folded texts of some messages, one blob
 *	'S' 'D' ~first email id		a dictionary that packs from then on may use
 *	'S' 'U' mailbox, chunk		the email ids of a mailbox's UIDs
 *
 * Keys of packs and dictionaries are inverted: the one of an email is the first behind it.
 * Segments, packs and dictionaries are blobs of the store, referenced by this space under
 * "S", "P" or "D" and a number. ('S' 'T' were the packs of version 1, under "T".) As email
 *ids rise in the order of arrival, the index covers all below next; the others are searched
 *without it.
 */
#define SEARCH_RECORD_FORMAT 1

struct search_part {     /* a segment */
	uint64_t number; /* of its reference */
	struct store_hash hash;
	uint64_t first, last; /* email ids */
	uint64_t documents, bytes;
};

struct search_mapped {
	uint32_t mailbox;
	uint32_t uid_next; /* UIDs below it stand in the chunks */
};

struct search_state {
	uint64_t words_version; /* SEARCH_WORDS_VERSION it was made with */
	uint64_t next;          /* emails below are covered */
	uint64_t number_next;   /* of references */
	uint64_t removed;       /* messages purged since the last compaction */
	uint64_t last_pack;     /* the newest one's first email; 0: none */
	uint64_t packs_from;    /* compacting the packs goes on from there down; 0: done */
	const struct search_part *parts; /* by rising email ids */
	size_t part_count;
	const struct search_mapped *mailboxes; /* by rising ids */
	size_t mailbox_count;
};
#define SEARCH_PARTS_MOST 10000

bool search_state_pack(const struct search_state *state, struct buffer *into);
MUST_CHECK bool search_state_unpack(
	struct arena *arena, struct slice value, struct search_state *state);

/* Bytes of texts in one pack; what a text alone may have to be kept. */
#define SEARCH_PACK_MOST STORE_BLOB_IN_MEMORY_MOST

/* Texts in a pack: those of one message stand together, and in one frame. */
struct search_text {
	uint64_t email;
	uint32_t offset, length; /* among the texts */
};
struct search_frame {
	uint32_t offset, length; /* among the texts */
	uint32_t stored_at, stored;
};
struct search_pack {
	struct store_hash hash;
	uint64_t dictionary; /* number; 0: none */
	const struct search_frame *frames;
	size_t frame_count;
	const struct search_text *texts; /* by rising email ids and offsets */
	size_t count;
};
bool search_pack_pack(const struct search_pack *pack, struct buffer *into);
MUST_CHECK bool search_pack_unpack(
	struct arena *arena, struct slice value, struct search_pack *pack);

void search_dictionary_pack(const struct store_hash *hash, struct buffer *into);
MUST_CHECK bool search_dictionary_unpack(struct slice value, struct store_hash *hash);

/* Of version 1, so that it can be given up: its range of keys, and which blob a row has. */
struct post_key search_key_old_packs(void);
struct post_key search_key_after_old_packs(void);
MUST_CHECK bool search_old_pack_unpack(
	struct slice key, struct slice value, uint64_t *number, struct store_hash *hash);

/* Email ids of a mailbox's UIDs. */
#define SEARCH_CHUNK 4096u /* UIDs: chunk n begins with UID n * SEARCH_CHUNK */
struct search_pair {
	uint32_t uid;
	uint64_t email;
};
bool search_chunk_pack(const struct search_pair *pairs, size_t count, struct buffer *into);
/* Room for SEARCH_CHUNK pairs. */
MUST_CHECK bool search_chunk_unpack(
	struct slice value, uint32_t chunk, struct search_pair *pairs, size_t *count);

struct post_key search_key_state(void);
struct post_key search_key_removed(void);
struct post_key search_key_after_removed(void);
struct post_key search_key_pack(uint64_t first_email);
struct post_key search_key_dictionary(uint64_t first_email);
struct post_key search_key_after_dictionaries(void);
struct post_key search_key_chunk(uint32_t mailbox, uint32_t chunk);
struct post_key search_key_after_packs(void);
MUST_CHECK bool search_key_take_pack(struct slice key, uint64_t *first_email);
MUST_CHECK bool search_key_take_dictionary(struct slice key, uint64_t *first_email);
MUST_CHECK bool search_key_take_chunk(struct slice key, uint32_t *mailbox, uint32_t *chunk);

/* Names of references. */
#define SEARCH_OWNER_SIZE 9
struct slice search_owner(char kind, uint64_t number, char into[SEARCH_OWNER_SIZE]);

#endif
