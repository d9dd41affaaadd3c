#include "store/ahead.h"
#include "store/keylog.h"
#include "store/segment.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_FOLDER "keys"

struct store_ahead {
	struct store *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wanted, done;
	bool stopping, wants_keys, wants_segment;
	uint64_t number, from; /* of the segment */
	enum store_ahead_state state;
};

static const char zeros[64 << 10];

/* --- the segment ------------------------------------------------------------------------
 */

static bool
write_zeros_at(int descriptor, uint64_t from)
{
	struct iovec parts[STORE_AHEAD_BYTES / sizeof zeros];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		parts[i] = (struct iovec){(void *)(uintptr_t)zeros, sizeof zeros};
	return !store_write_whole(descriptor, parts, sizeof parts / sizeof *parts, from);
}

static bool
fill_segment(const struct store *store, uint64_t number, uint64_t from)
{
	char name[STORE_SEGMENT_NAME_SIZE];
	store_segment_name(number, name);
	SCOPED(scoped_close)
	int descriptor =
		openat(store->blobs_descriptor, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	return descriptor >= 0 && write_zeros_at(descriptor, from) &&
	       fdatasync(descriptor) == 0;
}

/* --- the keys ---------------------------------------------------------------------------
 */

static int
open_newest_log(int folder)
{
	char newest[NAME_MAX + 1] = "";
	uint64_t number, most = 0;
	DIR *entries = fdopendir(folder);
	const struct dirent *entry;
	if (!entries) {
		close(folder);
		return -1;
	}
	while ((entry = readdir(entries)))
		if (keylog_name_parse(slice_of_text(entry->d_name), &number) &&
			number >= most) {
			most = number;
			snprintf(newest, sizeof newest, "%s", entry->d_name);
		}
	int descriptor = -1;
	if (newest[0])
		descriptor = openat(dirfd(entries), newest,
			O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	closedir(entries);
	return descriptor;
}

/* Where it fails nothing is lost but the time that it would have saved. */
static void
fill_keys(const struct store *store)
{
	int folder = openat(
		store->folder_descriptor, KEYS_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	SCOPED(scoped_close) int descriptor = folder < 0 ? -1 : open_newest_log(folder);
	if (descriptor < 0)
		return;
	for (uint64_t left = STORE_AHEAD_KEYS; left; left -= sizeof zeros)
		if (write(descriptor, zeros, sizeof zeros) != (ssize_t)sizeof zeros)
			return;
	int synced = fdatasync(descriptor);
	(void)synced;
}

/* --- the thread -------------------------------------------------------------------------
 */

/* Under the lock, which it leaves while it works. */
static void
work(struct store_ahead *ahead)
{
	bool segment = ahead->wants_segment;
	ahead->wants_keys = segment && ahead->wants_keys;
	ahead->wants_segment = false;
	pthread_mutex_unlock(&ahead->lock);
	bool filled = false;
	if (segment)
		filled = fill_segment(ahead->store, ahead->number, ahead->from);
	else
		fill_keys(ahead->store);
	pthread_mutex_lock(&ahead->lock);
	if (!segment)
		return;
	ahead->state = filled ? STORE_AHEAD_DONE : STORE_AHEAD_FAILED;
	pthread_cond_signal(&ahead->done);
}

static void *
run(void *argument)
{
	struct store_ahead *ahead = argument;
	pthread_setname_np(pthread_self(), "store-ahead");
	pthread_mutex_lock(&ahead->lock);
	while (!ahead->stopping)
		if (ahead->wants_segment || ahead->wants_keys)
			work(ahead);
		else
			pthread_cond_wait(&ahead->wanted, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

struct store_ahead *
store_ahead_start(struct store *store)
{
	struct store_ahead *ahead = calloc(1, sizeof *ahead);
	ASSERT(ahead);
	ahead->store = store;
	ahead->state = STORE_AHEAD_DONE;
	ASSERT(pthread_mutex_init(&ahead->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&ahead->wanted, NULL) == 0);
	ASSERT(pthread_cond_init(&ahead->done, NULL) == 0);
	ASSERT(pthread_create(&ahead->thread, NULL, run, ahead) == 0);
	return ahead;
}

void
store_ahead_stop(struct store_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->stopping = true;
	pthread_mutex_unlock(&ahead->lock);
	pthread_cond_signal(&ahead->wanted);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->wanted);
	pthread_cond_destroy(&ahead->done);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}

/* --- asking -----------------------------------------------------------------------------
 */

void
store_ahead_segment(struct store_ahead *ahead, uint64_t number, uint64_t from)
{
	pthread_mutex_lock(&ahead->lock);
	ASSERT(ahead->state != STORE_AHEAD_BUSY);
	ahead->state = STORE_AHEAD_BUSY;
	ahead->wants_segment = true;
	ahead->number = number;
	ahead->from = from;
	pthread_mutex_unlock(&ahead->lock);
	pthread_cond_signal(&ahead->wanted);
}

enum store_ahead_state
store_ahead_look(struct store_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	enum store_ahead_state state = ahead->state;
	pthread_mutex_unlock(&ahead->lock);
	return state;
}

enum store_ahead_state
store_ahead_wait(struct store_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	while (ahead->state == STORE_AHEAD_BUSY)
		pthread_cond_wait(&ahead->done, &ahead->lock);
	enum store_ahead_state state = ahead->state;
	pthread_mutex_unlock(&ahead->lock);
	return state;
}

void
store_ahead_keys(struct store_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	ahead->wants_keys = true;
	pthread_mutex_unlock(&ahead->lock);
	pthread_cond_signal(&ahead->wanted);
}
