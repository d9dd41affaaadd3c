#include "store/ahead.h"
#include "store/segment.h"
#include "store/test-fixture.h"

/*
 * A group's blobs and its batch are synced side by side. When the power goes, one may have
 * come to the disk without the other; a group that was completed stays, whatever happened.
 */

static void
path_of_log(const struct fixture *fixture, char path[512])
{
	char name[256];
	snprintf(name, sizeof name, "%s/keys", fixture->folder);
	DIR *entries = opendir(name);
	const struct dirent *entry;
	char newest[256] = "";
	assert_non_null(entries);
	while ((entry = readdir(entries)))
		if (slice_ends(slice_of_text(entry->d_name), SLICE(".log")) &&
			strcmp(entry->d_name, newest) > 0)
			snprintf(newest, sizeof newest, "%s", entry->d_name);
	closedir(entries);
	snprintf(path, 512, "%s/%s", name, newest);
}

static void
path_of_segment(const struct fixture *fixture, char path[512])
{
	snprintf(path, 512, "%s/blobs/0000000000000001.blobs", fixture->folder);
}

static off_t
size_of(const char *path)
{
	struct stat state;
	assert_int_equal(stat(path, &state), 0);
	return state.st_size;
}

/* One commit for each text, in order; then killed. */
static void
deliver_and_kill(struct fixture *fixture, const char *const *texts, size_t count)
{
	fixture_reopen(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	for (size_t i = 0; i < count; i++)
		fixture_deliver(fixture, space, slice_of_text(texts[i]), texts[i]);
	store_space_close(space);
	fixture_kill(fixture);
}

static const char *const TEXTS[] = {"the first", "the second", "the third"};

static off_t
offset_of(const char *path, const char *text)
{
	size_t size = (size_t)size_of(path), length = strlen(text);
	char *bytes = malloc(size + 1);
	assert_non_null(bytes);
	int descriptor = open(path, O_RDONLY);
	assert_int_equal(pread(descriptor, bytes, size, 0), size);
	close(descriptor);
	size_t at = slice_find(slice_of(bytes, size), slice_of(text, length));
	free(bytes);
	assert_true(at < size);
	return (off_t)at;
}

/* As if its page had not been written. */
static void
lose(const struct fixture *fixture, const char *text)
{
	char path[512];
	path_of_segment(fixture, path);
	off_t at = offset_of(path, text);
	int descriptor = open(path, O_WRONLY);
	assert_int_equal(pwrite(descriptor, "\0\0\0", 3, at), 3);
	close(descriptor);
}

static uint64_t
version(struct fixture *fixture)
{
	struct store_space *space = store_space_open(fixture->store, 1);
	uint64_t number = store_space_version(space);
	store_space_close(space);
	return number;
}

static void
assert_there(struct fixture *fixture, const char *text, enum base_failure expected)
{
	struct store_hash hash = hash_of(slice_of_text(text));
	struct store_reader *reader;
	char bytes[100];
	size_t got;
	enum base_failure failure = store_reader_open(fixture->store, &hash, &reader);
	if (!failure)
		failure = store_reader_read(reader, 0, bytes, sizeof bytes, &got);
	store_reader_close(reader);
	assert_int_equal(failure, expected);
}

static void
assert_refused(struct fixture *fixture, enum base_failure expected, const char *part)
{
	struct base_error error = {0};
	assert_int_equal(fixture_try_open(fixture, &error), expected);
	if (!strstr(error.text, part))
		fail_msg("\"%s\" does not name \"%s\"", error.text, part);
}

static void
assert_clean(struct fixture *fixture)
{
	struct store_verdict verdict;
	assert_int_equal(store_verify(fixture->store, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.damaged + verdict.missing + verdict.unreferenced, 0);
}

static void
test_whole_is_kept(void **state)
{
	struct fixture *fixture = *state;
	deliver_and_kill(fixture, TEXTS, 2);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_OK);
	assert_clean(fixture);
}

static void
test_batch_without_its_blob_is_cut(void **state)
{
	struct fixture *fixture = *state;
	deliver_and_kill(fixture, TEXTS, 2);
	lose(fixture, TEXTS[1]);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 1);
	assert_there(fixture, TEXTS[0], BASE_OK);
	assert_there(fixture, TEXTS[1], BASE_NOT_FOUND);
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_deliver(fixture, space, slice_of_text(TEXTS[1]), "again");
	store_space_close(space);
	fixture_reopen(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_OK);
	assert_clean(fixture);
}

/* The control: it is the look that found it. */
static void
test_it_would_stay_uncut(void **state)
{
	struct fixture *fixture = *state;
	deliver_and_kill(fixture, TEXTS, 2);
	lose(fixture, TEXTS[1]);
	fixture->settings.keep_last_group = true;
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_DAMAGED);
}

static void
test_group_before_the_last_is_kept(void **state)
{
	struct fixture *fixture = *state;
	deliver_and_kill(fixture, TEXTS, 2);
	lose(fixture, TEXTS[0]);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[0], BASE_DAMAGED);
	assert_there(fixture, TEXTS[1], BASE_OK);
}

/* The third was begun, so the second was completed. */
static void
test_group_before_a_torn_one_is_kept(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 3);
	path_of_log(fixture, path);
	assert_int_equal(truncate(path, offset_of(path, TEXTS[2])), 0);
	lose(fixture, TEXTS[1]);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_DAMAGED);
	assert_there(fixture, TEXTS[2], BASE_NOT_FOUND);
}

