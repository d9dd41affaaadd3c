#include "post/mailbox-internal.h"

/* A mailbox as it is durable: the image, and the feed rows since. */

#define LOAD_TRIES 3 /* an image may be replaced while it is looked for */

struct image_pieces {
	struct buffer bytes;
	uint16_t next;
	bool broken;
};

static bool
image_piece(void *argument, struct slice key, struct slice value)
{
	struct image_pieces *pieces = argument;
	uint32_t mailbox;
	uint64_t modseq;
	uint16_t piece;
	pieces->broken = !post_key_take_image(key, &mailbox, &modseq, &piece) ||
			 piece != pieces->next++ || !buffer_put(&pieces->bytes, value);
	return !pieces->broken;
}

static enum base_failure
load_image(struct post_account *account, uint32_t mailbox, uint64_t modseq,
	struct post_view **view)
{
	struct image_pieces pieces = {.bytes = buffer_with(ARENA_NO_CEILING)};
	struct post_key from = post_key_image(mailbox, modseq, 0);
	struct post_key until = post_key_image(mailbox, modseq + 1, 0);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure =
		store_scan(account->space, &range, image_piece, &pieces, NULL);
	if (!failure && !pieces.broken)
		failure = post_view_unpack(buffer_slice(&pieces.bytes), view);
	else if (!failure)
		failure = BASE_DAMAGED;
	if (!failure && (*view)->modseq != modseq) {
		post_view_let(*view);
		failure = BASE_DAMAGED;
	}
	buffer_free(&pieces.bytes);
	return failure;
}

struct feed_load {
	struct post_view_builder *builder;
	uint64_t modseq; /* of the row before */
	enum base_failure failure;
};

static bool
feed_row(void *argument, struct slice key, struct slice value)
{
	struct feed_load *load = argument;
	uint32_t mailbox;
	uint64_t modseq;
	SCOPED(post_change_release) struct post_change *change = NULL;
	load->failure = BASE_DAMAGED; /* until the row is applied */
	if (!post_key_take_feed(key, &mailbox, &modseq) || modseq != load->modseq + 1)
		return false;
	load->failure = post_change_unpack(value, mailbox, modseq, &change);
	if (load->failure)
		return false;
	post_view_apply(load->builder, change);
	load->modseq = modseq;
	return true;
}

static enum base_failure
load_feed(struct post_account *account, uint32_t mailbox, struct post_view **view)
{
	struct feed_load load = {
		.builder = post_view_build(*view), .modseq = (*view)->modseq};
	struct post_key from = post_key_feed(mailbox, load.modseq + 1);
	struct post_key until = post_key_after_mailbox(POST_KEY_OF_FEED, mailbox);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure =
		store_scan(account->space, &range, feed_row, &load, NULL);
	post_view_let(*view);
	*view = post_view_built(load.builder);
	return failure ? failure : load.failure;
}

/* From the image of that modseq on; 0: from an empty mailbox. */
static enum base_failure
load_from(struct post_account *account, uint32_t mailbox, uint64_t image,
	struct post_view **view)
{
	enum base_failure failure = BASE_OK;
	if (image)
		failure = load_image(account, mailbox, image, view);
	else
		*view = post_view_blank();
	if (failure)
		return failure;
	failure = load_feed(account, mailbox, view);
	if (failure)
		post_view_let(*view);
	return failure;
}

static void
log_damage(struct post_account *account, uint32_t mailbox, uint64_t image)
{
	LOG(account->post->log, BASE_LOG_ERROR, "post.mailbox.damaged",
		LOG_NUMBER("account", account->id), LOG_NUMBER("mailbox", mailbox),
		LOG_NUMBER("image", image));
}

static enum base_failure
load_by_head(struct post_account *account, uint32_t mailbox, const struct post_head *head,
	struct post_view **view)
{
	enum base_failure failure = load_from(account, mailbox, head->image, view);
	if (failure != BASE_DAMAGED || !head->image)
		return failure;
	log_damage(account, mailbox, head->image);
	return load_from(account, mailbox, head->image_before, view);
}

static enum base_failure
read_head(struct post_account *account, uint32_t mailbox, struct post_head *head)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_head(mailbox);
	enum base_failure failure =
		store_get(account->space, post_key_slice(&key), arena, &value);
	return failure ? failure : post_head_unpack(value, head);
}

enum base_failure
post_mailbox_load(struct post_account *account, uint32_t id, struct post_head *head,
	struct post_view **view)
{
	enum base_failure failure = BASE_DAMAGED;
	for (int try = 0; try < LOAD_TRIES && failure == BASE_DAMAGED; try++) {
		failure = read_head(account, id, head);
		if (!failure)
			failure = load_by_head(account, id, head, view);
	}
	if (failure == BASE_DAMAGED)
		log_damage(account, id, 0);
	return failure;
}
