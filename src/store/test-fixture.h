#ifndef STORE_TEST_FIXTURE_H
#define STORE_TEST_FIXTURE_H

/* A store in a folder of its own, for the tests of this room. */
#include "base/test.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char folder[64];
	struct store_settings settings;
	struct base_clock *clock;
	struct store *store;
	struct arena *arena;
};

static inline int
fixture_remove_entry(
	const char *path, const struct stat *state, int kind, struct FTW *position)
{
	(void)state, (void)kind, (void)position;
	return remove(path);
}

static inline void
fixture_remove(const char *folder)
{
	nftw(folder, fixture_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline enum base_failure
fixture_try_open(struct fixture *fixture, struct base_error *error)
{
	return store_open(&fixture->settings, &fixture->store, error);
}

static inline void
fixture_open(struct fixture *fixture)
{
	struct base_error error = {0};
	if (fixture_try_open(fixture, &error))
		fail_msg("%s", error.text);
}

static inline void
fixture_close(struct fixture *fixture)
{
	store_close(fixture->store);
	fixture->store = NULL;
}

static inline void
fixture_reopen(struct fixture *fixture)
{
	fixture_close(fixture);
	fixture_open(fixture);
}

static inline void
fixture_copy_file(const char *from, const char *into)
{
	int source = open(from, O_RDONLY);
	if (source < 0) {
		assert_int_equal(errno, ENOENT);
		return;
	}
	int target = open(into, O_WRONLY | O_CREAT, 0600);
	assert_true(target >= 0);
	while (sendfile(target, source, NULL, 1 << 20) > 0)
		;
	close(source);
	close(target);
}

static inline void
fixture_copy_folder(const char *from, const char *into)
{
	DIR *folder = opendir(from);
	const struct dirent *entry;
	char source[512], target[512];
	struct stat state;
	assert_non_null(folder);
	assert_int_equal(mkdir(into, 0700), 0);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
		snprintf(target, sizeof target, "%s/%s", into, entry->d_name);
		/* The keys' own threads remove files that nothing names any more. */
		if (stat(source, &state)) {
			assert_int_equal(errno, ENOENT);
			continue;
		}
		if (S_ISDIR(state.st_mode))
			fixture_copy_folder(source, target);
		else
			fixture_copy_file(source, target);
	}
	closedir(folder);
}

static inline struct store_hash
hash_of(struct slice s)
{
	struct store_hash hash;
	base_sha256_of(s, hash.bytes);
	return hash;
}

/* What files the keys are in, whatever the order: names' hashes summed up. */
static inline uint64_t
fixture_files(const struct fixture *fixture)
{
	char path[128];
	snprintf(path, sizeof path, "%s/keys", fixture->folder);
	DIR *folder = opendir(path);
	const struct dirent *entry;
	uint64_t sum = 0;
	assert_non_null(folder);
	while ((entry = readdir(folder)))
		sum += base_crc32c(1, slice_of_text(entry->d_name));
	closedir(folder);
	return sum;
}

/* Closed, with the files as a kill would leave them now. Nothing may be under way. */
static inline void
fixture_kill(struct fixture *fixture)
{
	char killed[128];
	uint64_t before;
	snprintf(killed, sizeof killed, "%s.killed", fixture->folder);
	do {
		fixture_remove(killed);
		before = fixture_files(fixture);
		fixture_copy_folder(fixture->folder, killed);
	} while (before != fixture_files(fixture));
	fixture_close(fixture);
	fixture_remove(fixture->folder);
	assert_int_equal(rename(killed, fixture->folder), 0);
}

static inline int
fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/troika-store-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->clock = base_clock_create();
	fixture->arena = arena_create(ARENA_NO_CEILING);
	fixture->settings.folder = fixture->folder;
	fixture->settings.clock = fixture->clock;
	fixture_open(fixture);
	*state = fixture;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *fixture = *state;
	store_close(fixture->store);
	fixture_remove(fixture->folder);
	base_clock_destroy(fixture->clock);
	arena_destroy(fixture->arena);
	free(fixture);
	return 0;
}

