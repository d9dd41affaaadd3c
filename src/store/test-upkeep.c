#include "store/internal.h"
#include "store/test-fixture.h"
#include <pthread.h>

/* Collect, checkpoint, verify. */

struct problems {
	size_t count;
	char last[256];
};

static void
note_problem(void *argument, const char *sentence)
{
	struct problems *problems = argument;
	problems->count++;
	snprintf(problems->last, sizeof problems->last, "%s", sentence);
}

static struct store_verdict
verify(struct fixture *fixture, size_t problems)
{
	struct problems found = {0};
	struct store_verdict verdict;
	assert_int_equal(
		store_verify(fixture->store, note_problem, &found, &verdict), BASE_OK);
	if (found.count != problems)
		fail_msg("%zu problems, not %zu: %s", found.count, problems, found.last);
	return verdict;
}

static uint64_t
collect(struct fixture *fixture, uint64_t budget)
{
	uint64_t freed;
	assert_int_equal(store_collect(fixture->store, budget, &freed), BASE_OK);
	return freed;
}

static uint64_t
segment_count(struct fixture *fixture)
{
	struct store_stats stats;
	store_stats(fixture->store, &stats);
	return stats.segments;
}

#define MAILS 40

/* Reopening ends the segment they are in. */
static struct store_space *
deliver_mails(struct fixture *fixture, struct store_hash *hashes)
{
	struct store_space *space = store_space_open(fixture->store, 1);
	for (size_t i = 0; i < MAILS; i++)
		hashes[i] =
			fixture_deliver(fixture, space, noise(fixture, 2000, i), "owner");
	store_space_close(space);
	fixture_reopen(fixture);
	return store_space_open(fixture->store, 1);
}

static bool
three_blobs(void *argument, const struct store_verdict *so_far)
{
	(void)argument;
	return so_far->blobs < 3;
}

static void
test_verify_ends_when_nobody_waits(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hashes[MAILS];
	struct store_verdict verdict;
	struct store_space *space = deliver_mails(fixture, hashes);
	assert_int_equal(
		store_verify_while(fixture->store, NULL, three_blobs, NULL, &verdict),
		BASE_CANCELLED);
	assert_int_equal(verdict.blobs, 3);
	store_space_close(space);
}

static void
assert_gone(struct fixture *fixture, const struct store_hash *hash)
{
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, hash, &reader), BASE_NOT_FOUND);
}

static void
test_collect_keeps_what_is_alive(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hashes[MAILS];
	struct store_space *space = deliver_mails(fixture, hashes);
	assert_int_equal(collect(fixture, UINT64_MAX), 0);
	for (size_t i = 0; i < MAILS; i++)
		if (i % 4)
			fixture_forget(space, &hashes[i], "owner");
	struct store_verdict verdict = verify(fixture, 0);
	assert_int_equal(verdict.unreferenced, MAILS * 3 / 4);
	assert_int_equal(collect(fixture, 0), 0);
	assert_true(collect(fixture, UINT64_MAX) > MAILS / 2 * 2000);
	assert_int_equal(segment_count(fixture), 1);
	for (size_t i = 0; i < MAILS; i++) {
		if (i % 4)
			assert_gone(fixture, &hashes[i]);
		else
			assert_blob(fixture, &hashes[i], noise(fixture, 2000, i));
	}
	verdict = verify(fixture, 0);
	assert_int_equal(verdict.blobs, MAILS / 4);
	assert_int_equal(verdict.references, MAILS / 4);
	store_space_close(space);
	fixture_reopen(fixture);
	assert_int_equal(verify(fixture, 0).blobs, MAILS / 4);
}

