#ifndef POST_SEARCH_STORE_H
#define POST_SEARCH_STORE_H

#include "post/account-internal.h"
#include "post/search-cache.h"
#include "post/search-codec.h"
#include "post/search-record.h"
#include "post/search-segment.h"

/* The index's rows and blobs, read and written. */

/* Durable; a state of nothing when there is none, BASE_DAMAGED when it can't be read. */
enum base_failure search_state_read(struct store_space *space, struct arena *arena,
	struct search_state *state) MUST_CHECK;

/* Of a pack that is known of: BASE_DAMAGED when it is not there. */
enum base_failure search_pack_read(struct store_space *space, uint64_t number,
	struct arena *arena, struct search_pack *pack) MUST_CHECK;

/* Bytes as a blob, whatever its size. For chores: a large one is synced here. */
enum base_failure search_blob_make(struct store *store, struct slice bytes,
	struct store_hash *hash, struct store_blob **blob) MUST_CHECK;

/* A segment as a blob (search-press.h), and its bytes. */
enum base_failure search_segment_make(struct store *store, struct slice segment,
	struct search_part *part, struct store_blob **blob) MUST_CHECK;

/* A whole blob in memory. BASE_TOO_LARGE past the buffer's ceiling. */
enum base_failure search_blob_read(
	struct store *store, const struct store_hash *hash, struct buffer *into) MUST_CHECK;

/* Appends a range of a blob. */
enum base_failure search_range_read(struct store_reader *reader, uint64_t offset,
	size_t length, struct buffer *into) MUST_CHECK;

/*
 * The kept texts of messages. The pack, dictionary and frame that were read last stay, so
 * that messages asked for by rising ids cost little. For one thread.
 */
struct search_texts;
struct search_texts *search_texts_create(struct store *store, struct store_space *space);
void search_texts_release(struct search_texts **released); /* for SCOPED */
/* With other searches by the same name (search-rows.h). */
void search_texts_share(struct search_texts *texts, struct search_cache *cache,
	const struct store_hash *name);
/* False: they are not kept. To be used until the next call. */
MUST_CHECK bool search_texts_of(
	struct search_texts *texts, uint64_t email, struct slice *bytes);
/* A whole pack: first use, which copies it, then get each. */
MUST_CHECK bool search_texts_use(
	struct search_texts *texts, const struct search_pack *pack);
MUST_CHECK bool search_texts_get(
	struct search_texts *texts, const struct search_text *text, struct slice *bytes);

/* The one that packs from now on use; 0: none. */
enum base_failure search_dictionary_newest(
	struct store_space *space, uint64_t *number) MUST_CHECK;
enum base_failure search_dictionary_read(struct store *store, struct store_space *space,
	uint64_t number, struct buffer *into) MUST_CHECK;

/* Texts to train one with, one behind the other. */
struct search_sample {
	struct buffer bytes;
	size_t *lengths;
	size_t count, room;
};
/* Unless it is full. */
void search_sample_add(struct search_sample *sample, struct slice text);
/* Of the packs behind that of an email. */
enum base_failure search_sample_packs(struct store *store, struct store_space *space,
	uint64_t since, struct search_sample *sample) MUST_CHECK;
void search_sample_free(struct search_sample *sample); /* for SCOPED */

/*
 * What one commit changes, gathered before its turn. References are named by kind ('S',
 * 'P' or 'D') and number.
 */
struct search_edit;
struct search_edit *search_edit_create(void);
void search_edit_release(struct search_edit **released); /* for SCOPED */
struct arena *search_edit_arena(struct search_edit *edit);
void search_edit_put(
	struct search_edit *edit, const struct post_key *key, const struct buffer *value);
void search_edit_delete(struct search_edit *edit, const struct post_key *from,
	const struct post_key *until);
/* Takes over the blob. */
void search_edit_refer(
	struct search_edit *edit, struct store_blob *blob, char kind, uint64_t number);
void search_edit_let(struct search_edit *edit, const struct store_hash *hash, char kind,
	uint64_t number);
void search_edit_state(struct search_edit *edit, const struct search_state *state);
/* Waits for the commit. */
enum base_failure search_edit_submit(
	struct search_edit *edit, struct store_space *space) MUST_CHECK;

/* All of the index, in a turn of its space: rows, and references as far as they can be
 * read. */
enum base_failure search_erase(
	struct store_space *space, struct store_turn *turn) MUST_CHECK;

/*
 * A segment that is read from its blob: what stands before the signatures is in memory;
 * they are once they were asked for.
 */
struct search_opened {
	struct search_segment segment;
	struct search_postings postings;
	struct store_reader *reader;
	struct search_head *head, *signatures; /* NULL: not asked for */
	size_t head_size;                      /* 0: not known yet */
	uint64_t stored_at;                    /* of the next piece of the head */
	struct search_codec *codec;
	bool ready; /* the head is whole */
	bool whole; /* all lists are read at once: they are wanted in the words' order */
	struct buffer window; /* a part of the lists … */
	uint32_t window_at;   /* … that begins there */
};
/* cache NULL: what is read is not kept, and all is read, to be merged. */
enum base_failure search_opened_begin(struct store *store, struct search_cache *cache,
	const struct store_hash *hash, struct search_opened *opened) MUST_CHECK;
/* A part of what is in memory is read, until it is ready. When it fails it is closed. */
enum base_failure search_opened_more(
	struct search_cache *cache, struct search_opened *opened) MUST_CHECK;
/* Likewise of the signatures, until segment.signatures are there. It stays open. */
enum base_failure search_opened_sign(
	struct search_cache *cache, struct search_opened *opened) MUST_CHECK;
/* Both, until it is ready; without a cache the signatures, too. */
enum base_failure search_opened_open(struct store *store, struct search_cache *cache,
	const struct store_hash *hash, struct search_opened *opened) MUST_CHECK;
void search_opened_close(struct search_opened *opened); /* for SCOPED */

#endif
