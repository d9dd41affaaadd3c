#include "base/map.h"
#include "post/arrival.h"
#include "post/charge.h"
#include "post/flags.h"
#include "post/mailbox-internal.h"
#include "post/publication.h"

/* One message to many, in one set of commits with one blob; or several, in one set. */

#define PREFIX_MOST (16 * 1024)

enum share_kind { SHARE_LOCAL, SHARE_ALSO, SHARE_CHARGE };

/* One part of the set: an account or another room's space. */
struct share {
	struct share *next;
	enum share_kind kind;
	struct post_incoming *incoming; /* which message */
	struct store_space *space;      /* held */
	struct post_account *account;
	struct slice prefix, mailbox;
	uint32_t letters;
	post_delivery_fill *fill;
	void *argument;
	size_t index; /* of its space in the set */
};

struct ending {
	struct ending *next;
	base_ticket_callback *ended;
	void *argument;
};

struct post_delivery {
	struct post_incoming *incoming;
	struct post *post;
	struct arena *arena;
	struct slice return_path;
	struct share *first, **end;
	size_t count;
	struct map *known;      /* local shares by local_key */
	struct ending *endings; /* not told yet */
};

struct post_delivery *
post_delivery_create(struct post_incoming *incoming, struct slice return_path)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_delivery *delivery = ARENA_NEW(arena, struct post_delivery);
	delivery->arena = arena;
	delivery->incoming = incoming;
	delivery->post = incoming->post;
	delivery->return_path = arena_copy(arena, return_path);
	delivery->end = &delivery->first;
	delivery->known = map_create();
	return delivery;
}

void
post_delivery_next(struct post_delivery *delivery, struct post_incoming *incoming,
	struct slice return_path)
{
	delivery->incoming = incoming;
	delivery->return_path = arena_copy(delivery->arena, return_path);
}

void
post_delivery_destroy(struct post_delivery *delivery)
{
	if (!delivery)
		return;
	for (struct ending *at = delivery->endings; at; at = at->next)
		at->ended(at->argument, BASE_CANCELLED);
	for (struct share *share = delivery->first; share; share = share->next) {
		post_account_close(share->account);
		store_space_close(share->space);
	}
	map_destroy(delivery->known);
	arena_destroy(delivery->arena);
}

static struct share *
add_share(struct post_delivery *delivery, enum share_kind kind, struct store_space *space)
{
	struct share *share = ARENA_NEW(delivery->arena, struct share);
	share->kind = kind;
	share->incoming = delivery->incoming;
	share->space = store_space_hold(space);
	*delivery->end = share;
	delivery->end = &share->next;
	delivery->count++;
	return share;
}

/* --- whose mailboxes are in it already: a list may have ten thousand ------------------ */

/* A message and whom it goes to. */
struct local_key {
	uint64_t account;
	const struct post_incoming *incoming;
};

static struct slice
local_key_slice(const struct local_key *key)
{
	_Static_assert(
		sizeof *key == sizeof key->account + sizeof key->incoming, "no gaps");
	return slice_of((const char *)key, sizeof *key);
}

/* RFC 5321 4.4: the return path is put in front at final delivery. */
static struct slice
prefix_of(struct post_delivery *delivery, struct slice delivered_to)
{
	SCOPED(buffer_free) struct buffer prefix = buffer_with(PREFIX_MOST);
	buffer_put(&prefix, SLICE("Return-Path: <"));
	buffer_put(&prefix, delivery->return_path);
	buffer_put(&prefix, SLICE(">\r\nDelivered-To: "));
	buffer_put(&prefix, delivered_to);
	buffer_put(&prefix, SLICE("\r\n"));
	return buffer_failed(&prefix) ? SLICE_NONE
				      : arena_copy(delivery->arena, buffer_slice(&prefix));
}

/* As far as it is durable; the turn looks again. */
static enum base_failure
ask_quota(const struct post_account_limits *limits, struct post *post, uint64_t account,
	uint64_t size)
{
	struct post_usage usage;
	if (!limits->quota.bytes && !limits->quota.messages)
		return BASE_OK;
	enum base_failure failure = post_account_usage(post, account, &usage);
	if (failure)
		return failure;
	return post_quota_has_room(&limits->quota, &usage, 1, size) ? BASE_OK : BASE_QUOTA;
}

