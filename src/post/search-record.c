#include "post/search-record.h"
#include "post/records.h"

/* --- keys ---------------------------------------------------------------------------- */

static void
put(struct post_key *key, uint64_t number, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		key->bytes[key->length++] = (char)(number >> (8 * (width - 1 - i)));
}

static struct post_key
key_of(char kind)
{
	struct post_key key = post_key_of_row(POST_KEY_OF_SEARCH);
	key.bytes[key.length++] = kind;
	return key;
}

struct post_key
search_key_state(void)
{
	return key_of('I');
}

struct post_key
search_key_removed(void)
{
	return key_of('R');
}

struct post_key
search_key_after_removed(void)
{
	return key_of('R' + 1);
}

struct post_key
search_key_pack(uint64_t first_email)
{
	struct post_key key = key_of('P');
	put(&key, ~first_email, 8);
	return key;
}

struct post_key
search_key_after_packs(void)
{
	return key_of('P' + 1);
}

struct post_key
search_key_dictionary(uint64_t first_email)
{
	struct post_key key = key_of('D');
	put(&key, ~first_email, 8);
	return key;
}

struct post_key
search_key_after_dictionaries(void)
{
	return key_of('D' + 1);
}

struct post_key
search_key_old_packs(void)
{
	return key_of('T');
}

struct post_key
search_key_after_old_packs(void)
{
	return key_of('T' + 1);
}

struct post_key
search_key_chunk(uint32_t mailbox, uint32_t chunk)
{
	struct post_key key = key_of('U');
	put(&key, mailbox, 4);
	put(&key, chunk, 4);
	return key;
}

static bool
take_inverted(struct slice key, struct slice start, uint64_t *first_email)
{
	bool ours = slice_starts(key, start);
	key = slice_from(key, start.length);
	if (!ours || !take_be64(&key, first_email))
		return false;
	*first_email = ~*first_email;
	return slice_empty(key);
}

bool
search_key_take_pack(struct slice key, uint64_t *first_email)
{
	return take_inverted(key, SLICE("SP"), first_email);
}

bool
search_key_take_dictionary(struct slice key, uint64_t *first_email)
{
	return take_inverted(key, SLICE("SD"), first_email);
}

bool
search_key_take_chunk(struct slice key, uint32_t *mailbox, uint32_t *chunk)
{
	bool ours = slice_starts(key, SLICE("SU"));
	key = slice_from(key, 2);
	return ours && take_be32(&key, mailbox) && take_be32(&key, chunk) &&
	       slice_empty(key);
}

struct slice
search_owner(char kind, uint64_t number, char into[SEARCH_OWNER_SIZE])
{
	into[0] = kind;
	for (unsigned i = 0; i < 8; i++)
		into[1 + i] = (char)(number >> (56 - 8 * i));
	return slice_of(into, SEARCH_OWNER_SIZE);
}

/* --- the state -------------------------------------------------------------------------
 */

static void
put_part(const struct search_part *part, struct buffer *into)
{
	buffer_put_varint(into, part->number);
	buffer_put(into, slice_of(part->hash.bytes, sizeof part->hash.bytes));
	buffer_put_varint(into, part->first);
	buffer_put_varint(into, part->last - part->first);
	buffer_put_varint(into, part->documents);
	buffer_put_varint(into, part->bytes);
}

bool
search_state_pack(const struct search_state *state, struct buffer *into)
{
	buffer_put_byte(into, SEARCH_RECORD_FORMAT);
	buffer_put_varint(into, state->words_version);
	buffer_put_varint(into, state->next);
	buffer_put_varint(into, state->number_next);
	buffer_put_varint(into, state->last_pack);
	buffer_put_varint(into, state->packs_from);
	buffer_put_varint(into, state->part_count);
	for (size_t i = 0; i < state->part_count; i++)
		put_part(&state->parts[i], into);
	buffer_put_varint(into, state->mailbox_count);
	for (size_t i = 0; i < state->mailbox_count; i++) {
		buffer_put_varint(into, state->mailboxes[i].mailbox);
		buffer_put_varint(into, state->mailboxes[i].uid_next);
	}
	return !buffer_failed(into);
}

