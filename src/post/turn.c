#include "post/turn.h"
#include "post/due.h"
#include "post/mailbox-internal.h"
#include "post/publication.h"

#define TURN_MEMORY (64 * 1024 * 1024)

static enum base_failure
read_ledger(struct post_turn *turn)
{
	struct slice value;
	struct post_account *account = turn->account;
	struct post_key key = post_key_ledger();
	if (account->ledger_known) {
		turn->ledger = account->ledger;
		return BASE_OK;
	}
	enum base_failure failure =
		store_turn_get(turn->turn, post_key_slice(&key), turn->arena, &value);
	if (failure)
		return failure;
	return post_ledger_unpack(value, &turn->ledger);
}

static void
forget_what_was_refused(struct post_account *account)
{
	if (!atomic_exchange(&account->ran_ahead, false))
		return;
	post_account_forget_heads(account);
	account->ledger_known = false;
	post_tree_drop(account->tree_tip);
	account->tree_tip = NULL;
}

enum base_failure
post_turn_join(
	struct post_turn *turn, struct post_account *account, struct store_turn *taken)
{
	*turn = (struct post_turn){.account = account, .turn = taken, .joined = true};
	turn->arena = arena_create(TURN_MEMORY);
	forget_what_was_refused(account);
	if (atomic_load(&account->gone))
		return BASE_NOT_FOUND;
	return read_ledger(turn);
}

static enum base_failure
say_why(enum base_failure failure, struct base_error *error)
{
	switch (failure) {
	case BASE_DISK_FULL:
		return base_fail(error, failure, "the disk is full");
	case BASE_UNAVAILABLE:
		return base_fail(error, failure, "the store is busy, try again later");
	case BASE_NOT_FOUND:
		return base_fail(error, failure, "the account is not there any more");
	default:
		return base_fail(error, failure, "the account's records can't be read");
	}
}

enum base_failure
post_turn_begin(struct post_turn *turn, struct post_account *account, enum store_kind kind,
	struct base_error *error)
{
	struct store_turn *taken;
	*turn = (struct post_turn){0};
	enum base_failure failure = store_begin(account->space, kind, &taken);
	if (failure)
		return say_why(failure, error);
	failure = post_turn_join(turn, account, taken);
	turn->joined = false;
	if (failure)
		post_turn_release(turn);
	return failure ? say_why(failure, error) : BASE_OK;
}

void
post_turn_release(struct post_turn *turn)
{
	for (size_t i = 0; i < turn->touched_count; i++)
		post_change_drop(turn->touched[i].change);
	post_tree_drop(turn->tree);
	if (turn->annotated)
		arena_destroy(turn->annotated->arena);
	post_mailbox_close(turn->kept);
	arena_destroy(turn->arena);
	if (!turn->joined)
		store_abandon(turn->turn);
	*turn = (struct post_turn){0};
}

static struct slice
head_key(const uint32_t *mailbox)
{
	return slice_of(mailbox, sizeof *mailbox);
}

static enum base_failure
read_head(struct post_turn *turn, uint32_t mailbox, struct post_head *head)
{
	struct slice value;
	struct post_key key = post_key_head(mailbox);
	const struct post_head *known = map_get(turn->account->heads, head_key(&mailbox));
	if (known) {
		*head = *known;
		return BASE_OK;
	}
	enum base_failure failure =
		store_turn_get(turn->turn, post_key_slice(&key), turn->arena, &value);
	return failure ? failure : post_head_unpack(value, head);
}

enum base_failure
post_turn_head(struct post_turn *turn, uint32_t mailbox, struct post_touched **touched)
{
	for (size_t i = 0; i < turn->touched_count; i++)
		if (turn->touched[i].mailbox == mailbox) {
			*touched = &turn->touched[i];
			return BASE_OK;
		}
	ASSERT(turn->touched_count < POST_TURN_MAILBOXES);
	struct post_touched *fresh = &turn->touched[turn->touched_count];
	*fresh = (struct post_touched){.mailbox = mailbox};
	enum base_failure failure = read_head(turn, mailbox, &fresh->head);
	if (failure)
		return failure;
	turn->touched_count++;
	*touched = fresh;
	return BASE_OK;
}

struct post_change *
post_turn_change(struct post_turn *turn, struct post_touched *touched)
{
	if (!touched->change) {
		touched->changed = true;
		touched->change = post_change_create(touched->mailbox,
			++touched->head.modseq, post_now_ms(turn->account->post));
	}
	return touched->change;
}