static void
test_collect_sees_another_reference(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *one = store_space_open(fixture->store, 1);
	struct store_space *two = store_space_open(fixture->store, 2);
	struct slice mail = noise(fixture, 100, 1);
	struct store_hash hash = fixture_deliver(fixture, one, mail, "a");
	struct store_turn *turn = fixture_begin(one);
	store_reference_stored(turn, &hash, SLICE("b"));
	store_dereference(turn, &hash, SLICE("a"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	fixture_deliver(fixture, two, mail, "c");
	collect(fixture, UINT64_MAX);
	fixture_forget(one, &hash, "b");
	collect(fixture, UINT64_MAX);
	assert_blob(fixture, &hash, mail);
	fixture_forget(two, &hash, "c");
	fixture_deliver(fixture, one, mail, "d");
	collect(fixture, UINT64_MAX);
	assert_blob(fixture, &hash, mail);
	fixture_forget(one, &hash, "d");
	collect(fixture, UINT64_MAX);
	assert_gone(fixture, &hash);
	fixture_deliver(fixture, one, mail, "e");
	assert_blob(fixture, &hash, mail);
	verify(fixture, 0);
	store_space_close(one);
	store_space_close(two);
}

struct gate {
	pthread_mutex_t lock;
};

static void
wait_for_gate(void *argument)
{
	struct gate *gate = argument;
	pthread_mutex_lock(&gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

/* So many commits wait that there is no time to compress. */
static struct store_hash
deliver_in_a_hurry(struct fixture *fixture, struct store_space *space, struct slice bytes)
{
	struct gate gate = {PTHREAD_MUTEX_INITIALIZER};
	struct base_ticket *tickets[20];
	pthread_mutex_lock(&gate.lock);
	for (size_t i = 0; i < 20; i++) {
		struct store_turn *turn = fixture_begin(space);
		store_on_durable(turn, wait_for_gate, &gate);
		tickets[i] = store_submit(&turn);
	}
	struct store_blob *blob = blob_of(fixture->store, bytes, SLICE("trace"));
	pthread_mutex_unlock(&gate.lock);
	struct base_ticket *all = base_ticket_all(tickets, 20);
	assert_int_equal(base_ticket_await(all), BASE_OK);
	struct store_turn *turn = fixture_begin(space);
	store_reference(turn, blob, SLICE("hurried"));
	store_blob_drop(blob);
	assert_int_equal(fixture_commit(turn), BASE_OK);
	return hash_of(bytes);
}

static void
test_collect_packs(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice whole = words(fixture, 300000);
	struct store_hash other =
		fixture_deliver(fixture, space, noise(fixture, 400000, 1), "other");
	struct store_stats before, after;
	store_stats(fixture->store, &before);
	struct store_hash hash = deliver_in_a_hurry(fixture, space, whole);
	store_stats(fixture->store, &after);
	assert_true(after.bytes_written - before.bytes_written > 300000);
	fixture_forget(space, &other, "other");
	store_space_close(space);
	fixture_reopen(fixture);
	uint64_t freed;
	assert_int_equal(store_collect(fixture->store, UINT64_MAX, &freed), BASE_OK);
	assert_true(freed > 400000);
	store_stats(fixture->store, &after);
	assert_true(after.bytes_written < 150000);
	assert_blob(fixture, &hash, whole);
	struct store_reader *reader;
	assert_int_equal(store_reader_open(fixture->store, &hash, &reader), BASE_OK);
	assert_slice(store_reader_trace(reader), "trace");
	store_reader_close(reader);
	assert_int_equal(verify(fixture, 0).blobs, 1);
}

static void
test_reader_pins_its_segment(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hashes[MAILS];
	struct store_space *space = deliver_mails(fixture, hashes);
	struct store_reader *reader;
	char bytes[2000];
	size_t got;
	assert_int_equal(store_reader_open(fixture->store, &hashes[1], &reader), BASE_OK);
	for (size_t i = 0; i < MAILS; i++)
		fixture_forget(space, &hashes[i], "owner");
	assert_true(collect(fixture, UINT64_MAX) > 0);
	assert_gone(fixture, &hashes[1]);
	assert_int_equal(store_reader_read(reader, 0, bytes, 2000, &got), BASE_OK);
	assert_memory_equal(bytes, noise(fixture, 2000, 1).data, 2000);
	store_reader_close(reader);
	assert_int_equal(segment_count(fixture), 0);
	store_space_close(space);
}

static void
test_collect_a_spilled_blob(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice whole = noise(fixture, 300000, 1);
	struct store_hash hash = hash_of(whole);
	struct store_spill *spill;
	struct store_blob *blob;
	assert_int_equal(store_spill_create(fixture->store, &spill), BASE_OK);
	assert_int_equal(store_spill_write(spill, whole), BASE_OK);
	assert_int_equal(
		store_blob_of_spill(fixture->store, &hash, SLICE(""), &spill, &blob),
		BASE_OK);
	struct store_turn *turn = fixture_begin(space);
	store_reference(turn, blob, SLICE("a"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	store_blob_drop(blob);
	assert_int_equal(collect(fixture, UINT64_MAX), 0);
	assert_blob(fixture, &hash, whole);
	fixture_forget(space, &hash, "a");
	assert_true(collect(fixture, 0) > 300000);
	assert_gone(fixture, &hash);
	assert_int_equal(segment_count(fixture), 0);
	store_space_close(space);
}

static void
test_checkpoint(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hashes[MAILS];
	struct store_space *space = deliver_mails(fixture, hashes);
	struct base_error error;
	char copy[80];
	snprintf(copy, sizeof copy, "%s/copy", fixture->folder);
	fixture_put(space, "a", "before");
	struct store_hash late = fixture_deliver(fixture, space, SLICE("late"), "owner");
	assert_int_equal(store_checkpoint(fixture->store, copy, &error), BASE_OK);
	assert_int_equal(store_checkpoint(fixture->store, copy, &error), BASE_EXISTS);
	fixture_put(space, "a", "after");
	struct store_hash later = fixture_deliver(fixture, space, SLICE("later"), "owner");
	for (size_t i = 0; i < MAILS; i++)
		fixture_forget(space, &hashes[i], "owner");
	collect(fixture, UINT64_MAX);
	store_space_close(space);
	fixture_close(fixture);
	fixture->settings.folder = copy;
	fixture_open(fixture);
	space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "a", "before");
	assert_blob(fixture, &hashes[3], noise(fixture, 2000, 3));
	assert_blob(fixture, &late, SLICE("late"));
	assert_gone(fixture, &later);
	fixture_put(space, "a", "the copy's own");
	fixture_deliver(fixture, space, SLICE("other"), "owner");
	assert_int_equal(verify(fixture, 0).blobs, MAILS + 2);
	store_space_close(space);
	fixture_close(fixture);
	fixture->settings.folder = fixture->folder;
	fixture_open(fixture);
	space = store_space_open(fixture->store, 1);
	assert_row(fixture, space, "a", "after");
	assert_blob(fixture, &later, SLICE("later"));
	verify(fixture, 0);
	store_space_close(space);
}

static void
test_verify_counts(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_put(space, "a", "1");
	fixture_put(space, "b", "1");
	struct store_hash hash = fixture_deliver(fixture, space, SLICE("mail"), "a");
	fixture_deliver(fixture, space, SLICE("mail"), "b");
	fixture_deliver(fixture, space, SLICE("gone"), "c");
	struct store_hash gone = hash_of(SLICE("gone"));
	fixture_forget(space, &gone, "c");
	struct store_hash nowhere = hash_of(SLICE("nowhere"));
	struct store_turn *turn = fixture_begin(space);
	store_reference_stored(turn, &nowhere, SLICE("d"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	struct store_verdict verdict = verify(fixture, 1);
	assert_int_equal(verdict.keys, 2);
	assert_int_equal(verdict.blobs, 2);
	assert_int_equal(verdict.blob_bytes, 8);
	assert_int_equal(verdict.references, 3);
	assert_int_equal(verdict.missing, 1);
	assert_int_equal(verdict.unreferenced, 1);
	assert_int_equal(verdict.damaged, 0);
	assert_blob(fixture, &hash, SLICE("mail"));
	store_space_close(space);
}

static void
test_verify_read_only(void **state)
{
	struct fixture *fixture = *state;
	struct store_hash hashes[MAILS];
	store_space_close(deliver_mails(fixture, hashes));
	fixture_close(fixture);
	fixture->settings.read_only = true;
	fixture_open(fixture);
	assert_int_equal(verify(fixture, 0).blobs, MAILS);
	assert_blob(fixture, &hashes[2], noise(fixture, 2000, 2));
	uint64_t freed;
	assert_int_equal(store_collect(fixture->store, 1, &freed), BASE_DENIED);
}

static void
test_metrics(void **state)
{
	struct fixture *fixture = *state;
	struct base_metrics *metrics = base_metrics_create();
	fixture_close(fixture);
	fixture->settings.metrics = metrics;
	fixture_open(fixture);
	struct store_space *space = store_space_open(fixture->store, 1);
	fixture_deliver(fixture, space, SLICE("letter"), "a");
	fixture_deliver(fixture, space, SLICE("letter"), "b");
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 16);
	base_metrics_render(metrics, &text);
	struct slice all = buffer_slice(&text);
	assert_true(slice_find(all, SLICE("troika_store_commits_total 2\n")) < all.length);
	assert_true(
		slice_find(all, SLICE("troika_store_blob_bytes_total 6\n")) < all.length);
	store_space_close(space);
	fixture_close(fixture);
	base_metrics_destroy(metrics);
}

/* While much waits a blob is not compressed, however well it could be. */
static struct store_hash
deliver_raw_spill(struct fixture *fixture, struct store_space *space, struct slice whole)
{
	struct store_hash hash = hash_of(whole);
	struct store_spill *spill;
	struct store_blob *blob;
	atomic_fetch_add(&fixture->store->queue.waiting_commits, 100);
	assert_int_equal(store_spill_create(fixture->store, &spill), BASE_OK);
	assert_int_equal(store_spill_write(spill, whole), BASE_OK);
	assert_int_equal(
		store_blob_of_spill(fixture->store, &hash, SLICE("trace"), &spill, &blob),
		BASE_OK);
	atomic_fetch_sub(&fixture->store->queue.waiting_commits, 100);
	struct store_turn *turn = fixture_begin(space);
	store_reference(turn, blob, SLICE("owner"));
	assert_int_equal(fixture_commit(turn), BASE_OK);
	store_blob_drop(blob);
	return hash;
}

static void
test_collect_packs_spills(void **state)
{
	struct fixture *fixture = *state;
	struct store_space *space = store_space_open(fixture->store, 1);
	struct slice text = words(fixture, 2000000), binary = noise(fixture, 1100000, 1);
	struct store_hash packs = deliver_raw_spill(fixture, space, text);
	struct store_hash stays = deliver_raw_spill(fixture, space, binary);
	struct store_reader *before;
	assert_int_equal(store_reader_open(fixture->store, &packs, &before), BASE_OK);
	assert_int_equal(collect(fixture, 0), 0);
	assert_true(collect(fixture, UINT64_MAX) > 1500000);
	assert_int_equal(collect(fixture, UINT64_MAX), 0);
	assert_int_equal(segment_count(fixture), 3); /* the old one is being read */
	char bytes[100];
	size_t got;
	assert_int_equal(
		store_reader_read(before, 1500000, bytes, sizeof bytes, &got), BASE_OK);
	assert_memory_equal(bytes, text.data + 1500000, sizeof bytes);
	store_reader_close(before);
	assert_int_equal(segment_count(fixture), 2);
	assert_blob(fixture, &packs, text);
	assert_blob(fixture, &stays, binary);
	verify(fixture, 0);
	store_space_close(space);
	fixture_reopen(fixture);
	assert_int_equal(segment_count(fixture), 2);
	assert_blob(fixture, &packs, text);
	assert_int_equal(verify(fixture, 0).blobs, 2);
	assert_int_equal(collect(fixture, UINT64_MAX), 0);
}

#define WITH_STORE(test) \
	cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(test_collect_keeps_what_is_alive),
		WITH_STORE(test_verify_ends_when_nobody_waits),
		WITH_STORE(test_collect_sees_another_reference),
		WITH_STORE(test_collect_packs),
		WITH_STORE(test_reader_pins_its_segment),
		WITH_STORE(test_collect_a_spilled_blob),
		WITH_STORE(test_checkpoint),
		WITH_STORE(test_verify_counts),
		WITH_STORE(test_verify_read_only),
		WITH_STORE(test_metrics),
		WITH_STORE(test_collect_packs_spills),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
