#include "store/internal.h"

#define READ_SIZE ((size_t)STORE_FRAME_SIZE)

/* Hash order for blobs and references alike: the two are walked side by side. */
struct verification {
	struct store *store;
	struct rocks_moment *moment;
	void (*problem)(void *argument, const char *sentence);
	bool (*go_on)(void *argument, const struct store_verdict *so_far); /* or NULL */
	void *argument;
	struct store_verdict *verdict;
	struct base_sha256 *sha256;
	char *bytes;
	struct map *alive; /* segment number to bytes of records, as a number */
};

static void tell(const struct verification *v, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
tell(const struct verification *v, const char *format, ...)
{
	char sentence[256];
	if (!v->problem)
		return;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	v->problem(v->argument, sentence);
}

static void
name_hash(const struct store_hash *hash, char name[2 * STORE_HASH_SIZE + 1])
{
	for (size_t i = 0; i < STORE_HASH_SIZE; i++)
		snprintf(name + 2 * i, 3, "%02x", hash->bytes[i]);
}

static void
tell_blob(const struct verification *v, const struct store_hash *hash, const char *what)
{
	char name[2 * STORE_HASH_SIZE + 1];
	name_hash(hash, name);
	tell(v, "blob %s: %s", name, what);
}

static struct rocks_rows *
rows_of(const struct verification *v, enum store_key_kind kind)
{
	char first = (char)kind;
	struct store_key until = store_key_kind_end(kind);
	return rocks_rows_open(
		v->store->keys, v->moment, slice_of(&first, 1), store_key_slice(&until));
}

static enum base_failure
count_rows(const struct verification *v)
{
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rows_of(v, STORE_KEY_ROW);
	struct slice key, value;
	while (rocks_rows_next(rows, &key, &value))
		v->verdict->keys++;
	return rocks_rows_failure(rows);
}

static enum base_failure
read_through(
	const struct verification *v, struct store_reader *reader, struct store_hash *hash)
{
	base_sha256_reset(v->sha256);
	uint64_t size = store_reader_size(reader);
	for (uint64_t offset = 0; offset < size;) {
		size_t got;
		enum base_failure failure =
			store_reader_read(reader, offset, v->bytes, READ_SIZE, &got);
		if (failure)
			return failure;
		base_sha256_add(v->sha256, slice_of(v->bytes, got));
		offset += got;
	}
	base_sha256_end(v->sha256, hash->bytes);
	v->verdict->blob_bytes += size;
	return BASE_OK;
}

static void
check_blob(const struct verification *v, const struct store_hash *hash)
{
	struct store_reader *reader;
	struct store_hash found;
	v->verdict->blobs++;
	enum base_failure failure = store_reader_open(v->store, hash, &reader);
	if (!failure)
		failure = read_through(v, reader, &found);
	store_reader_close(reader);
	if (!failure && memcmp(&found, hash, sizeof found) == 0)
		return;
	v->verdict->damaged++;
	tell_blob(v, hash,
		failure ? "cannot be read whole" : "other bytes than its hash says");
}

static void
add_alive(const struct verification *v, const struct store_place *place)
{
	struct slice key = slice_of(&place->segment, sizeof place->segment);
	uintptr_t before = (uintptr_t)map_get(v->alive, key);
	map_put(v->alive, key, (void *)(before + place->size));
}

/* The references to one hash, or the place that the references lack. */
struct references {
	struct rocks_rows *rows;
	bool more;
	struct store_hash hash; /* of the row it stands at */
};

static void
next_reference(struct references *references)
{
	struct slice key, value;
	references->more = rocks_rows_next(references->rows, &key, &value) &&
			   store_key_take_hash(key, &references->hash);
}

static uint64_t
count_same(const struct verification *v, struct references *references)
{
	struct store_hash hash = references->hash;
	uint64_t count = 0;
	while (references->more && memcmp(&references->hash, &hash, sizeof hash) == 0) {
		count++;
		next_reference(references);
	}
	v->verdict->references += count;
	return count;
}

/* Everything up to this hash (NULL: all) has references but no place. */
static void
tell_missing(const struct verification *v, struct references *references,
	const struct store_hash *until)
{
	while (references->more &&
		(!until || memcmp(&references->hash, until, sizeof *until) < 0)) {
		tell_blob(v, &references->hash, "referenced, but not there");
		v->verdict->missing++;
		count_same(v, references);
	}
}

static void
check_place(const struct verification *v, struct references *references, struct slice key,
	struct slice value)
{
	struct store_hash hash;
	struct store_place place;
	if (!store_key_take_hash(key, &hash) || !store_value_take_place(value, &place)) {
		v->verdict->damaged++;
		tell(v, "a blob's place cannot be read");
		return;
	}
	tell_missing(v, references, &hash);
	bool referenced =
		references->more && memcmp(&references->hash, &hash, sizeof hash) == 0;
	if (referenced)
		count_same(v, references);
	else
		v->verdict->unreferenced++;
	add_alive(v, &place);
	v->verdict->kept_bytes += place.size;
	check_blob(v, &hash);
}

static enum base_failure
check_blobs(const struct verification *v)
{
	SCOPED(rocks_rows_release)
	struct rocks_rows *places = rows_of(v, STORE_KEY_PLACE);
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rows_of(v, STORE_KEY_REFERENCE);
	struct references references = {.rows = rows};
	struct slice key, value;
	next_reference(&references);
	while (rocks_rows_next(places, &key, &value)) {
		if (v->go_on && !v->go_on(v->argument, v->verdict))
			return BASE_CANCELLED;
		check_place(v, &references, key, value);
	}
	tell_missing(v, &references, NULL);
	enum base_failure failure = rocks_rows_failure(places);
	return failure ? failure : rocks_rows_failure(rows);
}

/* What collect goes by must agree with the places. */
static enum base_failure
check_extents(const struct verification *v)
{
	SCOPED(rocks_rows_release)
	struct rocks_rows *rows = rows_of(v, STORE_KEY_SEGMENT);
	struct slice key, value;
	while (rocks_rows_next(rows, &key, &value)) {
		uint64_t number;
		struct store_extent extent;
		if (!store_key_take_segment(key, &number) ||
			!store_value_take_extent(value, &extent))
			return BASE_DAMAGED;
		uintptr_t alive =
			(uintptr_t)map_get(v->alive, slice_of(&number, sizeof number));
		if (alive + extent.dead + STORE_SEGMENT_HEADER != extent.valid)
			tell(v,
				"segment %llx: %llu bytes, of which %llu are dead and %llu "
				"alive",
				(unsigned long long)number,
				(unsigned long long)extent.valid,
				(unsigned long long)extent.dead, (unsigned long long)alive);
	}
	return rocks_rows_failure(rows);
}

enum base_failure
store_verify(struct store *store, void (*problem)(void *argument, const char *sentence),
	void *argument, struct store_verdict *verdict)
{
	return store_verify_while(store, problem, NULL, argument, verdict);
}

enum base_failure
store_verify_while(struct store *store,
	void (*problem)(void *argument, const char *sentence),
	bool (*go_on)(void *argument, const struct store_verdict *so_far), void *argument,
	struct store_verdict *verdict)
{
	*verdict = (struct store_verdict){0};
	pthread_mutex_lock(&store->upkeep_lock);
	struct store_moment *moment = store_moment_take(store);
	struct verification v = {.store = store,
		.moment = moment->rocks,
		.problem = problem,
		.go_on = go_on,
		.argument = argument,
		.verdict = verdict,
		.sha256 = base_sha256_create(),
		.bytes = malloc(READ_SIZE),
		.alive = map_create()};
	ASSERT(v.bytes);
	enum base_failure failure = count_rows(&v);
	if (!failure)
		failure = check_blobs(&v);
	if (!failure)
		failure = check_extents(&v);
	pthread_mutex_unlock(&store->upkeep_lock);
	map_destroy(v.alive);
	free(v.bytes);
	base_sha256_destroy(v.sha256);
	store_moment_drop(moment);
	return failure;
}
