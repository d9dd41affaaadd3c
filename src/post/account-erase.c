#include "post/mailbox-internal.h"
#include "post/news-internal.h"
#include "post/search-store.h"
#include "post/turn.h"

/* The end of an account. */

#define ERASE_CONTENTS 500 /* in one step */

void
post_account_forget(struct post *post, uint64_t id)
{
	struct post_account *account = post_account_get(post, id);
	struct post_mailbox *mailboxes[64];
	size_t count;
	atomic_store(&account->gone, true);
	do {
		count = 0;
		pthread_mutex_lock(&account->lock);
		for (struct post_mailbox *at = account->mailboxes; at && count < 64;
			at = at->next) {
			if (atomic_exchange(&at->gone, true))
				continue;
			at->references++;
			mailboxes[count++] = at;
		}
		pthread_mutex_unlock(&account->lock);
		for (size_t i = 0; i < count; i++) {
			post_mailbox_call_watches(mailboxes[i]);
			post_mailbox_close(mailboxes[i]);
		}
	} while (count);
	post_news_call(account);
	post_account_close(account);
}

struct erasing {
	struct store_turn *turn;
	size_t rows;
	bool damaged;
};

static bool
erase_content(void *argument, struct slice key, struct slice value)
{
	struct erasing *erasing = argument;
	struct post_content_record content;
	struct store_hash hash;
	if (!post_content_unpack(value, &content)) {
		memcpy(hash.bytes, content.hash, sizeof hash.bytes);
		store_dereference(erasing->turn, &hash, slice_from(key, 1));
	}
	store_delete(erasing->turn, key);
	erasing->rows++;
	return true;
}

static bool
any_row(void *argument, struct slice key, struct slice value)
{
	(void)key, (void)value;
	*(bool *)argument = true;
	return false;
}

static enum base_failure
erase_part(struct store_space *space, struct store_turn *turn, bool *finished)
{
	struct erasing erasing = {.turn = turn};
	struct post_key from = post_key_of_row(POST_KEY_OF_CONTENT);
	struct post_key until = post_key_after_row(POST_KEY_OF_CONTENT);
	struct store_range contents = {
		post_key_slice(&from), post_key_slice(&until), ERASE_CONTENTS};
	struct store_range all = {SLICE(""), SLICE_NONE, 1};
	bool some = false;
	enum base_failure failure =
		store_scan(space, &contents, erase_content, &erasing, NULL);
	if (failure || erasing.rows)
		return failure;
	failure = store_scan(space, &all, any_row, &some, NULL);
	if (!failure && some)
		failure = search_erase(space, turn);
	if (!failure && some)
		store_delete_range(turn, SLICE(""), SLICE_NONE);
	*finished = !failure && !some;
	return failure;
}

/* Reads in its turn, as nobody else wants this space any more. */
static enum base_failure
erase_in_turn(struct store_space *space, bool *finished)
{
	SCOPED(store_turn_release) struct store_turn *turn = NULL;
	enum base_failure failure = store_begin(space, STORE_CHANGE, &turn);
	if (!failure)
		failure = erase_part(space, turn, finished);
	if (!failure && !*finished)
		base_ticket_drop(store_submit(&turn));
	return failure;
}

enum base_failure
post_account_erase(struct post *post, uint64_t id, bool *finished)
{
	SCOPED(post_account_release)
	struct post_account *account = post_account_find_open(post, id);
	*finished = false;
	if (account)
		return BASE_UNAVAILABLE;
	struct store_space *space = store_space_open(post->store, id);
	enum base_failure failure = erase_in_turn(space, finished);
	store_space_close(space);
	return failure;
}
