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
#define CHORES_BUSY_ADD 50   /* more each time that they did: some are always busy */

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
	uint64_t begun;   /* steady ms */
	uint64_t busy_ms; /* that it lasts when others want the machine */
	bool wanted;      /* a step found that they do */
};

static struct budget
budget_of(const struct post *post, const struct post_round *round)
{
	uint64_t busy_ms = CHORES_BUSY_MS + (uint64_t)CHORES_BUSY_ADD * round->put_off;
	return (struct budget){.begun = base_clock_steady_ms(post->clock),
		.busy_ms = busy_ms < CHORES_INDEX_MS ? busy_ms : CHORES_INDEX_MS};
}

static bool
is_spent(const struct post *post, const struct budget *budget)
{
	uint64_t most = budget->wanted ? budget->busy_ms : CHORES_INDEX_MS;
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

static enum base_failure
work_off(struct post_account *account, const char *what, account_step *step,
	struct budget *budget)
{
	enum base_failure failure = BASE_OK;
	for (bool more = true; more && !failure && !is_spent(account->post, budget);)
		failure = take_step(account, step, budget, &more);
	log_failure(account, what, failure);
	return failure;
}

/* What is spoilt goes first, what was indexed is merged. */
static enum base_failure
index_account(struct post *post, uint64_t id, bool untidy, struct budget *budget)
{
	struct post_account *account = post_account_get(post, id);
	enum base_failure tidied = BASE_OK;
	if (untidy)
		tidied = work_off(account, "tidy", search_tidy_account, budget);
	enum base_failure indexed = work_off(account, "index", search_keep_account, budget);
	if (!tidied)
		tidied = work_off(account, "tidy", search_tidy_account, budget);
	post_account_close(account);
	return indexed ? indexed : tidied;
}

static void
begin_turn(struct post *post, uint64_t id, struct post_round *round)
{
	uint64_t next;
	if (round->account == id)
		return;
	round->account = id;
	(void)search_keep_position(post, id, &next, &round->until);
}

/* What came since waits for its next turn: mail that never ends keeps nobody else back. */
static bool
has_turned(struct post *post, const struct post_round *round)
{
	uint64_t next, email_next;
	return !search_keep_position(post, round->account, &next, &email_next) ||
	       next + SEARCH_WAITING > round->until;
}

/* Whether its turn is over. */
static bool
take_turn(struct post *post, uint64_t id, struct post_round *round, struct budget *budget)
{
	bool untidy = search_tidy_has_work(post, id);
	if (!untidy && !search_keep_has_work(post, id))
		return true;
	begin_turn(post, id, round);
	return index_account(post, id, untidy, budget) || !is_spent(post, budget) ||
	       has_turned(post, round);
}

/* --- all of it --------------------------------------------------------------------------
 */

/* The next account in the order of ids; behind the last one comes the first. */
static uint64_t
next_account(struct post *post, struct post_round *round)
{
	uint64_t id = post_directory_account_after(post, round->after);
	if (id || !round->after)
		return id;
	*round = (struct post_round){.put_off = round->put_off};
	return post_directory_account_after(post, 0);
}

/* Round and round. */
static void
look_at_accounts(struct post *post, struct post_round *round)
{
	unsigned steps = CHORES_STEPS;
	uint64_t first = 0;
	struct budget budget = budget_of(post, round);
	for (int i = 0; i < CHORES_ACCOUNTS && steps && !is_spent(post, &budget); i++) {
		uint64_t id = next_account(post, round);
		if (!id || id == first)
			break;
		first = first ? first : id;
		purge_account(post, id, &steps);
		if (take_turn(post, id, round, &budget) && steps)
			round->after = id;
	}
	bool put_off = budget.wanted && is_spent(post, &budget);
	round->put_off = put_off ? round->put_off + 1 : 0;
}

void
post_chores(struct post *post)
{
	struct post_round round;
	if (!post_due_begin_round(post->due, &round))
		return;
	write_images(post);
	look_at_accounts(post, &round);
	post_directory_chores(post);
	post_due_end_round(post->due, &round);
}
