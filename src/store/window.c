#include "store/internal.h"

void
store_window_init(struct store_window *window)
{
	ASSERT(pthread_mutex_init(&window->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&window->closed, NULL) == 0);
}

void
store_window_destroy(struct store_window *window)
{
	ASSERT(!window->open);
	pthread_cond_destroy(&window->closed);
	pthread_mutex_destroy(&window->lock);
}

void
store_window_open(struct store_window *window)
{
	pthread_mutex_lock(&window->lock);
	window->number++;
	atomic_store(&window->open, true);
	pthread_mutex_unlock(&window->lock);
}

void
store_window_close(struct store_window *window, enum base_failure outcome)
{
	pthread_mutex_lock(&window->lock);
	if (outcome)
		atomic_store(&window->failed, true);
	atomic_store(&window->open, false);
	pthread_cond_broadcast(&window->closed);
	pthread_mutex_unlock(&window->lock);
}

static void
wait_until_closed(struct store_window *window)
{
	uint64_t number = window->number;
	while (atomic_load(&window->open) && window->number == number)
		pthread_cond_wait(&window->closed, &window->lock);
}

enum base_failure
store_window_pass(struct store_window *window)
{
	if (atomic_load(&window->open)) {
		pthread_mutex_lock(&window->lock);
		wait_until_closed(window);
		pthread_mutex_unlock(&window->lock);
	}
	return atomic_load(&window->failed) ? BASE_UNAVAILABLE : BASE_OK;
}

void
store_window_keep_shut(struct store_window *window)
{
	pthread_mutex_lock(&window->lock);
	while (atomic_load(&window->open))
		pthread_cond_wait(&window->closed, &window->lock);
}

void
store_window_let(struct store_window *window)
{
	pthread_mutex_unlock(&window->lock);
}
