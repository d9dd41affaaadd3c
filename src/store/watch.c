#include "store/internal.h"

struct store_watch {
	struct store_watch *next, **link;
	struct store_space *space; /* held */
	void (*changed)(void *argument);
	void *argument;
};

struct store_watch *
store_watch_add(struct store_space *space, void (*changed)(void *argument), void *argument)
{
	struct store_watch *watch = calloc(1, sizeof *watch);
	ASSERT(watch);
	watch->space = store_space_hold(space);
	watch->changed = changed;
	watch->argument = argument;
	pthread_mutex_lock(&space->watch_lock);
	watch->next = space->watches;
	watch->link = &space->watches;
	if (watch->next)
		watch->next->link = &watch->next;
	space->watches = watch;
	pthread_mutex_unlock(&space->watch_lock);
	return watch;
}

/* The lock is held while watchers are called, so after this no call is under way. */
void
store_watch_remove(struct store_watch *watch)
{
	if (!watch)
		return;
	struct store_space *space = watch->space;
	pthread_mutex_lock(&space->watch_lock);
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	pthread_mutex_unlock(&space->watch_lock);
	free(watch);
	store_space_close(space);
}

void
store_space_call_watchers(struct store_space *space)
{
	pthread_mutex_lock(&space->watch_lock);
	for (struct store_watch *watch = space->watches; watch; watch = watch->next)
		watch->changed(watch->argument);
	pthread_mutex_unlock(&space->watch_lock);
}