static inline struct store_turn *
fixture_begin(struct store_space *space)
{
	struct store_turn *turn;
	assert_int_equal(store_begin(space, STORE_CHANGE, &turn), BASE_OK);
	return turn;
}

/* Submits and waits. */
static inline enum base_failure
fixture_commit(struct store_turn *turn)
{
	struct base_ticket *ticket = store_submit(&turn);
	enum base_failure outcome = base_ticket_wait(ticket);
	base_ticket_drop(ticket);
	return outcome;
}

static inline void
fixture_put(struct store_space *space, const char *key, const char *value)
{
	struct store_turn *turn = fixture_begin(space);
	store_put(turn, slice_of_text(key), slice_of_text(value));
	assert_int_equal(fixture_commit(turn), BASE_OK);
}

static inline void
assert_slice(struct slice s, const char *expected)
{
	if (!slice_equal(s, slice_of_text(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(s), expected);
}

/* expected NULL: the key must not be there. */
static inline void
assert_row(struct fixture *fixture, struct store_space *space, const char *key,
	const char *expected)
{
	struct slice value;
	enum base_failure failure =
		store_get(space, slice_of_text(key), fixture->arena, &value);
	assert_int_equal(failure, expected ? BASE_OK : BASE_NOT_FOUND);
	if (expected)
		assert_slice(value, expected);
}

static inline struct store_blob *
blob_of(struct store *store, struct slice bytes, struct slice trace)
{
	struct store_hash hash = hash_of(bytes);
	struct buffer copy = buffer_with(STORE_BLOB_IN_MEMORY_MOST);
	buffer_put(&copy, bytes);
	return store_blob_of_memory(store, &hash, trace, &copy);
}

/* One commit that stores these bytes under this owner. */
static inline struct store_hash
fixture_deliver(struct fixture *fixture, struct store_space *space, struct slice bytes,
	const char *owner)
{
	struct store_blob *blob = blob_of(fixture->store, bytes, SLICE("trace"));
	struct store_turn *turn = fixture_begin(space);
	store_reference(turn, blob, slice_of_text(owner));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	store_blob_drop(blob);
	return hash_of(bytes);
}

static inline void
fixture_forget(struct store_space *space, const struct store_hash *hash, const char *owner)
{
	struct store_turn *turn = fixture_begin(space);
	store_dereference(turn, hash, slice_of_text(owner));
	assert_int_equal(fixture_commit(turn), BASE_OK);
}

static inline void
assert_blob(struct fixture *fixture, const struct store_hash *hash, struct slice expected)
{
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, hash, &reader), BASE_OK);
	assert_int_equal(store_reader_size(reader), expected.length);
	char *bytes = malloc(expected.length + 1);
	size_t got;
	assert_int_equal(
		store_reader_read(reader, 0, bytes, expected.length + 1, &got), BASE_OK);
	assert_int_equal(got, expected.length);
	assert_memory_equal(bytes, expected.data, expected.length);
	free(bytes);
	store_reader_close(reader);
}

/* Bytes that do not compress and differ by seed. In the fixture's arena. */
static inline struct slice
noise(struct fixture *fixture, size_t size, uint64_t seed)
{
	char *bytes = arena_take(fixture->arena, size);
	for (size_t i = 0; i < size; i++) {
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		bytes[i] = (char)(seed >> 56);
	}
	return slice_of(bytes, size);
}

/* Bytes that compress well, and still differ everywhere. */
static inline struct slice
words(struct fixture *fixture, size_t size)
{
	char *bytes = arena_take(fixture->arena, size + 1);
	for (size_t i = 0; i + 10 <= size; i += 10)
		snprintf(bytes + i, 11, "line %04zu\n", i / 10 % 10000);
	return slice_of(bytes, size);
}

#endif
