#include "post/check.h"

/* Contents in the order of email ids, beside the sorted email ids of all entries. */
struct content_check {
	struct post_checking *checking;
	size_t at; /* in emails */
	struct arena *arena;
};

static int
compare_emails(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

/* How many entries have that email id; those of smaller ids have no content. */
static uint64_t
entries_of(struct content_check *check, uint64_t email)
{
	struct post_checking *checking = check->checking;
	uint64_t count = 0;
	for (; check->at < checking->emails_count && checking->emails[check->at] < email;
		check->at++)
		post_check_problem(checking, "email %llu has an entry but no content",
			(unsigned long long)checking->emails[check->at]);
	for (; check->at < checking->emails_count && checking->emails[check->at] == email;
		check->at++)
		count++;
	return count;
}

static uint64_t
copies_of(struct content_check *check, uint64_t email)
{
	struct slice value;
	uint64_t copies = 0;
	struct post_key key = post_key_copies(email);
	arena_reset(check->arena);
	if (store_get(check->checking->account->space, post_key_slice(&key), check->arena,
		    &value))
		return 0;
	for (size_t i = value.length; i-- > 0;)
		copies = copies << 8 | (unsigned char)value.data[i];
	return copies;
}

/* A blob may go while we read, with the content that had it. */
static bool
is_purged(const struct post_checking *checking, uint64_t email)
{
	struct slice value;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_content(email);
	struct store_space *space =
		store_space_open(checking->account->post->store, checking->account->id);
	enum base_failure failure = store_get(space, post_key_slice(&key), arena, &value);
	store_space_close(space);
	return failure == BASE_NOT_FOUND;
}

static void
check_blob(struct post_checking *checking, uint64_t email,
	const struct post_content_record *content)
{
	struct store_hash hash;
	struct store_reader *reader;
	memcpy(hash.bytes, content->hash, sizeof hash.bytes);
	if (store_reader_open(checking->account->post->store, &hash, &reader)) {
		if (!is_purged(checking, email))
			post_check_problem(checking, "email %llu has lost its blob",
				(unsigned long long)email);
		return;
	}
	if (store_reader_size(reader) != content->size)
		post_check_problem(checking, "email %llu has a blob of another size",
			(unsigned long long)email);
	store_reader_close(reader);
}

static bool
content_row(void *argument, struct slice key, struct slice value)
{
	struct content_check *check = argument;
	struct post_content_record content;
	uint64_t email;
	if (!post_key_take_content(key, &email) || post_content_unpack(value, &content)) {
		post_check_problem(check->checking, "a content can't be read");
		return true;
	}
	uint64_t entries = entries_of(check, email);
	uint64_t promised = copies_of(check, email) + 1;
	if (entries != promised)
		post_check_problem(check->checking,
			"email %llu has %llu entries, its count says %llu",
			(unsigned long long)email, (unsigned long long)entries,
			(unsigned long long)promised);
	check_blob(check->checking, email, &content);
	return true;
}

enum base_failure
post_check_contents(struct post_checking *checking)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct content_check check = {.checking = checking, .arena = arena};
	struct post_key from = post_key_of_row(POST_KEY_OF_CONTENT);
	struct post_key until = post_key_after_row(POST_KEY_OF_CONTENT);
	struct store_range range = {post_key_slice(&from), post_key_slice(&until), 0};
	if (checking->emails_count)
		qsort(checking->emails, checking->emails_count, sizeof *checking->emails,
			compare_emails);
	enum base_failure failure =
		store_scan(checking->account->space, &range, content_row, &check, NULL);
	entries_of(&check, UINT64_MAX);
	return failure;
}
