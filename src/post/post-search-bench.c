/*
 * Searches of one large mailbox, without protocols: post-search-bench FOLDER FILE
 * [QUERIES [NEEDLE]]. FILE holds messages, each behind its length (four bytes, big endian),
 * as bench/search_corpus.py writes them; they are brought in when FOLDER is empty. Prints
 * sizes, and processor milliseconds of a search by kinds of needle, taken from the texts at
 * random; or of the one that is given; for all that is found and for the newest of it.
 */
#include "post/mailbox-internal.h"
#include "post/message-internal.h"
#include "post/must.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"
#include "post/text-walk.h"
#include <time.h>

struct bench {
	struct base_clock *clock;
	struct store *store;
	struct post *post;
	struct post_account *account;
	struct post_mailbox *mailbox;
	struct post_view *view;
	uint64_t random, raw;
	struct buffer text; /* of the message that needles are taken from */
};

static double
milliseconds(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static uint64_t
below(struct bench *bench, uint64_t limit)
{
	bench->random ^= bench->random << 13;
	bench->random ^= bench->random >> 7;
	bench->random ^= bench->random << 17;
	return bench->random % limit;
}

/* --- mail in ------------------------------------------------------------------------- */

static void
open_all(struct bench *bench, const char *folder)
{
	struct base_error error = {0};
	struct store_settings store = {.folder = folder, .clock = bench->clock};
	must(store_open(&store, &bench->store, &error), error.text);
	struct post_settings post = {.store = bench->store,
		.clock = bench->clock,
		.host_name = SLICE("mail.troika.test")};
	must(post_open(&post, &bench->post, &error), error.text);
}

/* False: it is there since an earlier run, with its mail. */
static bool
open_account(struct bench *bench)
{
	struct base_error error = {0};
	struct post_account_info info;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice name = SLICE("anna@troika.test");
	bool fresh = post_account_find(bench->post, name, arena, &info) != BASE_OK;
	if (fresh) {
		must_be_done(post_domain_add(bench->post, SLICE("troika.test"), &error),
			"domain");
		must_be_done(post_account_add(bench->post, name, SLICE("secret"), &error),
			"account");
	}
	must(post_account_find(bench->post, name, arena, &info), "find");
	must(post_account_open(bench->post, info.id, &bench->account), "open");
	must(post_mailbox_open(bench->account, SLICE("INBOX"), &bench->mailbox), "mailbox");
	return fresh;
}

#define BATCH 200

static bool
next_message(FILE *file, struct buffer *text)
{
	unsigned char head[4];
	if (fread(head, 1, 4, file) != 4)
		return false;
	size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
			(size_t)head[2] << 8 | head[3];
	buffer_clear(text);
	char *into = buffer_reserve(text, length);
	if (!into || fread(into, 1, length, file) != length)
		return false;
	buffer_commit(text, length);
	return true;
}

static bool
append_batch(struct bench *bench, FILE *file, struct buffer *text)
{
	struct post_incoming *incoming[BATCH];
	struct post_append appends[BATCH] = {0};
	size_t count = 0;
	for (; count < BATCH && next_message(file, text); count++) {
		bench->raw += text->length;
		incoming[count] = post_incoming_create(bench->post);
		must(post_incoming_add(incoming[count], buffer_slice(text)), "add");
		must(post_incoming_seal(incoming[count]), "seal");
	}
	if (count)
		must_be_done(post_append_messages(
				     bench->mailbox, incoming, appends, count, NULL),
			"append");
	for (size_t i = 0; i < count; i++)
		post_incoming_destroy(incoming[i]);
	return count == BATCH;
}

/* --- sizes --------------------------------------------------------------------------- */

static void
read_state(struct bench *bench, struct arena *arena, struct search_state *state)
{
	must(search_state_read(bench->account->space, arena, state), "state");
}

#define DICTIONARIES_MOST 100

struct packs {
	struct arena *arena;
	uint64_t count, bytes, stored, rows;
	uint64_t dictionaries[DICTIONARIES_MOST];
	size_t dictionary_count;
};

static bool
pack_row(void *argument, struct slice key, struct slice value)
{
	struct packs *packs = argument;
	struct search_pack pack;
	(void)key;
	if (!search_pack_unpack(packs->arena, value, &pack) || !pack.count)
		return true;
	packs->count++;
	packs->rows += value.length;
	for (size_t i = 0; i < pack.frame_count; i++)
		packs->stored += pack.frames[i].stored;
	packs->bytes +=
		pack.texts[pack.count - 1].offset + pack.texts[pack.count - 1].length;
	return true;
}

static bool
dictionary_row(void *argument, struct slice key, struct slice value)
{
	struct packs *packs = argument;
	uint64_t number;
	(void)value;
	if (search_key_take_dictionary(key, &number) &&
		packs->dictionary_count < DICTIONARIES_MOST)
		packs->dictionaries[packs->dictionary_count++] = number;
	return true;
}

/* As they are in memory: the store may keep them in fewer bytes. */
static uint64_t
dictionary_bytes(struct bench *bench, struct packs *packs)
{
	uint64_t all = 0;
	struct post_key from = search_key_dictionary(UINT64_MAX),
			until = search_key_after_dictionaries();
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	must(store_scan(bench->account->space, &range, dictionary_row, packs, NULL),
		"dictionaries");
	for (size_t i = 0; i < packs->dictionary_count; i++) {
		SCOPED(buffer_free) struct buffer bytes = buffer_with(SIZE_MAX);
		must(search_dictionary_read(bench->store, bench->account->space,
			     packs->dictionaries[i], &bytes),
			"dictionary");
		all += bytes.length;
	}
	return all;
}

/* What segments consist of, together. */
static void
print_parts(struct bench *bench, const struct search_state *state)
{
	uint64_t words = 0, signatures = 0, directory = 0, singles = 0, smalls = 0,
		 larges = 0;
	for (size_t i = 0; i < state->part_count; i++) {
		SCOPED(search_opened_close) struct search_opened opened = {0};
		must(search_opened_open(bench->store, NULL, &state->parts[i].hash, &opened),
			"segment");
		const struct search_segment *segment = &opened.segment;
		words += segment->words.length;
		directory += segment->directory.length + segment->table.length;
		singles += segment->singles.length;
		smalls += segment->small_lists.length;
		larges += segment->lists_length;
		signatures += segment->signatures.length;
	}
	printf("of it words %.1f MB, places %.1f, of single messages %.1f, small lists "
	       "%.1f, large ones %.1f, joints %.1f\n",
		(double)words / 1e6, (double)directory / 1e6, (double)singles / 1e6,
		(double)smalls / 1e6, (double)larges / 1e6, (double)signatures / 1e6);
}

static void
print_sizes(struct bench *bench)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct search_state state;
	struct packs packs = {.arena = arena};
	uint64_t bytes = 0;
	struct post_key from = search_key_pack(UINT64_MAX),
			until = search_key_after_packs();
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	read_state(bench, arena, &state);
	must(store_scan(bench->account->space, &range, pack_row, &packs, NULL), "packs");
	for (size_t i = 0; i < state.part_count; i++)
		bytes += state.parts[i].bytes;
	printf("raw %.1f MB, %u messages\n", (double)bench->raw / 1e6,
		post_view_count(bench->view));
	printf("index %.1f MB = %.2f %% in %zu segments\n", (double)bytes / 1e6,
		100.0 * (double)bytes / (double)bench->raw, state.part_count);
	print_parts(bench, &state);
	uint64_t dictionaries = dictionary_bytes(bench, &packs);
	uint64_t kept = packs.stored + packs.rows + dictionaries;
	printf("texts %.1f MB, kept as %.1f MB = %.2f %% in %llu packs, %.1f MB of it "
	       "dictionaries\n",
		(double)packs.bytes / 1e6, (double)kept / 1e6,
		100.0 * (double)kept / (double)bench->raw, (unsigned long long)packs.count,
		(double)dictionaries / 1e6);
}