static void
put_zeros_behind(const char *path)
{
	static const char zeros[100000];
	int descriptor = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(descriptor, zeros, sizeof zeros), sizeof zeros);
	close(descriptor);
}

/* Zeros ahead tell nothing of whether another group was begun. */
static void
test_zeros_behind_the_last(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 2);
	path_of_log(fixture, path);
	put_zeros_behind(path);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_OK);
	assert_clean(fixture);
}

static void
test_zeros_behind_one_without_its_blob(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 2);
	path_of_log(fixture, path);
	put_zeros_behind(path);
	lose(fixture, TEXTS[1]);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 1);
	assert_there(fixture, TEXTS[1], BASE_NOT_FOUND);
	assert_clean(fixture);
}

/* Torn, and zeros behind it: then the group before is known to be complete. */
static void
test_group_before_a_torn_one_with_zeros(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 3);
	path_of_log(fixture, path);
	assert_int_equal(truncate(path, offset_of(path, TEXTS[2])), 0);
	put_zeros_behind(path);
	lose(fixture, TEXTS[1]);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_DAMAGED);
}

/* RocksDB cut it when it left it; perhaps that never came to the disk. */
static void
test_zeros_in_a_log_before(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 2);
	path_of_log(fixture, path);
	put_zeros_behind(path);
	lose(fixture, TEXTS[1]);
	snprintf(path, sizeof path, "%s/keys/999999.log", fixture->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	put_zeros_behind(path);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_DAMAGED);
}

/* A sync of blocks that are there already changes nothing of the file system's own. */
static void
test_log_is_filled_ahead(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	fixture_reopen(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_deliver(fixture, space, SLICE("first"), "a");
	path_of_log(fixture, path);
	for (int tries = 0; (uint64_t)size_of(path) < STORE_AHEAD_KEYS; tries++) {
		assert_true(tries < 10000);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	off_t filled = size_of(path);
	struct store_hash second = fixture_deliver(fixture, space, SLICE("second"), "b");
	assert_int_equal(size_of(path), filled);
	store_space_close(space);
	fixture_kill(fixture);
	fixture->settings.read_only = true;
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	fixture_close(fixture);
	fixture->settings.read_only = false;
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_blob(fixture, &second, SLICE("second"));
	assert_clean(fixture);
}

/* A log is begun with a batch, or by an open that had looked already. */
static void
test_group_before_an_empty_log_is_kept(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 2);
	lose(fixture, TEXTS[1]);
	snprintf(path, sizeof path, "%s/keys/999999.log", fixture->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	assert_there(fixture, TEXTS[1], BASE_DAMAGED);
}

static void
test_new_segment_that_never_came(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 1);
	path_of_segment(fixture, path);
	assert_int_equal(unlink(path), 0);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 0);
	assert_there(fixture, TEXTS[0], BASE_NOT_FOUND);
	assert_clean(fixture);
}

static void
test_old_segment_that_is_gone(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 2);
	path_of_segment(fixture, path);
	assert_int_equal(unlink(path), 0);
	assert_refused(fixture, BASE_DAMAGED, ".blobs");
}

static void
test_segment_that_is_short(void **state)
{
	struct fixture *fixture = *state;
	char path[512];
	deliver_and_kill(fixture, TEXTS, 2);
	path_of_segment(fixture, path);
	assert_int_equal(truncate(path, offset_of(path, TEXTS[1]) + 2), 0);
	fixture_open(fixture);
	assert_int_equal(version(fixture), 1);
	fixture_close(fixture);
	assert_int_equal(truncate(path, offset_of(path, TEXTS[0]) + 2), 0);
	assert_refused(fixture, BASE_DAMAGED, ".blobs");
}

static void
test_reader_that_may_not_cut(void **state)
{
	struct fixture *fixture = *state;
	deliver_and_kill(fixture, TEXTS, 2);
	fixture->settings.read_only = true;
	fixture_open(fixture);
	assert_int_equal(version(fixture), 2);
	fixture_close(fixture);
	lose(fixture, TEXTS[1]);
	assert_refused(fixture, BASE_UNAVAILABLE, ".log");
	fixture->settings.read_only = false;
	fixture_open(fixture);
	assert_int_equal(version(fixture), 1);
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_whole_is_kept),
		WITH_STORE(test_batch_without_its_blob_is_cut),
		WITH_STORE(test_it_would_stay_uncut),
		WITH_STORE(test_group_before_the_last_is_kept),
		WITH_STORE(test_group_before_a_torn_one_is_kept),
		WITH_STORE(test_zeros_behind_the_last),
		WITH_STORE(test_zeros_behind_one_without_its_blob),
		WITH_STORE(test_group_before_a_torn_one_with_zeros),
		WITH_STORE(test_zeros_in_a_log_before),
		WITH_STORE(test_log_is_filled_ahead),
		WITH_STORE(test_group_before_an_empty_log_is_kept),
		WITH_STORE(test_new_segment_that_never_came),
		WITH_STORE(test_old_segment_that_is_gone),
		WITH_STORE(test_segment_that_is_short),
		WITH_STORE(test_reader_that_may_not_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
