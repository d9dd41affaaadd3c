/* COPY and MOVE between two accounts: one commit of both spaces, blobs are referenced. */
#include "post/copy.h"
#include "post/mailbox-internal.h"
#include "post/publication.h"

enum { READ_AT_ONCE = 500 };

static enum base_failure
take_contents(struct post_copying *copying, size_t first, size_t count, uint64_t *total)
{
	for (size_t i = first; i < first + count; i++) {
		struct post_content_record content;
		if (slice_absent(copying->contents[i]) ||
			post_content_unpack(copying->contents[i], &content))
			return BASE_DAMAGED;
		memcpy(copying->hashes[i].bytes, content.hash, STORE_HASH_SIZE);
		*total += copying->contents[i].length;
	}
	return *total > POST_COPY_ACROSS_MOST ? BASE_TOO_LARGE : BASE_OK;
}

enum base_failure
post_across_load(struct post_copying *copying, struct arena *arena)
{
	const struct post_kept_entries *entries = &copying->candidates.entries;
	uint64_t total = 0;
	enum base_failure failure = BASE_OK;
	copying->contents = ARENA_MANY(arena, struct slice, entries->count + 1);
	copying->hashes = ARENA_MANY(arena, struct store_hash, entries->count + 1);
	for (size_t first = 0; !failure && first < entries->count; first += READ_AT_ONCE) {
		struct post_key keys[READ_AT_ONCE];
		struct slice names[READ_AT_ONCE];
		size_t count = entries->count - first;
		count = count > READ_AT_ONCE ? READ_AT_ONCE : count;
		for (size_t i = 0; i < count; i++) {
			keys[i] = post_key_content(entries->list[first + i].record.email);
			names[i] = post_key_slice(&keys[i]);
		}
		failure = store_get_many(copying->from->account->space, names, count, arena,
			copying->contents + first);
		failure = failure ? failure : take_contents(copying, first, count, &total);
	}
	return failure;
}

enum base_failure
post_across_begin(struct post_copying *copying, struct base_error *error)
{
	struct post_account *from = copying->from->account, *to = copying->to->account;
	struct store_space *spaces[] = {from->space, to->space};
	enum base_failure failure = store_set_begin(
		from->post->store, spaces, 2, STORE_NEW_MAIL, &copying->set);
	if (failure)
		return base_fail(error, failure, "the store can't take mail now: %s",
			base_failure_name(failure));
	copying->target_turn = &copying->other;
	failure = post_turn_join(&copying->turn, from, store_set_turn(copying->set, 0));
	if (!failure)
		failure = post_turn_join(
			&copying->other, to, store_set_turn(copying->set, 1));
	return failure ? base_fail(error, failure, "an account is not there any more")
		       : BASE_OK;
}

void
post_across_put(struct post_copying *copying, size_t at, uint32_t *uid)
{
	struct post_turn *turn = copying->target_turn;
	struct post_entry_record entry = copying->candidates.entries.list[at].record;
	entry.email = turn->ledger.email_next++;
	struct post_key key = post_key_content(entry.email);
	store_put(turn->turn, post_key_slice(&key), copying->contents[at]);
	store_reference_stored(
		turn->turn, &copying->hashes[at], slice_from(post_key_slice(&key), 1));
	post_put_copy(turn, copying->target, &entry, uid);
}

struct base_ticket *
post_across_submit(struct post_copying *copying, bool move)
{
	if (move)
		post_turn_finish(&copying->turn);
	post_turn_finish(&copying->other);
	struct base_ticket *ticket = store_set_submit(&copying->set);
	post_await_later(copying->from->account->post, ticket);
	return ticket;
}

void
post_across_end(struct post_copying *copying)
{
	if (copying->turn.account)
		post_turn_release(&copying->turn);
	if (copying->other.account)
		post_turn_release(&copying->other);
	if (copying->set)
		store_set_abandon(copying->set);
	copying->set = NULL;
}
