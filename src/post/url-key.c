#include "post/url-key.h"
#include "post/mailbox-internal.h"
#include "post/records.h"
#include "post/turn.h"

static struct post_key
row_of(const struct post_account *user, const struct post_mailbox *mailbox)
{
	return mailbox->account == user
		       ? post_key_of_mailbox(POST_KEY_OF_URL_KEY, mailbox->id)
		       : post_key_foreign_url_key(mailbox->account->id, mailbox->id);
}

enum base_failure
post_url_key_read(struct post_account *user, struct post_mailbox *mailbox,
	uint8_t key[POST_URL_KEY_SIZE])
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key row = row_of(user, mailbox);
	enum base_failure failure =
		store_get(user->space, post_key_slice(&row), arena, &value);
	return failure ? failure : post_url_key_unpack(value, key);
}

static struct base_ticket *
refused(enum base_failure failure, struct base_error *error)
{
	base_fail(error, failure, "the mailbox is not there any more");
	return NULL;
}

struct base_ticket *
post_url_key_make(
	struct post_account *user, struct post_mailbox *mailbox, struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	struct post_touched *touched;
	struct slice value;
	enum base_failure failure = BASE_OK;
	struct post_key row = row_of(user, mailbox);
	uint8_t key[POST_URL_KEY_SIZE];
	if (post_turn_begin(&turn, user, STORE_CHANGE, error))
		return NULL;
	/* Another's that is deleted meanwhile leaves a key of no use. */
	if (mailbox->account == user)
		failure = post_turn_head(&turn, mailbox->id, &touched);
	if (failure)
		return refused(failure, error);
	failure = store_turn_get(turn.turn, post_key_slice(&row), turn.arena, &value);
	if (failure && failure != BASE_NOT_FOUND)
		return refused(failure, error);
	/* One that is there is put again: our commit ends when it is durable. */
	if (failure || post_url_key_unpack(value, key))
		base_random(key, sizeof key);
	SCOPED(buffer_free) struct buffer packed = buffer_with(64);
	post_url_key_pack(key, &packed);
	post_turn_put(&turn, &row, &packed);
	return post_turn_submit(&turn);
}

struct base_ticket *
post_url_key_forget(
	struct post_account *user, struct post_mailbox *mailbox, struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	struct post_key row = row_of(user, mailbox);
	if (post_turn_begin(&turn, user, STORE_CHANGE, error))
		return NULL;
	store_delete(turn.turn, post_key_slice(&row));
	return post_turn_submit(&turn);
}

struct base_ticket *
post_url_keys_forget(struct post_account *account, struct base_error *error)
{
	SCOPED(post_turn_release) struct post_turn turn = {0};
	const struct post_tree *tree;
	struct post_key first = post_key_of_row(POST_KEY_OF_URL_KEY);
	struct post_key end = post_key_after_row(POST_KEY_OF_URL_KEY);
	if (post_turn_begin(&turn, account, STORE_CHANGE, error))
		return NULL;
	enum base_failure failure = post_turn_tree(&turn, &tree);
	if (failure)
		return refused(failure, error);
	/* One by one, as a turn sees no range go; the range has those of others' mailboxes.
	 */
	for (size_t i = 0; i < tree->count; i++) {
		struct post_key row =
			post_key_of_mailbox(POST_KEY_OF_URL_KEY, tree->nodes[i].id);
		store_delete(turn.turn, post_key_slice(&row));
	}
	store_delete_range(turn.turn, post_key_slice(&first), post_key_slice(&end));
	return post_turn_submit(&turn);
}