enum base_failure
post_delivery_ask(struct post *post, uint64_t account, uint64_t size)
{
	struct post_account_limits limits;
	enum base_failure failure = post_directory_limits(post, account, &limits);
	if (failure)
		return failure;
	return limits.enabled ? ask_quota(&limits, post, account, size) : BASE_DENIED;
}

enum base_failure
post_delivery_local(
	struct post_delivery *delivery, const struct post_delivery_target *target)
{
	struct post *post = delivery->post;
	struct local_key key = {target->account, delivery->incoming};
	if (map_get(delivery->known, local_key_slice(&key)))
		return BASE_OK;
	struct slice prefix = prefix_of(delivery, target->delivered_to);
	if (slice_absent(prefix))
		return BASE_TOO_LARGE;
	enum base_failure failure = post_delivery_ask(
		post, target->account, prefix.length + delivery->incoming->size);
	if (failure)
		return failure;
	struct post_account *account = post_account_get(post, target->account);
	struct share *share = add_share(delivery, SHARE_LOCAL, account->space);
	share->account = account;
	share->prefix = prefix;
	share->mailbox = arena_copy(delivery->arena, target->mailbox);
	map_put(delivery->known, local_key_slice(&key), share);
	return BASE_OK;
}

void
post_delivery_also(struct post_delivery *delivery, struct store_space *space,
	post_delivery_fill *fill, void *argument)
{
	struct share *share = add_share(delivery, SHARE_ALSO, space);
	share->fill = fill;
	share->argument = argument;
}

void
post_delivery_on_end(
	struct post_delivery *delivery, base_ticket_callback *ended, void *argument)
{
	struct ending *ending = ARENA_NEW(delivery->arena, struct ending);
	*ending = (struct ending){delivery->endings, ended, argument};
	delivery->endings = ending;
}

const struct post_incoming *
post_delivery_incoming(const struct post_delivery *delivery)
{
	return delivery->incoming;
}

enum base_failure
post_delivery_charge(struct post_delivery *delivery, uint64_t account, uint32_t letters)
{
	struct post_account_limits limits;
	enum base_failure failure = post_directory_limits(delivery->post, account, &limits);
	if (failure)
		return failure;
	struct post_account *sender = post_account_get(delivery->post, account);
	struct share *share = add_share(delivery, SHARE_CHARGE, sender->space);
	share->account = sender;
	share->letters = letters;
	return post_charge_ask(sender, letters);
}

/* --- submitting ----------------------------------------------------------------------- */

/* Several shares may stand in one space: one turn of the room's for each account. */
struct filling {
	struct post_delivery *delivery;
	struct store_set *set;
	struct post_turn *turns; /* by index of the space; account NULL: not joined */
	struct base_error *error;
};

static enum base_failure
join(struct filling *filling, struct share *share, struct post_turn **turn)
{
	*turn = &filling->turns[share->index];
	if ((*turn)->account)
		return BASE_OK;
	return post_turn_join(
		*turn, share->account, store_set_turn(filling->set, share->index));
}

/* The mailbox that was asked for, or INBOX. */
static uint32_t
mailbox_of(struct post_turn *turn, struct slice name)
{
	const struct post_tree *tree;
	struct slice canonical;
	if (slice_empty(name) || post_turn_tree(turn, &tree) ||
		post_name_canonical(turn->arena, name, &canonical, NULL))
		return POST_INBOX_ID;
	const struct post_node *node = post_tree_find(tree, canonical);
	return node && node->kind == POST_NODE_MAILBOX ? node->id : POST_INBOX_ID;
}

static enum base_failure
fill_local(struct filling *filling, struct share *share)
{
	struct post_turn *turn;
	struct post_touched *touched;
	struct post_quota quota;
	int64_t now = post_now_ms(filling->delivery->post) / 1000;
	struct post_arrival arrival = {.incoming = share->incoming,
		.prefix = share->prefix,
		.internal_date = now,
		.save_date = now};
	enum base_failure failure = join(filling, share, &turn);
	failure = failure ? failure : post_account_quota(share->account, &quota);
	if (!failure)
		failure = post_turn_head(turn, mailbox_of(turn, share->mailbox), &touched);
	if (!failure)
		failure = post_turn_check_room(turn, touched, 1,
			post_arrival_size(&arrival), &quota, filling->error);
	if (!failure)
		post_arrive(turn, touched, &arrival);
	return failure;
}

