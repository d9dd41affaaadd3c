#include "post/renew.h"
#include "post/directory-internal.h"
#include "post/mailbox-change.h"
#include <unistd.h>

/* After going back to an older store. Whoever calls begins anew where this did not end. */

enum { COMMITS_AHEAD = 256 };

struct renewing {
	struct post *post;
	int64_t now_ms;
	uint32_t floor;
	struct base_ticket *tickets[COMMITS_AHEAD];
	size_t count;
	post_renew_told *told;
	void *argument;
	uint64_t done, of;
	struct base_error *error;
};

static enum base_failure
await_all(struct renewing *renewing)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < renewing->count; i++) {
		enum base_failure one = base_ticket_await(renewing->tickets[i]);
		failure = failure ? failure : one;
	}
	renewing->count = 0;
	return failure ? base_fail(renewing->error, failure,
				 "the new UIDVALIDITYs could not be stored")
		       : BASE_OK;
}

static bool
forget_row(void *argument, struct slice key, struct slice value)
{
	(void)value;
	store_delete(argument, key);
	return true;
}

/* A URL with a key may name a UID without its UIDVALIDITY (RFC 4467 2). */
static enum base_failure
forget_url_keys(struct post_tree_change *change)
{
	struct post_key from = post_key_of_row(POST_KEY_OF_URL_KEY);
	struct post_key until = post_key_after_row(POST_KEY_OF_URL_KEY);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	enum base_failure failure = store_scan(
		change->turn.account->space, &range, forget_row, change->turn.turn, NULL);
	return failure ? base_fail(change->error, failure, "its keys of URLs can't be read")
		       : BASE_OK;
}

static enum base_failure
fail_account(const struct renewing *renewing, uint64_t id, const struct base_error *why)
{
	return base_fail(renewing->error, why->failure, "account %llu: %.200s",
		(unsigned long long)id, why->text);
}

static enum base_failure
renew_account(struct renewing *renewing, uint64_t id)
{
	struct post_account_limits limits;
	if (post_directory_limits(renewing->post, id, &limits) == BASE_NOT_FOUND)
		return BASE_OK; /* it is being removed: nobody gets to see it */
	SCOPED(post_account_release)
	struct post_account *account = post_account_get(renewing->post, id);
	SCOPED(post_tree_change_release) struct post_tree_change change;
	struct base_error why = {0};
	enum base_failure failure = post_tree_change_begin(&change, account, &why);
	if (!failure)
		failure = forget_url_keys(&change);
	if (failure)
		return fail_account(renewing, id, &why);
	post_tree_renew(change.tree, renewing->floor);
	renewing->tickets[renewing->count++] = post_tree_change_submit(&change);
	return renewing->count == COMMITS_AHEAD ? await_all(renewing) : BASE_OK;
}

static uint64_t
count_accounts(struct post *post)
{
	uint64_t id = 0, count = 0;
	while ((id = post_directory_account_after(post, id)))
		count++;
	return count;
}

static enum base_failure
tell(struct renewing *renewing)
{
	renewing->done++;
	if (!renewing->told ||
		renewing->told(renewing->argument, renewing->done, renewing->of))
		return BASE_OK;
	return base_fail(renewing->error, BASE_CANCELLED, "stopped");
}

static enum base_failure
renew_accounts(struct renewing *renewing)
{
	uint64_t id = 0;
	enum base_failure failure = BASE_OK;
	renewing->of = count_accounts(renewing->post);
	while (!failure && (id = post_directory_account_after(renewing->post, id))) {
		failure = renew_account(renewing, id);
		if (!failure)
			failure = tell(renewing);
	}
	enum base_failure awaited = await_all(renewing);
	return failure ? failure : awaited;
}

static enum base_failure
note_moment(struct renewing *renewing)
{
	struct post_directory *directory = renewing->post->directory;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change =
		post_directory_begin(renewing->post, renewing->error);
	if (!change)
		return renewing->error->failure;
	post_directory_put_counter(
		change, POST_RENEWED_COUNTER, (uint64_t)renewing->now_ms);
	post_directory_put_counter(change, POST_FLOOR_COUNTER, renewing->floor);
	renewing->tickets[renewing->count++] = post_directory_submit(&change);
	enum base_failure failure = await_all(renewing);
	if (failure)
		return failure;
	atomic_store(&directory->renewed_ms, (uint64_t)renewing->now_ms);
	atomic_store(&directory->validity_floor, renewing->floor);
	return BASE_OK;
}

/*
 * From one copy, another time, other numbers must come: they are made of seconds, and are
 * as far ahead of the clock as those that the copy has from a former renewal, and further.
 */
static void
choose_numbers(struct renewing *renewing)
{
	int64_t before_ms = post_renewed_ms(renewing->post);
	uint32_t before = post_validity_floor(renewing->post);
	uint32_t ahead = before - (uint32_t)(before_ms / 1000);
	renewing->now_ms = post_now_ms(renewing->post);
	if (renewing->now_ms <= before_ms) /* the clock was set back */
		renewing->now_ms = before_ms + 1;
	renewing->floor =
		(uint32_t)(renewing->now_ms / 1000) + ahead + POST_LOST_VALIDITIES;
}

static void
await_next_second(const struct post *post)
{
	int64_t now_s = post_now_ms(post) / 1000;
	while (post_now_ms(post) / 1000 == now_s)
		usleep(10 * 1000);
}

enum base_failure
post_renew_telling(
	struct post *post, post_renew_told *told, void *argument, struct base_error *error)
{
	struct renewing renewing = {
		.post = post, .told = told, .argument = argument, .error = error};
	choose_numbers(&renewing);
	enum base_failure failure = renew_accounts(&renewing);
	if (!failure)
		failure = note_moment(&renewing);
	if (!failure)
		await_next_second(post);
	return failure;
}

enum base_failure
post_renew(struct post *post, struct base_error *error)
{
	return post_renew_telling(post, NULL, NULL, error);
}

int64_t
post_renewed_ms(const struct post *post)
{
	return (int64_t)atomic_load(&post->directory->renewed_ms);
}

uint32_t
post_validity_floor(const struct post *post)
{
	return (uint32_t)atomic_load(&post->directory->validity_floor);
}