static void
index_all(struct bench *bench)
{
	double cpu = milliseconds(CLOCK_THREAD_CPUTIME_ID);
	unsigned rounds = 0;
	for (; search_keep_has_work(bench->post, bench->account->id) ||
		search_tidy_has_work(bench->post, bench->account->id);
		rounds++)
		post_chores(bench->post);
	cpu = milliseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
	printf("indexed in %u chores, %.1f s of processor, %.1f MB a second\n", rounds,
		cpu / 1e3, (double)bench->raw / 1e3 / cpu);
}

/* --- needles ------------------------------------------------------------------------- */

static void
keep_piece(void *argument, const struct post_text_piece *piece)
{
	struct bench *bench = argument;
	if (piece->kind == POST_TEXT_BODY)
		buffer_put(&bench->text, piece->folded);
}

static void
read_some_text(struct bench *bench)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_message message;
	enum base_failure failure;
	uint32_t count = post_view_count(bench->view);
	uint32_t uid = post_view_uid(bench->view, 1 + (uint32_t)below(bench, count));
	must(post_message_read(bench->view, uid, arena, &message), "message");
	struct post_text_origin origin = {.store = bench->store, .message = &message};
	buffer_clear(&bench->text);
	struct post_text_walk *walk = post_text_walk_begin(&origin, keep_piece, bench);
	while (post_text_walk_step(walk, &failure))
		continue;
	post_text_walk_end(walk);
}