enum base_failure
post_turn_tree(struct post_turn *turn, const struct post_tree **tree)
{
	struct slice value;
	struct post_account *account = turn->account;
	struct post_key key = post_key_tree();
	enum base_failure failure = BASE_OK;
	*tree = account->tree_tip;
	if (*tree)
		return BASE_OK;
	failure = store_turn_get(turn->turn, post_key_slice(&key), turn->arena, &value);
	if (!failure)
		failure = post_tree_unpack(value, &account->tree_tip);
	*tree = account->tree_tip;
	return failure;
}

void
post_turn_put(struct post_turn *turn, const struct post_key *key, struct buffer *value)
{
	ASSERT(!buffer_failed(value));
	store_put(turn->turn, post_key_slice(key), buffer_slice(value));
	buffer_clear(value);
}

void
post_turn_count_arrival(
	struct post_turn *turn, struct post_touched *touched, uint64_t bytes)
{
	struct post_change *change = post_turn_change(turn, touched);
	struct post_head *head = &touched->head;
	uint32_t uid = head->uid_next++;
	change->arrived_first = change->arrived_first ? change->arrived_first : uid;
	change->arrived_last = uid;
	head->messages++;
	head->unseen++;
	head->recent++;
	head->bytes += bytes;
	turn->ledger.bytes += bytes;
	turn->ledger.messages++;
	turn->ledger_changed = true;
	base_metric_add(turn->account->post->counters.arrived, 1);
	base_metric_add(turn->account->post->counters.arrived_bytes, (int64_t)bytes);
}

/* --- the end -----------------------------------------------------------------------------
 */

static void
put_touched(struct post_turn *turn, struct post_touched *touched, struct buffer *value)
{
	if (touched->changed && touched->mailbox != turn->deleted) {
		struct post_key key = post_key_head(touched->mailbox);
		post_head_pack(&touched->head, value);
		post_turn_put(turn, &key, value);
	}
	if (touched->change) {
		struct post_key key =
			post_key_feed(touched->mailbox, touched->change->modseq);
		post_change_pack(touched->change, value);
		post_turn_put(turn, &key, value);
	}
}

static void
put_rows(struct post_turn *turn)
{
	SCOPED(buffer_free) struct buffer value = buffer_with(STORE_VALUE_MOST);
	for (size_t i = 0; i < turn->touched_count; i++)
		put_touched(turn, &turn->touched[i], &value);
	if (turn->ledger_changed) {
		struct post_key key = post_key_ledger();
		post_ledger_pack(&turn->ledger, &value);
		post_turn_put(turn, &key, &value);
	}
	if (turn->tree) {
		struct post_key key = post_key_tree();
		post_tree_pack(turn->tree, &value);
		post_turn_put(turn, &key, &value);
	}
}

void
post_account_forget_heads(struct post_account *account)
{
	size_t position = 0;
	struct slice key;
	void *head;
	while (map_next(account->heads, &position, &key, &head)) {
		map_remove(account->heads, key);
		free(head);
	}
}

static void
remember_head(struct post_account *account, const struct post_touched *touched)
{
	struct post_head *known = map_get(account->heads, head_key(&touched->mailbox));
	if (!known) {
		if (map_count(account->heads) >= POST_HEADS_MOST)
			post_account_forget_heads(account);
		known = malloc(sizeof *known);
		ASSERT(known);
		map_put(account->heads, head_key(&touched->mailbox), known);
	}
	*known = touched->head;
}

static void
remember(struct post_turn *turn)
{
	struct post_account *account = turn->account;
	for (size_t i = 0; i < turn->touched_count; i++)
		if (turn->touched[i].mailbox != turn->deleted)
			remember_head(account, &turn->touched[i]);
	if (turn->deleted)
		free(map_remove(account->heads, head_key(&turn->deleted)));
	account->ledger = turn->ledger;
	account->ledger_known = true;
	if (turn->tree) {
		post_tree_drop(account->tree_tip);
		account->tree_tip = post_tree_hold(turn->tree);
	}
}

static void
note_what_is_due(const struct post_turn *turn)
{
	const struct post_account *account = turn->account;
	for (size_t i = 0; i < turn->touched_count; i++) {
		const struct post_touched *touched = &turn->touched[i];
		if (touched->change &&
			touched->head.modseq - touched->head.image >= POST_IMAGE_EVERY)
			post_due_note(account->post->due, account->id, touched->mailbox);
	}
}

void
post_turn_finish(struct post_turn *turn)
{
	put_rows(turn);
	note_what_is_due(turn);
	remember(turn);
	post_publish_later(turn);
}

struct base_ticket *
post_turn_submit(struct post_turn *turn)
{
	post_turn_finish(turn);
	struct base_ticket *ticket = store_submit(&turn->turn);
	post_await_later(turn->account->post, ticket);
	post_turn_release(turn);
	return ticket;
}
