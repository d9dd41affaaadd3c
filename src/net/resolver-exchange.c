#include "net/resolver-internal.h"

#include <poll.h>
#include <sys/eventfd.h>

/* The clock may be a test's: it is looked at this often. */
#define LOOK_MS 250

struct resolver_question {
	struct net_resolver *resolver;
	struct resolver_question *next, **link;
	pthread_cond_t answered;
	bool done;
	int failed;
	struct ub_result *result;
	unsigned holders; /* who waits, and libunbound; the last one frees */
};

void
resolver_release_result(struct ub_result **result)
{
	if (*result != NULL)
		ub_resolve_free(*result);
	*result = NULL;
}

/* --- the courier -------------------------------------------------------------------- */

static void *
carry(void *argument)
{
	struct net_resolver *resolver = argument;
	struct pollfd waits[] = {
		{ub_fd(resolver->context), POLLIN, 0}, {resolver->wake, POLLIN, 0}};

	while (poll(waits, 2, -1) >= 0 || errno == EINTR) {
		if (waits[1].revents != 0)
			break;
		if (waits[0].revents != 0)
			(void)ub_process(resolver->context);
	}
	return NULL;
}

enum base_failure
resolver_start(struct net_resolver *resolver, struct base_error *error)
{
	pthread_mutex_init(&resolver->lock, NULL);
	resolver->wake = eventfd(0, EFD_CLOEXEC);
	resolver->running = true;
	if (resolver->wake < 0 ||
		pthread_create(&resolver->courier, NULL, carry, resolver) != 0) {
		resolver->running = false;
		if (resolver->wake >= 0)
			close(resolver->wake);
		return base_fail(error, BASE_UNAVAILABLE, "no thread for the resolver");
	}
	return BASE_OK;
}

void
resolver_end(struct net_resolver *resolver)
{
	uint64_t one = 1;

	if (!resolver->running)
		return;
	ASSERT(resolver->waiting == NULL);
	(void)!write(resolver->wake, &one, sizeof one);
	pthread_join(resolver->courier, NULL);
	close(resolver->wake);
	pthread_mutex_destroy(&resolver->lock);
	resolver->running = false;
}

void
net_resolver_stop(struct net_resolver *resolver)
{
	pthread_mutex_lock(&resolver->lock);
	resolver->stopping = true;
	for (struct resolver_question *q = resolver->waiting; q != NULL; q = q->next)
		pthread_cond_signal(&q->answered);
	pthread_mutex_unlock(&resolver->lock);
}

/* --- one question ------------------------------------------------------------------- */

static struct resolver_question *
question_create(struct net_resolver *resolver)
{
	struct resolver_question *question = calloc(1, sizeof *question);
	pthread_condattr_t attributes;

	if (question == NULL)
		return NULL;
	question->resolver = resolver;
	question->holders = 2;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&question->answered, &attributes);
	pthread_condattr_destroy(&attributes);
	return question;
}

/* Under the lock of the resolver, which outlives its questions. */
static void
question_drop(struct resolver_question *question, unsigned holders)
{
	ASSERT(question->holders >= holders);
	question->holders -= holders;
	if (question->holders > 0)
		return;
	resolver_release_result(&question->result);
	pthread_cond_destroy(&question->answered);
	free(question);
}

/* On the courier's thread. */
static void
on_answer(void *argument, int failed, struct ub_result *result)
{
	struct resolver_question *question = argument;
	struct net_resolver *resolver = question->resolver;

	pthread_mutex_lock(&resolver->lock);
	question->done = true;
	question->failed = failed;
	question->result = result;
	pthread_cond_signal(&question->answered);
	question_drop(question, 1);
	pthread_mutex_unlock(&resolver->lock);
}

static bool
enlist(struct net_resolver *resolver, struct resolver_question *question)
{
	if (resolver->stopping || resolver->waiting_count >= NET_RESOLVER_WAITING_MOST)
		return false;
	question->next = resolver->waiting;
	question->link = &resolver->waiting;
	if (question->next != NULL)
		question->next->link = &question->next;
	resolver->waiting = question;
	resolver->waiting_count++;
	return true;
}

static void
delist(struct net_resolver *resolver, struct resolver_question *question)
{
	*question->link = question->next;
	if (question->next != NULL)
		question->next->link = question->link;
	resolver->waiting_count--;
}

/* Under the lock. Sleeps in short turns, as the clock may jump. */
static void
await(struct resolver_question *question, uint64_t until)
{
	struct net_resolver *resolver = question->resolver;

	while (!question->done && !resolver->stopping) {
		uint64_t now = base_clock_steady_ms(resolver->clock);
		if (now >= until)
			return;
		uint64_t turn = until - now < LOOK_MS ? until - now : LOOK_MS;
		struct timespec end;
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_nsec += (long)turn * 1000000;
		end.tv_sec += end.tv_nsec / 1000000000;
		end.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&question->answered, &resolver->lock, &end);
	}
}

/*
 * Under the lock. Takes back what libunbound holds of the question. A cancel that
 * succeeds promises that the callback never comes; one that finds nothing, that it has come
 * or is about to.
 */
static void
give_up(struct resolver_question *question, int id)
{
	struct net_resolver *resolver = question->resolver;

	pthread_mutex_unlock(&resolver->lock);
	bool never = ub_cancel(resolver->context, id) == UB_NOERROR;
	pthread_mutex_lock(&resolver->lock);
	if (never)
		question_drop(question, 1);
}

static const char *
outcome(struct resolver_question *question, struct ub_result **result)
{
	if (!question->done)
		return question->resolver->stopping ? "the server stops"
						    : "no answer in time";
	if (question->failed != 0 || question->result == NULL)
		return ub_strerror(question->failed);
	*result = question->result;
	question->result = NULL;
	return NULL;
}

static const char *
ask_and_wait(struct resolver_question *question, const char *name, int type, uint64_t until,
	struct ub_result **result)
{
	struct net_resolver *resolver = question->resolver;
	int id = 0;

	pthread_mutex_unlock(&resolver->lock);
	int failed = ub_resolve_async(
		resolver->context, name, type, 1 /* IN */, question, on_answer, &id);
	pthread_mutex_lock(&resolver->lock);
	if (failed != 0) {
		question_drop(question, 1);
		return ub_strerror(failed);
	}
	await(question, until);
	if (!question->done)
		give_up(question, id);
	return outcome(question, result);
}

const char *
resolver_exchange(struct net_resolver *resolver, const char *name, int type, uint64_t until,
	struct ub_result **result)
{
	const char *why = "too many questions are under way";
	struct resolver_question *question = question_create(resolver);

	if (question == NULL)
		return "no memory";
	pthread_mutex_lock(&resolver->lock);
	if (resolver->stopping)
		why = "the server stops";
	if (enlist(resolver, question)) {
		why = ask_and_wait(question, name, type, until, result);
		delist(resolver, question);
		question_drop(question, 1);
	} else {
		question_drop(question, 2);
	}
	pthread_mutex_unlock(&resolver->lock);
	return why;
}
