#include "admin/present.h"
#include "base/hash.h"

#define PIECE (64 * 1024)

struct admin_present {
	uint64_t mailbox;
	struct map *hashes;
	struct base_sha256 *hasher;
	/* while the mailbox is read */
	struct admin_call *call;
	const struct post_view *view;
	enum base_failure failure;
};

bool
admin_present_add(struct admin_present *present, const struct store_hash *hash)
{
	struct slice key = slice_of(hash->bytes, sizeof hash->bytes);
	return map_put(present->hashes, key, present) == NULL;
}

/* The blob's hash does not count the header lines that a delivery put in front of it. */
static enum base_failure
hash_whole(struct admin_present *present, const struct post_message *message,
	struct store_hash *hash)
{
	SCOPED(scoped_free) char *piece = malloc(PIECE);
	struct base_source *source;
	size_t got;
	ASSERT(piece);
	enum base_failure failure =
		post_message_source(present->view, message, 0, message->size, &source);
	if (failure)
		return failure;
	base_sha256_reset(present->hasher);
	while ((got = source->pull(source, piece, PIECE)) && got != BASE_SOURCE_FAILED)
		base_sha256_add(present->hasher, slice_of(piece, got));
	source->close(source);
	base_sha256_end(present->hasher, hash->bytes);
	return got == 0 ? BASE_OK : BASE_DAMAGED;
}

static bool
note_message(void *argument, const struct post_message *message)
{
	struct admin_present *present = argument;
	struct store_hash hash;
	memcpy(hash.bytes, message->blob, sizeof hash.bytes);
	if (admin_cancelled(present->call))
		present->failure = BASE_CANCELLED;
	/* One that can't be read is not there, and may come again. */
	else if (slice_empty(message->head) || !hash_whole(present, message, &hash))
		admin_present_add(present, &hash);
	return !present->failure;
}

static void
destroy(struct admin_present *present)
{
	if (!present)
		return;
	map_destroy(present->hashes);
	base_sha256_destroy(present->hasher);
	free(present);
}

/* *present is made on failure, too. */
static enum base_failure
read_mailbox(struct admin_call *call, struct post_mailbox *mailbox,
	struct admin_present **present)
{
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct admin_present *made = calloc(1, sizeof *made);
	ASSERT(made);
	*made = (struct admin_present){.mailbox = post_mailbox_id(mailbox),
		.hashes = map_create(),
		.hasher = base_sha256_create(),
		.call = call,
		.view = view};
	enum base_failure failure = post_messages_read(
		view, post_view_uids(view), POST_WHOLE, arena, note_message, made);
	made->view = NULL;
	*present = made;
	if (made->failure)
		return made->failure;
	return base_failure_is_temporary(failure) ? failure : BASE_OK;
}

/* The place of the mailbox's, else the last one. */
static size_t
place_of(const struct admin_presents *presents, uint64_t mailbox)
{
	size_t at = 0;
	while (at < ADMIN_PRESENTS_MOST - 1 &&
		!(presents->list[at] && presents->list[at]->mailbox == mailbox))
		at++;
	return at;
}

static void
put_first(struct admin_presents *presents, size_t at, struct admin_present *present)
{
	memmove(presents->list + 1, presents->list, at * sizeof *presents->list);
	presents->list[0] = present;
}

enum base_failure
admin_present_of(struct admin_presents *presents, struct admin_call *call,
	struct post_mailbox *mailbox, struct admin_present **present)
{
	size_t at = place_of(presents, post_mailbox_id(mailbox));
	struct admin_present *there = presents->list[at];
	enum base_failure failure = BASE_OK;
	if (!there || there->mailbox != post_mailbox_id(mailbox)) {
		destroy(there);
		presents->list[at] = NULL;
		failure = read_mailbox(call, mailbox, &there);
	}
	if (failure)
		destroy(there);
	else
		put_first(presents, at, there);
	*present = failure ? NULL : there;
	return failure;
}

void
admin_presents_release(struct admin_presents *presents)
{
	for (size_t i = 0; i < ADMIN_PRESENTS_MOST; i++)
		destroy(presents->list[i]);
	*presents = (struct admin_presents){{NULL}};
}
