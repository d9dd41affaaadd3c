#include "store/segment.h"
#include "store/test-fixture.h"

/* Bytes that change, files that go: found, named, never passed on. */

static off_t
size_of(const char *path)
{
	struct stat state;
	assert_int_equal(stat(path, &state), 0);
	return state.st_size;
}

/* The newest file in this folder whose name ends so. Gives the size of all of them. */
static off_t
find_file(
	const struct fixture *fixture, const char *folder, const char *end, char path[512])
{
	char name[256], each[512];
	snprintf(name, sizeof name, "%s/%s", fixture->folder, folder);
	DIR *entries = opendir(name);
	const struct dirent *entry;
	off_t size = 0;
	assert_non_null(entries);
	path[0] = '\0';
	while ((entry = readdir(entries))) {
		if (!slice_ends(slice_of_text(entry->d_name), slice_of_text(end)))
			continue;
		snprintf(each, sizeof each, "%s/%s", name, entry->d_name);
		size += size_of(each);
		if (strcmp(each, path) > 0)
			memcpy(path, each, sizeof each);
	}
	closedir(entries);
	assert_true(path[0]);
	return size;
}

static void
write_at(const char *path, off_t offset, struct slice bytes)
{
	int descriptor = open(path, O_WRONLY);
	assert_true(descriptor >= 0);
	assert_int_equal(
		pwrite(descriptor, bytes.data, bytes.length, offset), bytes.length);
	close(descriptor);
}