static enum base_failure
fill_charge(struct filling *filling, struct share *share)
{
	struct post_turn *turn;
	enum base_failure failure = join(filling, share, &turn);
	failure = failure ? failure : post_charge(turn, share->letters);
	return failure == BASE_QUOTA ? BASE_CONFLICT : failure;
}

static enum base_failure
fill(struct filling *filling, struct share *share)
{
	switch (share->kind) {
	case SHARE_LOCAL:
		return fill_local(filling, share);
	case SHARE_CHARGE:
		return fill_charge(filling, share);
	case SHARE_ALSO:
		return share->fill(share->argument,
			store_set_turn(filling->set, share->index), share->incoming->blob);
	}
	return BASE_INVALID;
}

static enum base_failure
fill_all(struct filling *filling)
{
	struct post_delivery *delivery = filling->delivery;
	enum base_failure failure = BASE_OK;
	for (struct share *share = delivery->first; share && !failure; share = share->next)
		failure = fill(filling, share);
	return failure;
}

static int
by_space(const void *a, const void *b)
{
	const struct share *const *left = a, *const *right = b;
	uintptr_t one = (uintptr_t)(*left)->space, other = (uintptr_t)(*right)->space;
	return (one > other) - (one < other);
}

/* The spaces of the set, each once; each share is told the index of its own. */
static size_t
gather_spaces(struct post_delivery *delivery, struct store_space **spaces)
{
	struct share **sorted =
		ARENA_MANY(delivery->arena, struct share *, delivery->count);
	size_t count = 0, shares = 0;
	for (struct share *share = delivery->first; share; share = share->next)
		sorted[shares++] = share;
	qsort(sorted, shares, sizeof(struct share *), by_space);
	for (size_t i = 0; i < shares; i++) {
		if (count == 0 || spaces[count - 1] != sorted[i]->space)
			spaces[count++] = sorted[i]->space;
		sorted[i]->index = count - 1;
	}
	return count;
}

static struct base_ticket *
submit_set(struct filling *filling, size_t spaces)
{
	for (size_t i = 0; i < spaces; i++)
		if (filling->turns[i].account)
			post_turn_finish(&filling->turns[i]);
	struct base_ticket *ticket = store_set_submit(&filling->set);
	post_await_later(filling->delivery->post, ticket);
	return ticket;
}

/* Long lists of changes of open mailboxes are worked off by who makes them. */
static void
settle_all(struct post_delivery *delivery)
{
	for (struct share *share = delivery->first; share; share = share->next)
		if (share->kind == SHARE_LOCAL)
			post_account_settle(share->account);
}

static struct base_ticket *
submit(struct post_delivery *delivery, struct base_error *error)
{
	struct base_ticket *ticket = NULL;
	struct store_space **spaces =
		ARENA_MANY(delivery->arena, struct store_space *, delivery->count);
	size_t count = gather_spaces(delivery, spaces);
	struct filling filling = {.delivery = delivery, .error = error};
	filling.turns = ARENA_MANY(delivery->arena, struct post_turn, count);
	enum base_failure failure = store_set_begin(
		delivery->post->store, spaces, count, STORE_NEW_MAIL, &filling.set);
	if (failure) {
		base_fail(error, failure, "the store can't take mail now: %s",
			base_failure_name(failure));
		return NULL;
	}
	failure = fill_all(&filling);
	if (failure)
		store_set_abandon(filling.set);
	else
		ticket = submit_set(&filling, count);
	for (size_t i = 0; i < count; i++)
		if (filling.turns[i].account)
			post_turn_release(&filling.turns[i]);
	if (ticket)
		settle_all(delivery);
	else if (error && !error->text[0])
		base_fail(error, failure, "%s", base_failure_name(failure));
	return ticket;
}

static void
tell_endings(struct post_delivery *delivery, struct base_ticket *ticket)
{
	for (struct ending *at = delivery->endings; at; at = at->next)
		base_ticket_then(ticket, at->ended, at->argument);
	delivery->endings = NULL;
}

struct base_ticket *
post_delivery_submit(struct post_delivery **delivery, struct base_error *error)
{
	struct post_delivery *taken = *delivery;
	*delivery = NULL;
	if (error)
		*error = (struct base_error){0};
	struct base_ticket *ticket =
		taken->count ? submit(taken, error) : base_ticket_completed(BASE_OK);
	if (ticket)
		tell_endings(taken, ticket);
	post_delivery_destroy(taken);
	return ticket;
}