#define WINDOW 20 /* messages that a window of PARTIAL asks for */

enum needle_kind {
	NEEDLE_PART,
	NEEDLE_WORD,   /* a longer part */
	NEEDLE_PHRASE, /* of three or four words, whole */
	NEEDLE_TWO,    /* two words, whole */
	NEEDLE_PLACE,  /* with punctuation, as in addresses */
	NEEDLE_SHORT,
	NEEDLE_ANY
};

static size_t
blanks_of(struct slice text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.length; i++)
		count += text.data[i] == ' ';
	return count;
}

static bool
is_letters(struct slice text, bool blanks_too)
{
	for (size_t i = 0; i < text.length; i++)
		if (!byte_is_alpha(text.data[i]) && !byte_is_digit(text.data[i]) &&
			!(blanks_too && text.data[i] == ' '))
			return false;
	return true;
}

static bool
is_of_kind(struct slice text, enum needle_kind kind)
{
	bool ends = slice_starts(text, SLICE(" ")) || slice_ends(text, SLICE(" "));
	switch (kind) {
	case NEEDLE_PART:
	case NEEDLE_WORD:
		return is_letters(text, false);
	case NEEDLE_TWO:
		return blanks_of(text) == 1 && is_letters(text, true);
	case NEEDLE_PHRASE:
		return blanks_of(text) >= 2 && is_letters(text, true);
	case NEEDLE_PLACE:
		return blanks_of(text) == 0 && !is_letters(text, false);
	case NEEDLE_SHORT:
		return blanks_of(text) == 1 && !ends;
	case NEEDLE_ANY:
		return !slice_empty(text);
	}
	return false;
}

/* So many words behind the next blank. */
static struct slice
words_at(struct slice text, size_t at, size_t count)
{
	struct slice rest = slice_from(text, at);
	rest = slice_from(rest, slice_find_byte(rest, ' ') + 1);
	size_t length = 0;
	for (; count; count--)
		length += slice_find_byte(slice_from(rest, length), ' ') + 1;
	return slice_first(rest, length ? length - 1 : 0);
}

static struct slice
needle_of(struct bench *bench, enum needle_kind kind)
{
	static const unsigned lengths[] = {3, 7, 0, 0, 4, 4, 1},
			      more[] = {3, 6, 1, 1, 12, 3, 40};
	for (;;) {
		read_some_text(bench);
		struct slice text = buffer_slice(&bench->text);
		if (text.length < 100)
			continue;
		size_t at = below(bench, text.length - 50);
		struct slice needle =
			kind == NEEDLE_PHRASE || kind == NEEDLE_TWO
				? words_at(text, at,
					  kind == NEEDLE_TWO ? 2 : 3 + below(bench, 2))
				: slice_part(text, at,
					  lengths[kind] + below(bench, more[kind]));
		if (slice_is_ascii(needle) && is_of_kind(needle, kind))
			return needle;
	}
}

