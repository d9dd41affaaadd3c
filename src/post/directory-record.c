#include "post/directory-record.h"
#include "post/directory.h"

#define FLAG_ENABLED  1U
#define FLAG_REMOVING 2U
#define FLAG_SHARED   4U
#define FLAGS_KNOWN   (FLAG_ENABLED | FLAG_REMOVING | FLAG_SHARED)

/* Formats of an account's row that say more; who hides nothing has the first one. */
#define WITH_HIDDEN 2
#define WITH_SHARED 3 /* and is shared */
#define WITH_QUOTA  4 /* and has a quota of messages or mailboxes */

struct slice
post_directory_key(struct arena *arena, enum post_directory_kind kind, struct slice name)
{
	char *key = arena_take(arena, 1 + name.length);
	key[0] = (char)kind;
	if (name.length)
		memcpy(key + 1, name.data, name.length);
	return slice_of(key, 1 + name.length);
}

struct slice
post_share_name(struct arena *arena, const struct post_share *share)
{
	SCOPED(buffer_free) struct buffer name = buffer_with(POST_SHARE_NAME_SIZE);
	buffer_put_be64(&name, share->who);
	buffer_put_be64(&name, share->owner);
	return arena_copy(arena, buffer_slice(&name));
}

bool
post_share_of_name(struct slice name, struct post_share *share)
{
	return take_be64(&name, &share->who) && take_be64(&name, &share->owner) &&
	       slice_empty(name);
}

bool
post_share_pack(struct buffer *into)
{
	return buffer_put_byte(into, POST_DIRECTORY_FORMAT);
}

bool
post_counter_pack(uint64_t value, struct buffer *into)
{
	return buffer_put_byte(into, POST_DIRECTORY_FORMAT) &&
	       buffer_put_varint(into, value);
}

bool
post_domain_pack(const struct post_domain_record *record, struct buffer *into)
{
	return buffer_put_byte(into, POST_DIRECTORY_FORMAT) &&
	       buffer_put_varint(into, record->ordinal) &&
	       buffer_put_varint(into, record->members) &&
	       buffer_put_sized(into, record->catch_all);
}

static uint8_t
format_of(const struct post_account_record *record)
{
	if (record->quota.messages || record->quota.mailboxes)
		return WITH_QUOTA;
	if (record->shared)
		return WITH_SHARED;
	return slice_empty(record->hidden) ? POST_DIRECTORY_FORMAT : WITH_HIDDEN;
}

bool
post_account_pack(const struct post_account_record *record, struct buffer *into)
{
	unsigned flags = (record->enabled ? FLAG_ENABLED : 0) |
			 (record->removing ? FLAG_REMOVING : 0) |
			 (record->shared ? FLAG_SHARED : 0);
	uint8_t format = format_of(record);
	return buffer_put_byte(into, (char)format) && buffer_put_varint(into, record->id) &&
	       buffer_put_byte(into, (char)flags) &&
	       buffer_put_varint(into, record->secret_version) &&
	       buffer_put_varint(into, record->quota.bytes) &&
	       buffer_put_varint(into, record->letters_per_hour) &&
	       buffer_put_sized(into, record->local) &&
	       buffer_put_sized(into, record->secret) &&
	       (format < WITH_HIDDEN || buffer_put_sized(into, record->hidden)) &&
	       (format < WITH_QUOTA ||
		       (buffer_put_varint(into, record->quota.messages) &&
			       buffer_put_varint(into, record->quota.mailboxes)));
}

bool
post_alias_pack(const struct post_alias_record *record, struct buffer *into)
{
	bool put = buffer_put_byte(into, POST_DIRECTORY_FORMAT) &&
		   buffer_put_sized(into, record->local) &&
		   buffer_put_varint(into, record->count);
	for (size_t i = 0; i < record->count; i++)
		put = put && buffer_put_sized(into, record->targets[i]);
	return put;
}

static bool
take_format(struct slice *rest)
{
	uint8_t format;
	return take_byte(rest, &format) && format == POST_DIRECTORY_FORMAT;
}

static enum base_failure
damaged_unless(bool whole, struct slice rest)
{
	return whole && slice_empty(rest) ? BASE_OK : BASE_DAMAGED;
}

enum base_failure
post_share_unpack(struct slice value)
{
	bool whole = take_format(&value);
	return damaged_unless(whole, value);
}

enum base_failure
post_counter_unpack(struct slice value, uint64_t *number)
{
	*number = 0;
	bool whole = take_format(&value) && take_varint(&value, number);
	return damaged_unless(whole, value);
}

enum base_failure
post_domain_unpack(struct slice value, struct post_domain_record *record)
{
	*record = (struct post_domain_record){0};
	bool whole = take_format(&value) && take_varint(&value, &record->ordinal) &&
		     take_varint(&value, &record->members) &&
		     take_sized(&value, &record->catch_all);
	return damaged_unless(whole, value);
}

static bool
take_letters(struct slice *rest, uint32_t *letters)
{
	uint64_t number;
	if (!take_varint(rest, &number) || number > UINT32_MAX)
		return false;
	*letters = (uint32_t)number;
	return true;
}

static bool
take_flags(struct slice *rest, struct post_account_record *record)
{
	uint8_t flags;
	if (!take_byte(rest, &flags) || (flags & ~FLAGS_KNOWN))
		return false;
	record->enabled = flags & FLAG_ENABLED;
	record->removing = flags & FLAG_REMOVING;
	record->shared = flags & FLAG_SHARED;
	return true;
}

static bool
take_account(struct slice *rest, struct post_account_record *record)
{
	return take_varint(rest, &record->id) && take_flags(rest, record) &&
	       take_varint(rest, &record->secret_version) &&
	       take_varint(rest, &record->quota.bytes) &&
	       take_letters(rest, &record->letters_per_hour) &&
	       take_sized(rest, &record->local) && take_sized(rest, &record->secret);
}

enum base_failure
post_account_unpack(struct slice value, struct post_account_record *record)
{
	*record = (struct post_account_record){0};
	uint8_t format = 0;
	bool whole = take_byte(&value, &format) && format >= POST_DIRECTORY_FORMAT &&
		     format <= WITH_QUOTA && take_account(&value, record);
	if (format >= WITH_HIDDEN)
		whole = whole && take_sized(&value, &record->hidden) &&
			record->hidden.length <= POST_HIDDEN_MOST;
	if (format == WITH_QUOTA)
		whole = whole && take_varint(&value, &record->quota.messages) &&
			take_varint(&value, &record->quota.mailboxes);
	whole = whole && format == format_of(record) && record->id >= POST_ACCOUNT_FIRST &&
		record->secret.length <= POST_SECRET_MOST;
	return damaged_unless(whole, value);
}

enum base_failure
post_alias_unpack(struct slice value, struct arena *arena, struct post_alias_record *record)
{
	*record = (struct post_alias_record){0};
	uint64_t count;
	if (!take_format(&value) || !take_sized(&value, &record->local) ||
		!take_varint(&value, &count) || count == 0 ||
		count > POST_ALIAS_TARGETS_MOST)
		return BASE_DAMAGED;
	record->targets = ARENA_MANY(arena, struct slice, count);
	for (; record->count < count; record->count++)
		if (!take_sized(&value, &record->targets[record->count]))
			return BASE_DAMAGED;
	return damaged_unless(true, value);
}