/* A store whose key log holds two commits, and one segment of one blob; killed. */
static struct store_hash
prepare(struct fixture *fixture)
{
	fixture_reopen(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_put(space, "a", "1");
	struct store_hash hash =
		fixture_deliver(fixture, space, noise(fixture, 300000, 1), "m");
	store_space_close(space);
	fixture_kill(fixture);
	return hash;
}

/* As before, but stopped: each commit in it was completed. */
static struct store_hash
prepare_stopped(struct fixture *fixture)
{
	struct store_hash hash = prepare(fixture);
	fixture_open(fixture);
	fixture_close(fixture);
	return hash;
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
test_changed_body(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hash = prepare_stopped(fixture);
	char path[512], bytes[200000];
	size_t got;
	find_file(fixture, "blobs", ".blobs", path);
	write_at(path, 150000, SLICE("XXXX"));
	fixture_open(fixture);
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, &hash, &reader), BASE_OK);
	assert_int_equal(store_reader_read(reader, 0, bytes, 131072, &got), BASE_OK);
	assert_int_equal(store_reader_read(reader, 131072, bytes, 10, &got), BASE_DAMAGED);
	assert_int_equal(
		store_reader_read(reader, 131072, bytes, 131072, &got), BASE_DAMAGED);
	store_reader_close(reader);
	struct store_verdict verdict;
	assert_int_equal(store_verify(fixture->store, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.damaged, 1);
}

static void
test_changed_head_and_tail(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hash = prepare_stopped(fixture);
	struct store_reader *reader;
	char path[512];
	find_file(fixture, "blobs", ".blobs", path);
	write_at(path, size_of(path) - 2, SLICE("XX"));
	fixture_open(fixture);
	assert_int_equal(store_reader_open(fixture->store, &hash, &reader), BASE_DAMAGED);
	fixture_close(fixture);
	write_at(path, 40, SLICE("XX"));
	fixture_open(fixture);
	assert_int_equal(store_reader_open(fixture->store, &hash, &reader), BASE_DAMAGED);
}

static void
test_segment_gone_or_short(void **state)
{
	struct fixture *fixture = *state;
	prepare_stopped(fixture);
	char path[512];
	find_file(fixture, "blobs", ".blobs", path);
	assert_int_equal(truncate(path, size_of(path) - 1), 0);
	assert_refused(fixture, BASE_DAMAGED, ".blobs");
	assert_int_equal(unlink(path), 0);
	assert_refused(fixture, BASE_DAMAGED, ".blobs");
}

static void
test_bytes_past_the_end_are_ignored(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hash = prepare(fixture);
	char path[512], stray[640];
	find_file(fixture, "blobs", ".blobs", path);
	write_at(path, size_of(path), noise(fixture, 5000, 3));
	snprintf(stray, sizeof stray, "%s/blobs/00000000000000aa.blobs", fixture->folder);
	int descriptor = open(stray, O_CREAT | O_WRONLY, 0600);
	close(descriptor);
	fixture_open(fixture);
	assert_int_equal(access(stray, F_OK), -1);
	assert_blob(fixture, &hash, noise(fixture, 300000, 1));
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_deliver(fixture, space, SLICE("more"), "n");
	snprintf(stray, sizeof stray, "%s/blobs/00000000000000ab.blobs", fixture->folder);
	assert_int_equal(access(stray, F_OK), 0);
	store_space_close(space);
}

/* Behind it there may be zeros, in store for what is written next. */
static off_t
last_byte_written(const char *path)
{
	int descriptor = open(path, O_RDONLY);
	off_t at = size_of(path);
	char byte = 0;
	assert_true(descriptor >= 0);
	while (!byte && at > 0)
		assert_int_equal(pread(descriptor, &byte, 1, --at), 1);
	close(descriptor);
	return at;
}

static void
test_torn_log_is_cut(void **state)
{
	struct fixture *fixture = *state;
	prepare(fixture);
	char path[512];
	find_file(fixture, "keys", ".log", path);
	assert_int_equal(truncate(path, last_byte_written(path)), 0);
	fixture_open(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "a", "1");
	assert_int_equal(store_space_version(space), 1);
	store_space_close(space);
}

/* Pages of one torn batch may land out of order. */
static void
test_hole_in_the_last_batch_is_cut(void **state)
{
	struct fixture *fixture = *state;
	fixture_reopen(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_put(space, "a", "1");
	struct store_turn *turn = fixture_begin(space);
	store_put(turn, SLICE("large"), noise(fixture, 100000, 1));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	store_space_close(space);
	fixture_kill(fixture);
	char path[512];
	find_file(fixture, "keys", ".log", path);
	write_at(path, 8192, arena_copy(fixture->arena, slice_of((char[4096]){0}, 4096)));
	fixture_open(fixture);
	space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "a", "1");
	assert_row(fixture, space, "large", NULL);
	store_space_close(space);
}

static void
test_damage_in_the_middle_is_refused(void **state)
{
	struct fixture *fixture = *state;
	prepare(fixture);
	char path[512];
	find_file(fixture, "keys", ".log", path);
	write_at(path, 20, SLICE("XX"));
	assert_refused(fixture, BASE_DAMAGED, ".log");
	fixture->settings.read_only = true;
	assert_refused(fixture, BASE_DAMAGED, ".log");
	fixture->settings.read_only = false;
	write_at(path, 4, SLICE("\xff\xff"));
	assert_refused(fixture, BASE_DAMAGED, ".log");
}

/* The MANIFEST, which CURRENT names. */
static void
find_manifest(const struct fixture *fixture, char path[512])
{
	char current[128], name[64] = "";
	snprintf(current, sizeof current, "%s/keys/CURRENT", fixture->folder);
	int descriptor = open(current, O_RDONLY);
	ssize_t length = read(descriptor, name, sizeof name - 1);
	close(descriptor);
	assert_true(length > 0);
	name[length - 1] = '\0';
	snprintf(path, 512, "%s/keys/%s", fixture->folder, name);
}

/* Where the next page begins there is a whole record; the rest of this page never came. */
static void
tear_manifest(const struct fixture *fixture)
{
	char path[512], record[] = "\0\0\0\0\x02\x00\x01\x03\x77";
	uint32_t crc = base_crc32c(0, slice_of(record + 6, 3));
	find_manifest(fixture, path);
	crc = ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
	for (size_t i = 0; i < 4; i++)
		record[i] = (char)(crc >> (8 * i));
	write_at(path, (size_of(path) / 4096 + 1) * 4096,
		slice_of(record, sizeof record - 1));
}

/* Several records may share a sync: no change is lost while the logs have them all. */
static void
test_records_torn_together_are_cut(void **state)
{
	struct fixture *fixture = *state;
	prepare(fixture);
	tear_manifest(fixture);
	fixture_open(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "a", "1");
	store_space_close(space);
}

static void
test_damaged_list_of_tables_is_refused(void **state)
{
	struct fixture *fixture = *state;
	prepare_stopped(fixture);
	tear_manifest(fixture);
	assert_refused(fixture, BASE_DAMAGED, "MANIFEST");
}

/* So the next start is quick, however much was written. */
static void
test_close_leaves_no_log_to_read(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_put(space, "a", "1");
	store_space_close(space);
	fixture_close(fixture);
	char path[512];
	assert_int_equal(find_file(fixture, "keys", ".log", path), 0);
	fixture_open(fixture);
	space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "a", "1");
	store_space_close(space);
}

static void
test_lost_keys_are_not_a_new_store(void **state)
{
	struct fixture *fixture = *state;
	prepare(fixture);
	char keys[512];
	snprintf(keys, sizeof keys, "%s/keys", fixture->folder);
	fixture_remove(keys);
	assert_refused(fixture, BASE_DAMAGED, "keys");
}

static void
test_absent_store_is_not_made_read_only(void **state)
{
	struct fixture *fixture = *state;
	fixture_close(fixture);
	fixture_remove(fixture->folder);
	fixture->settings.read_only = true;
	assert_refused(fixture, BASE_NOT_FOUND, fixture->folder);
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_changed_body),
		WITH_STORE(test_changed_head_and_tail),
		WITH_STORE(test_segment_gone_or_short),
		WITH_STORE(test_bytes_past_the_end_are_ignored),
		WITH_STORE(test_torn_log_is_cut),
		WITH_STORE(test_hole_in_the_last_batch_is_cut),
		WITH_STORE(test_damage_in_the_middle_is_refused),
		WITH_STORE(test_records_torn_together_are_cut),
		WITH_STORE(test_damaged_list_of_tables_is_refused),
		WITH_STORE(test_close_leaves_no_log_to_read),
		WITH_STORE(test_lost_keys_are_not_a_new_store),
		WITH_STORE(test_absent_store_is_not_made_read_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