static int
compare(const void *a, const void *b)
{
	const double *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

/* newest: so many are enough; 0: all are wanted. */
static double
search(struct bench *bench, struct slice needle, uint32_t newest, uint32_t *found)
{
	struct post_uids *uids;
	struct post_query query = {.kind = POST_QUERY_TEXT, .text = needle};
	double from = milliseconds(CLOCK_THREAD_CPUTIME_ID);
	struct post_search *search = post_search_begin(bench->view, &query);
	if (newest)
		post_search_want(search, 0, newest);
	while (post_search_step(search))
		continue;
	must(post_search_end(search, &uids), "search");
	*found = post_uids_count(uids);
	post_uids_destroy(uids);
	return milliseconds(CLOCK_THREAD_CPUTIME_ID) - from;
}

struct times {
	double *list;
	size_t count;
	char worst[64]; /* its needle */
};

static void
note_time(struct times *times, double time, struct slice needle, uint32_t found)
{
	double worst = 0;
	for (size_t i = 0; i < times->count; i++)
		worst = times->list[i] > worst ? times->list[i] : worst;
	times->list[times->count++] = time;
	if (time > worst)
		snprintf(times->worst, sizeof times->worst, "\"%.*s\": %u",
			SLICE_ARG(needle), found);
}

static void
print_times(const char *name, struct times *times)
{
	size_t count = times->count;
	qsort(times->list, count, sizeof *times->list, compare);
	printf("%-18s median %7.1f ms, 95 %% %7.1f, worst %7.1f (%s)\n", name,
		times->list[count / 2], times->list[count * 95 / 100],
		times->list[count - 1], times->worst);
	free(times->list);
}

static void
measure(struct bench *bench, const char *name, enum needle_kind kind, size_t count)
{
	struct times all = {.list = calloc(count, sizeof(double))},
		     newest = {.list = calloc(count, sizeof(double))};
	ASSERT(all.list && newest.list);
	for (size_t i = 0; i < count; i++) {
		uint32_t found;
		struct slice text = needle_of(bench, kind);
		double time = search(bench, text, 0, &found);
		note_time(&all, time, text, found);
		time = search(bench, text, WINDOW, &found);
		note_time(&newest, time, text, found);
	}
	print_times(name, &all);
	print_times("  the newest", &newest);
}

static void
measure_one(struct bench *bench, struct slice needle, size_t count)
{
	uint32_t found;
	for (size_t i = 0; i < count; i++) {
		double all = search(bench, needle, 0, &found);
		uint32_t few;
		printf("%.1f ms, the newest %.1f\n", all,
			search(bench, needle, WINDOW, &few));
	}
	printf("found %u\n", found);
}

static void
measure_all(struct bench *bench, size_t queries)
{
	measure(bench, "part of a word", NEEDLE_PART, queries);
	measure(bench, "a longer part", NEEDLE_WORD, queries);
	measure(bench, "a phrase", NEEDLE_PHRASE, queries);
	measure(bench, "two words", NEEDLE_TWO, queries);
	measure(bench, "with punctuation", NEEDLE_PLACE, queries);
	measure(bench, "short, with a blank", NEEDLE_SHORT, queries);
	measure(bench, "any 1 to 40", NEEDLE_ANY, queries);
}

int
main(int argument_count, char **arguments)
{
	struct bench bench = {.random = 88172645463325252, .text = buffer_with(SIZE_MAX)};
	if (argument_count < 3)
		return 2;
	size_t queries = argument_count > 3 ? strtoul(arguments[3], NULL, 10) : 40;
	bench.clock = base_clock_create();
	open_all(&bench, arguments[1]);
	FILE *file = fopen(arguments[2], "rb");
	ASSERT(file && queries);
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	if (open_account(&bench)) {
		while (append_batch(&bench, file, &text))
			continue;
	} else {
		(void)fseek(file, 0, SEEK_END);
		bench.raw = (uint64_t)ftell(file);
	}
	(void)fclose(file);
	bench.view = post_view_newest(bench.mailbox);
	index_all(&bench);
	print_sizes(&bench);
	if (argument_count > 4)
		measure_one(&bench, slice_of_text(arguments[4]), queries);
	else
		measure_all(&bench, queries);
	post_view_drop(bench.view);
	post_mailbox_close(bench.mailbox);
	post_account_close(bench.account);
	post_close(bench.post);
	store_close(bench.store);
	base_clock_destroy(bench.clock);
	buffer_free(&bench.text);
	return 0;
}
