#include "store/blob-sync.h"

enum sync_state { SYNC_IDLE, SYNC_WANTED, SYNC_DONE, SYNC_STOPPING };

struct store_blob_sync {
	struct store_blob_log *log;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted, done;
	enum sync_state state;
	enum base_failure outcome;
};

static void *
run(void *argument)
{
	struct store_blob_sync *sync = argument;
	pthread_setname_np(pthread_self(), "store-sync");
	pthread_mutex_lock(&sync->lock);
	while (sync->state != SYNC_STOPPING) {
		if (sync->state != SYNC_WANTED) {
			pthread_cond_wait(&sync->wanted, &sync->lock);
			continue;
		}
		pthread_mutex_unlock(&sync->lock);
		enum base_failure outcome = store_blob_log_sync(sync->log);
		pthread_mutex_lock(&sync->lock);
		sync->outcome = outcome;
		sync->state = SYNC_DONE;
		pthread_cond_signal(&sync->done);
	}
	pthread_mutex_unlock(&sync->lock);
	return NULL;
}

struct store_blob_sync *
store_blob_sync_start(struct store_blob_log *log)
{
	struct store_blob_sync *sync = calloc(1, sizeof *sync);
	ASSERT(sync);
	sync->log = log;
	ASSERT(pthread_mutex_init(&sync->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&sync->wanted, NULL) == 0);
	ASSERT(pthread_cond_init(&sync->done, NULL) == 0);
	ASSERT(pthread_create(&sync->thread, NULL, run, sync) == 0);
	return sync;
}

static void
ask(struct store_blob_sync *sync, enum sync_state state)
{
	pthread_mutex_lock(&sync->lock);
	ASSERT(sync->state == SYNC_IDLE);
	sync->state = state;
	pthread_mutex_unlock(&sync->lock);
	pthread_cond_signal(&sync->wanted);
}

void
store_blob_sync_stop(struct store_blob_sync *sync)
{
	ask(sync, SYNC_STOPPING);
	pthread_join(sync->thread, NULL);
	pthread_cond_destroy(&sync->wanted);
	pthread_cond_destroy(&sync->done);
	pthread_mutex_destroy(&sync->lock);
	free(sync);
}

void
store_blob_sync_begin(struct store_blob_sync *sync)
{
	ask(sync, SYNC_WANTED);
}

enum base_failure
store_blob_sync_end(struct store_blob_sync *sync)
{
	pthread_mutex_lock(&sync->lock);
	ASSERT(sync->state != SYNC_IDLE);
	while (sync->state != SYNC_DONE)
		pthread_cond_wait(&sync->done, &sync->lock);
	sync->state = SYNC_IDLE;
	enum base_failure outcome = sync->outcome;
	pthread_mutex_unlock(&sync->lock);
	return outcome;
}