static bool
take_format(struct slice *rest)
{
	uint8_t format;
	return take_byte(rest, &format) && format == SEARCH_RECORD_FORMAT;
}

static bool
take_hash(struct slice *rest, struct store_hash *hash)
{
	struct slice bytes;
	if (!take_bytes(rest, sizeof hash->bytes, &bytes))
		return false;
	memcpy(hash->bytes, bytes.data, bytes.length);
	return true;
}

/* Parts follow one another by rising email ids, after last. */
static bool
take_part(struct slice *rest, uint64_t *last, struct search_part *part)
{
	uint64_t span;
	if (!take_varint(rest, &part->number) || !take_hash(rest, &part->hash) ||
		!take_varint(rest, &part->first) || !take_varint(rest, &span) ||
		!take_varint(rest, &part->documents) || !take_varint(rest, &part->bytes) ||
		part->first <= *last || span > UINT64_MAX - part->first)
		return false;
	part->last = *last = part->first + span;
	return true;
}

static bool
take_parts(struct arena *arena, struct slice *rest, struct search_state *state)
{
	uint64_t count, last = 0;
	if (!take_varint(rest, &count) || count > SEARCH_PARTS_MOST)
		return false;
	struct search_part *parts = ARENA_MANY(arena, struct search_part, count);
	for (uint64_t i = 0; i < count; i++)
		if (!take_part(rest, &last, &parts[i]))
			return false;
	state->parts = parts;
	state->part_count = (size_t)count;
	return last < state->next || !count;
}

static bool
take_mailboxes(struct arena *arena, struct slice *rest, struct search_state *state)
{
	uint64_t count;
	uint32_t last = 0;
	if (!take_varint(rest, &count) || count > rest->length)
		return false;
	struct search_mapped *mailboxes = ARENA_MANY(arena, struct search_mapped, count);
	for (uint64_t i = 0; i < count; i++) {
		if (!post_take_u32(rest, &mailboxes[i].mailbox) ||
			!post_take_u32(rest, &mailboxes[i].uid_next) ||
			mailboxes[i].mailbox <= last)
			return false;
		last = mailboxes[i].mailbox;
	}
	state->mailboxes = mailboxes;
	state->mailbox_count = (size_t)count;
	return true;
}

bool
search_state_unpack(struct arena *arena, struct slice value, struct search_state *state)
{
	*state = (struct search_state){0};
	return take_format(&value) && take_varint(&value, &state->words_version) &&
	       take_varint(&value, &state->next) &&
	       take_varint(&value, &state->number_next) &&
	       take_varint(&value, &state->last_pack) &&
	       take_varint(&value, &state->packs_from) &&
	       take_parts(arena, &value, state) && take_mailboxes(arena, &value, state) &&
	       slice_empty(value);
}

/* --- packs -----------------------------------------------------------------------------
 */

bool
search_pack_pack(const struct search_pack *pack, struct buffer *into)
{
	uint64_t email = 0;
	buffer_put_byte(into, SEARCH_RECORD_FORMAT);
	buffer_put(into, slice_of(pack->hash.bytes, sizeof pack->hash.bytes));
	buffer_put_varint(into, pack->dictionary);
	buffer_put_varint(into, pack->frame_count);
	for (size_t i = 0; i < pack->frame_count; i++) {
		buffer_put_varint(into, pack->frames[i].length);
		buffer_put_varint(into, pack->frames[i].stored);
	}
	buffer_put_varint(into, pack->count);
	for (size_t i = 0; i < pack->count; i++) {
		buffer_put_varint(into, pack->texts[i].email - email);
		buffer_put_varint(into, pack->texts[i].length);
		email = pack->texts[i].email;
	}
	return !buffer_failed(into);
}

static bool
take_frame(
	struct slice *rest, const struct search_frame *before, struct search_frame *frame)
{
	frame->offset = before->offset + before->length;
	frame->stored_at = before->stored_at + before->stored;
	return post_take_u32(rest, &frame->length) && post_take_u32(rest, &frame->stored) &&
	       (uint64_t)frame->offset + frame->length <= SEARCH_PACK_MOST &&
	       (uint64_t)frame->stored_at + frame->stored <= STORE_BLOB_IN_MEMORY_MOST;
}

