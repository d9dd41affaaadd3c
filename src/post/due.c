#include "post/due.h"
#include <pthread.h>

struct hint {
	uint64_t account;
	uint32_t mailbox;
	uint32_t zero; /* the struct is a key: no padding */
};

struct post_due {
	pthread_mutex_t lock;
	struct map *hints; /* of struct hint, to itself */
	bool busy;
	struct post_round round;
};

struct post_due *
post_due_create(void)
{
	struct post_due *due = calloc(1, sizeof *due);
	ASSERT(due);
	pthread_mutex_init(&due->lock, NULL);
	due->hints = map_create();
	return due;
}

void
post_due_destroy(struct post_due *due)
{
	if (!due)
		return;
	map_destroy(due->hints);
	pthread_mutex_destroy(&due->lock);
	free(due);
}

void
post_due_note(struct post_due *due, uint64_t account, uint32_t mailbox)
{
	struct hint hint = {.account = account, .mailbox = mailbox};
	pthread_mutex_lock(&due->lock);
	if (map_count(due->hints) < POST_DUE_MOST)
		map_put(due->hints, slice_of(&hint, sizeof hint), due);
	pthread_mutex_unlock(&due->lock);
}

bool
post_due_take(struct post_due *due, uint64_t *account, uint32_t *mailbox)
{
	size_t position = 0;
	struct slice key;
	void *value;
	struct hint hint;
	pthread_mutex_lock(&due->lock);
	bool found = map_next(due->hints, &position, &key, &value);
	if (found) {
		memcpy(&hint, key.data, sizeof hint);
		map_remove(due->hints, slice_of(&hint, sizeof hint));
		*account = hint.account;
		*mailbox = hint.mailbox;
	}
	pthread_mutex_unlock(&due->lock);
	return found;
}

bool
post_due_begin_round(struct post_due *due, struct post_round *round)
{
	pthread_mutex_lock(&due->lock);
	bool mine = !due->busy;
	due->busy = true;
	*round = due->round;
	pthread_mutex_unlock(&due->lock);
	return mine;
}

void
post_due_end_round(struct post_due *due, const struct post_round *round)
{
	pthread_mutex_lock(&due->lock);
	due->busy = false;
	due->round = *round;
	pthread_mutex_unlock(&due->lock);
}
