#include "post/mailbox-internal.h"
#include "post/message-internal.h"
#include "post/uids-internal.h"

/* The records of messages. */

static enum base_failure
read_entry(const struct post_view *view, uint32_t uid, struct arena *arena,
	struct post_entry_record *entry)
{
	struct slice value;
	struct post_key key = post_key_entry(view->mailbox->id, uid);
	struct store_space *space = view->mailbox->account->space;
	if (!post_uids_has(view->uids, uid))
		return BASE_NOT_FOUND;
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	if (!failure)
		failure = post_entry_unpack(value, entry);
	return failure == BASE_NOT_FOUND ? BASE_DAMAGED : failure;
}

enum base_failure
post_message_content(const struct post_view *view, uint64_t email, struct arena *arena,
	struct post_content_record *content)
{
	struct slice value;
	struct post_key key = post_key_content(email);
	struct store_space *space = view->mailbox->account->space;
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	if (!failure)
		failure = post_content_unpack(value, content);
	return failure == BASE_NOT_FOUND ? BASE_DAMAGED : failure;
}

static struct post_message
message_of(uint32_t uid, const struct post_entry_record *entry,
	const struct post_content_record *content)
{
	struct post_message message = {
		.uid = uid,
		.email_id = entry->email,
		.internal_date = entry->internal_date,
		.save_date = entry->save_date,
		.zone = entry->zone,
		.size = entry->size,
		.header = content->header,
		.envelope = content->envelope,
		.body = content->body,
		.body_structure = content->body_structure,
		.preview = content->preview,
	};
	memcpy(message.blob, content->hash, sizeof message.blob);
	return message;
}

enum base_failure
post_message_of_records(uint32_t uid, const struct post_entry_record *entry,
	const struct post_content_record *content, enum post_depth depth,
	struct arena *arena, struct post_message *message)
{
	struct slice head[2] = {entry->prefix, content->trace};
	*message = message_of(uid, entry, content);
	if (head[0].length + head[1].length + content->size != message->size)
		return BASE_DAMAGED;
	if (depth == POST_RENDERED)
		return BASE_OK;
	message->head = arena_join(arena, head, 2);
	enum base_failure failure = wire_mime_unpack(
		arena, content->structure, message->head.length, &message->structure);
	return failure ? BASE_DAMAGED : BASE_OK;
}

enum base_failure
post_message_read(const struct post_view *view, uint32_t uid, struct arena *arena,
	struct post_message *message)
{
	struct post_entry_record entry;
	struct post_content_record content;
	enum base_failure failure = read_entry(view, uid, arena, &entry);
	if (!failure)
		failure = post_message_content(view, entry.email, arena, &content);
	return failure ? failure
		       : post_message_of_records(
				 uid, &entry, &content, POST_WHOLE, arena, message);
}