static bool
take_frames(struct arena *arena, struct slice *rest, struct search_pack *pack)
{
	uint64_t count;
	struct search_frame before = {0};
	if (!take_varint(rest, &count) || count > rest->length)
		return false;
	struct search_frame *frames = ARENA_MANY(arena, struct search_frame, count);
	for (uint64_t i = 0; i < count; i++) {
		if (!take_frame(rest, &before, &frames[i]))
			return false;
		before = frames[i];
	}
	pack->frames = frames;
	pack->frame_count = (size_t)count;
	return true;
}

static bool
take_text(struct slice *rest, const struct search_text *before, struct search_text *text)
{
	uint64_t step;
	uint64_t offset = (uint64_t)before->offset + before->length;
	if (!take_varint(rest, &step) || !step || step > UINT64_MAX - before->email ||
		!post_take_u32(rest, &text->length) ||
		offset + text->length > SEARCH_PACK_MOST)
		return false;
	text->email = before->email + step;
	text->offset = (uint32_t)offset;
	return true;
}

static bool
take_texts(struct arena *arena, struct slice *rest, struct search_pack *pack)
{
	uint64_t count;
	struct search_text before = {0};
	if (!take_varint(rest, &count) || count > rest->length)
		return false;
	struct search_text *texts = ARENA_MANY(arena, struct search_text, count);
	for (uint64_t i = 0; i < count; i++) {
		if (!take_text(rest, &before, &texts[i]))
			return false;
		before = texts[i];
	}
	pack->texts = texts;
	pack->count = (size_t)count;
	return true;
}

bool
search_pack_unpack(struct arena *arena, struct slice value, struct search_pack *pack)
{
	*pack = (struct search_pack){0};
	return take_format(&value) && take_hash(&value, &pack->hash) &&
	       take_varint(&value, &pack->dictionary) && take_frames(arena, &value, pack) &&
	       take_texts(arena, &value, pack) && slice_empty(value);
}

void
search_dictionary_pack(const struct store_hash *hash, struct buffer *into)
{
	buffer_put_byte(into, SEARCH_RECORD_FORMAT);
	buffer_put(into, slice_of(hash->bytes, sizeof hash->bytes));
}

bool
search_dictionary_unpack(struct slice value, struct store_hash *hash)
{
	return take_format(&value) && take_hash(&value, hash) && slice_empty(value);
}

bool
search_old_pack_unpack(
	struct slice key, struct slice value, uint64_t *number, struct store_hash *hash)
{
	bool ours = slice_starts(key, SLICE("ST"));
	key = slice_from(key, 2);
	return ours && take_be64(&key, number) && slice_empty(key) && take_format(&value) &&
	       take_hash(&value, hash);
}

/* --- chunks ----------------------------------------------------------------------------
 */

bool
search_chunk_pack(const struct search_pair *pairs, size_t count, struct buffer *into)
{
	uint32_t uid = 0;
	int64_t email = 0;
	buffer_put_byte(into, SEARCH_RECORD_FORMAT);
	for (size_t i = 0; i < count; i++) {
		buffer_put_varint(into, (pairs[i].uid - uid) % SEARCH_CHUNK);
		post_put_signed(into, (int64_t)pairs[i].email - email);
		uid = pairs[i].uid;
		email = (int64_t)pairs[i].email;
	}
	return !buffer_failed(into);
}

bool
search_chunk_unpack(
	struct slice value, uint32_t chunk, struct search_pair *pairs, size_t *count)
{
	uint64_t first = (uint64_t)chunk * SEARCH_CHUNK, uid = first;
	uint64_t email = 0;
	*count = 0;
	if (!take_format(&value))
		return false;
	while (value.length) {
		uint64_t step;
		int64_t difference;
		if (!take_varint(&value, &step) || (*count && !step) ||
			step >= SEARCH_CHUNK || !post_take_signed(&value, &difference))
			return false;
		uid += step;
		email += (uint64_t)difference;
		if (uid >= first + SEARCH_CHUNK || uid > UINT32_MAX)
			return false;
		pairs[(*count)++] = (struct search_pair){(uint32_t)uid, email};
	}
	return true;
}
