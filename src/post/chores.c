#include "post/due.h"
#include "post/image.h"
#include "post/purge.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"
#include <time.h>

/* What is done beside the sessions: a part of the work at each call. */
#define CHORES_IMAGES   16   /* written in one call */
#define CHORES_ACCOUNTS 200  /* looked at in one call */
#define CHORES_STEPS    400  /* commits of the purge in one call */
#define CHORES_INDEX_MS 3000 /* after that no further step of indexing begins, … */
#define CHORES_BUSY_MS  500  /* … and after that none while others want the machine */

static void
log_failure(struct post_account *account, const char *what, enum base_failure failure)
{
	if (failure && failure != BASE_UNAVAILABLE && failure != BASE_NOT_FOUND)
		LOG(account->post->log, BASE_LOG_WARN, "post.chore.failed",
			LOG_STRING("chore", what), LOG_NUMBER("account", account->id),
			LOG_FAILURE(failure));
}

static void
write_image(struct post *post, uint64_t id, uint32_t mailbox_id)
{
	struct post_mailbox *mailbox;
	struct post_account *account = post_account_get(post, id);
	enum base_failure failure = post_mailbox_open_by_id(account, mailbox_id, &mailbox);
	if (!failure) {
		failure = post_image_write(mailbox);
		post_mailbox_close(mailbox);
	}
	log_failure(account, "image", failure);
	post_account_close(account);
}

static void
write_images(struct post *post)
{
	uint64_t account;
	uint32_t mailbox;
	for (int i = 0; i < CHORES_IMAGES && post_due_take(post->due, &account, &mailbox);
		i++)
		write_image(post, account, mailbox);
}

/* Accounts without work are not brought into memory. */
static void
purge_account(struct post *post, uint64_t id, unsigned *steps)
{
	if (!post_purge_has_work(post, id))
		return;
	struct post_account *account = post_account_get(post, id);
	log_failure(account, "purge", post_purge_account(account, steps));
	post_account_close(account);
}

/* --- indexing ---------------------------------------------------------------------------
 */

/* What one call may spend. Searches are right while the index lags, so it can wait. */
struct budget {
	uint64_t begun; /* steady ms */
	bool wanted;    /* a step found that others want the machine */
};

static bool
is_spent(const struct post *post, const struct budget *budget)
{
	uint64_t most = budget->wanted ? CHORES_BUSY_MS : CHORES_INDEX_MS;
	return base_clock_steady_ms(post->clock) > budget->begun + most;
}

/* The machine's own clocks, whatever time it is said to be. */
static uint64_t
microseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

typedef enum base_failure account_step(struct post_account *account, bool *more);

/* Who takes an eighth longer than it works waits for a processor or a disk. */
static enum base_failure
take_step(
	struct post_account *account, account_step *step, struct budget *budget, bool *more)
{
	uint64_t began = microseconds(CLOCK_MONOTONIC);
	uint64_t worked_before = microseconds(CLOCK_THREAD_CPUTIME_ID);
	enum base_failure failure = step(account, more);
	uint64_t worked = microseconds(CLOCK_THREAD_CPUTIME_ID) - worked_before;
	budget->wanted = microseconds(CLOCK_MONOTONIC) - began > worked + worked / 8;
	return failure;
}

static void
work_off(struct post_account *account, const char *what, account_step *step,
	struct budget *budget)
{
	enum base_failure failure = BASE_OK;
	for (bool more = true; more && !failure && !is_spent(account->post, budget);)
		failure = take_step(account, step, budget, &more);
	log_failure(account, what, failure);
}

/* What is spoilt goes first, what was indexed is merged. */
static void
index_account(struct post *post, uint64_t id, struct budget *budget)
{
	bool untidy = search_tidy_has_work(post, id);
	if (!untidy && !search_keep_has_work(post, id))
		return;
	struct post_account *account = post_account_get(post, id);
	if (untidy)
		work_off(account, "tidy", search_tidy_account, budget);
	work_off(account, "index", search_keep_account, budget);
	work_off(account, "tidy", search_tidy_account, budget);
	post_account_close(account);
}

/* --- all of it --------------------------------------------------------------------------
 */

/* The next accounts in the order of their ids, round and round. */
static uint64_t
look_at_accounts(struct post *post, uint64_t after)
{
	unsigned steps = CHORES_STEPS;
	struct budget budget = {.begun = base_clock_steady_ms(post->clock)};
	for (int i = 0; i < CHORES_ACCOUNTS && steps && !is_spent(post, &budget); i++) {
		uint64_t id = post_directory_account_after(post, after);
		if (!id)
			return 0;
		purge_account(post, id, &steps);
		index_account(post, id, &budget);
		if (steps && !is_spent(post, &budget))
			after = id;
	}
	return after;
}

void
post_chores(struct post *post)
{
	uint64_t after;
	if (!post_due_begin_round(post->due, &after))
		return;
	write_images(post);
	after = look_at_accounts(post, after);
	post_directory_chores(post);
	post_due_end_round(post->due, after);
}
