#include "store/internal.h"

static struct store_moment *
moment_create(struct store *store)
{
	struct store_moment *moment = malloc(sizeof *moment);
	ASSERT(moment);
	atomic_init(&moment->holders, 1);
	moment->rocks = rocks_moment_take(store->keys);
	return moment;
}

void
store_moment_drop(struct store_moment *moment)
{
	if (!moment || atomic_fetch_sub(&moment->holders, 1) > 1)
		return;
	rocks_moment_drop(moment->rocks);
	free(moment);
}

void
store_moment_release(struct store_moment **moment)
{
	store_moment_drop(*moment);
	*moment = NULL;
}

void
store_window_init(struct store_window *window)
{
	ASSERT(pthread_mutex_init(&window->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&window->closed, NULL) == 0);
}

void
store_window_destroy(struct store_window *window)
{
	ASSERT(!window->before);
	pthread_cond_destroy(&window->closed);
	pthread_mutex_destroy(&window->lock);
}

void
store_window_open(struct store *store)
{
	struct store_window *window = &store->window;
	struct store_moment *before = moment_create(store);
	pthread_mutex_lock(&window->lock);
	ASSERT(!window->before);
	window->before = before;
	atomic_store(&window->open, true);
	atomic_fetch_add(&window->number, 1);
	pthread_mutex_unlock(&window->lock);
}

void
store_window_close(struct store_window *window)
{
	pthread_mutex_lock(&window->lock);
	struct store_moment *before = window->before;
	window->before = NULL;
	atomic_store(&window->open, false);
	pthread_cond_broadcast(&window->closed);
	pthread_mutex_unlock(&window->lock);
	store_moment_drop(before);
}

void
store_window_fail(struct store_window *window)
{
	pthread_mutex_lock(&window->lock);
	window->failed = true;
	pthread_cond_broadcast(&window->closed);
	pthread_mutex_unlock(&window->lock);
}

enum base_failure
store_window_keep_shut(struct store_window *window)
{
	pthread_mutex_lock(&window->lock);
	while (atomic_load(&window->open) && !window->failed)
		pthread_cond_wait(&window->closed, &window->lock);
	if (!window->failed)
		return BASE_OK;
	pthread_mutex_unlock(&window->lock);
	return BASE_UNAVAILABLE;
}

void
store_window_let(struct store_window *window)
{
	pthread_mutex_unlock(&window->lock);
}

static struct store_moment *
hold_before(struct store_window *window)
{
	if (!atomic_load(&window->open))
		return NULL;
	pthread_mutex_lock(&window->lock);
	struct store_moment *before = window->before;
	if (before)
		atomic_fetch_add(&before->holders, 1);
	pthread_mutex_unlock(&window->lock);
	return before;
}

void
store_look_begin(struct store *store, struct store_look *look)
{
	look->number = atomic_load(&store->window.number);
	look->held = hold_before(&store->window);
	look->moment = look->held ? look->held->rocks : NULL;
}

/* Who sees a row of the group sees that the window was opened, which came first. */
bool
store_look_again(struct store *store, struct store_look *look)
{
	if (look->held) {
		store_moment_drop(look->held);
		return false;
	}
	return atomic_load(&store->window.number) != look->number;
}

struct store_moment *
store_moment_take(struct store *store)
{
	struct store_moment *moment;
	struct store_look look;
	do {
		store_look_begin(store, &look);
		if (look.held)
			return look.held;
		moment = moment_create(store);
		if (!store_look_again(store, &look))
			return moment;
		store_moment_drop(moment);
	} while (true);
}
