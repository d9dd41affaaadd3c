#include "post/records.h"
#include "base/error.h"
#include "post/url-key.h"

/* What the records share, and the small ones. */

bool
post_put_signed(struct buffer *into, int64_t value)
{
	uint64_t zigzag = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
	return buffer_put_varint(into, zigzag);
}

bool
post_take_signed(struct slice *rest, int64_t *value)
{
	uint64_t zigzag;
	*value = 0;
	if (!take_varint(rest, &zigzag))
		return false;
	*value = (int64_t)(zigzag >> 1 ^ (~(zigzag & 1) + 1));
	return true;
}

bool
post_take_format(struct slice *rest)
{
	uint8_t format;
	return take_byte(rest, &format) && format == POST_RECORD_FORMAT;
}

bool
post_take_u32(struct slice *rest, uint32_t *value)
{
	uint64_t wide;
	*value = 0;
	if (!take_varint(rest, &wide) || wide > UINT32_MAX)
		return false;
	*value = (uint32_t)wide;
	return true;
}

static enum base_failure
ended(bool fits, struct slice rest)
{
	return fits && slice_empty(rest) ? BASE_OK : BASE_DAMAGED;
}

bool
post_ledger_pack(const struct post_ledger *ledger, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, ledger->email_next);
	buffer_put_varint(into, ledger->bytes);
	return buffer_put_varint(into, ledger->messages);
}

enum base_failure
post_ledger_unpack(struct slice value, struct post_ledger *ledger)
{
	bool fits = post_take_format(&value) && take_varint(&value, &ledger->email_next) &&
		    take_varint(&value, &ledger->bytes) &&
		    take_varint(&value, &ledger->messages);
	return ended(fits && ledger->email_next, value);
}

bool
post_url_key_pack(const uint8_t *key, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	return buffer_put(into, slice_of(key, POST_URL_KEY_SIZE));
}

enum base_failure
post_url_key_unpack(struct slice value, uint8_t *key)
{
	if (!post_take_format(&value) || value.length != POST_URL_KEY_SIZE)
		return BASE_DAMAGED;
	memcpy(key, value.data, POST_URL_KEY_SIZE);
	return BASE_OK;
}

bool
post_letters_pack(const struct post_letters *letters, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, letters->hour);
	buffer_put_varint(into, letters->now);
	return buffer_put_varint(into, letters->before);
}

enum base_failure
post_letters_unpack(struct slice value, struct post_letters *letters)
{
	bool fits = post_take_format(&value) && take_varint(&value, &letters->hour) &&
		    post_take_u32(&value, &letters->now) &&
		    post_take_u32(&value, &letters->before);
	return ended(fits, value);
}

struct post_head
post_head_new(void)
{
	return (struct post_head){
		.uid_next = 1, .modseq = 1, .recent_first = 1, .feed_first = 2};
}

bool
post_head_pack(const struct post_head *head, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put_varint(into, head->uid_next);
	buffer_put_varint(into, head->modseq);
	buffer_put_varint(into, head->messages);
	buffer_put_varint(into, head->unseen);
	buffer_put_varint(into, head->deleted);
	buffer_put_varint(into, head->recent);
	buffer_put_varint(into, head->recent_first);
	buffer_put_varint(into, head->bytes);
	buffer_put_varint(into, head->image);
	buffer_put_varint(into, head->image_before);
	return buffer_put_varint(into, head->feed_first);
}

enum base_failure
post_head_unpack(struct slice value, struct post_head *head)
{
	bool fits = post_take_format(&value) && post_take_u32(&value, &head->uid_next) &&
		    take_varint(&value, &head->modseq) &&
		    post_take_u32(&value, &head->messages) &&
		    post_take_u32(&value, &head->unseen) &&
		    post_take_u32(&value, &head->deleted) &&
		    post_take_u32(&value, &head->recent) &&
		    post_take_u32(&value, &head->recent_first) &&
		    take_varint(&value, &head->bytes) &&
		    take_varint(&value, &head->image) &&
		    take_varint(&value, &head->image_before) &&
		    take_varint(&value, &head->feed_first);
	return ended(fits && head->uid_next && head->modseq, value);
}

#define ENTRY_WITH_ZONE 2
#define ZONE_MOST       1439

bool
post_entry_pack(const struct post_entry_record *entry, struct buffer *into)
{
	buffer_put_byte(into, entry->zone ? ENTRY_WITH_ZONE : POST_RECORD_FORMAT);
	if (entry->zone)
		post_put_signed(into, entry->zone);
	buffer_put_varint(into, entry->email);
	post_put_signed(into, entry->internal_date);
	post_put_signed(into, entry->save_date - entry->internal_date);
	buffer_put_varint(into, entry->size);
	return buffer_put_sized(into, entry->prefix);
}

static bool
take_zone(struct slice *rest, int *zone)
{
	int64_t minutes;
	*zone = 0;
	if (!rest->length || rest->data[0] != ENTRY_WITH_ZONE)
		return post_take_format(rest);
	*rest = slice_from(*rest, 1);
	if (!post_take_signed(rest, &minutes) || !minutes || minutes < -ZONE_MOST ||
		minutes > ZONE_MOST)
		return false;
	*zone = (int)minutes;
	return true;
}

enum base_failure
post_entry_unpack(struct slice value, struct post_entry_record *entry)
{
	int64_t later;
	bool fits = take_zone(&value, &entry->zone) && take_varint(&value, &entry->email) &&
		    post_take_signed(&value, &entry->internal_date) &&
		    post_take_signed(&value, &later) && take_varint(&value, &entry->size) &&
		    take_sized(&value, &entry->prefix);
	if (fits)
		entry->save_date =
			(int64_t)((uint64_t)entry->internal_date + (uint64_t)later);
	return ended(fits, value);
}

bool
post_content_pack(const struct post_content_record *content, struct buffer *into)
{
	buffer_put_byte(into, POST_RECORD_FORMAT);
	buffer_put(into, slice_of(content->hash, BASE_SHA256_SIZE));
	buffer_put_varint(into, content->size);
	buffer_put_varint(into, content->thread);
	buffer_put_sized(into, content->trace);
	buffer_put_byte(into, !slice_absent(content->header));
	buffer_put_sized(into, content->header);
	buffer_put_varint(into, content->renderer);
	buffer_put_sized(into, content->envelope);
	buffer_put_sized(into, content->body);
	buffer_put_sized(into, content->body_structure);
	buffer_put_sized(into, content->preview);
	return buffer_put_sized(into, content->structure);
}

static bool
take_rendered(struct slice *rest, struct post_content_record *content)
{
	return take_varint(rest, &content->renderer) &&
	       take_sized(rest, &content->envelope) && take_sized(rest, &content->body) &&
	       take_sized(rest, &content->body_structure) &&
	       take_sized(rest, &content->preview) && take_sized(rest, &content->structure);
}

enum base_failure
post_content_unpack(struct slice value, struct post_content_record *content)
{
	struct slice hash;
	uint8_t with_header;
	bool fits = post_take_format(&value) &&
		    take_bytes(&value, BASE_SHA256_SIZE, &hash) &&
		    take_varint(&value, &content->size) &&
		    take_varint(&value, &content->thread) &&
		    take_sized(&value, &content->trace) &&
		    take_byte(&value, &with_header) && with_header <= 1 &&
		    take_sized(&value, &content->header) && take_rendered(&value, content);
	if (!fits)
		return BASE_DAMAGED;
	memcpy(content->hash, hash.data, BASE_SHA256_SIZE);
	if (!with_header)
		content->header = SLICE_NONE;
	return ended(true, value);
}
