#include "door/remembered.h"

#define KEY_SIZE 32

struct memory {
	uint64_t until_ms;
	bool right;
};

struct door_remembered {
	struct map *memories; /* digest → struct memory */
	uint8_t key[KEY_SIZE];
};

struct door_remembered *
door_remembered_create(void)
{
	struct door_remembered *remembered = calloc(1, sizeof *remembered);
	ASSERT(remembered);
	remembered->memories = map_create();
	base_random(remembered->key, sizeof remembered->key);
	return remembered;
}

static void
forget_until(struct door_remembered *remembered, uint64_t now_ms)
{
	size_t position = 0;
	struct slice key;
	void *value;
	while (map_next(remembered->memories, &position, &key, &value)) {
		struct memory *memory = value;
		if (memory->until_ms > now_ms)
			continue;
		map_remove(remembered->memories, key);
		free(memory);
	}
}

void
door_remembered_destroy(struct door_remembered *remembered)
{
	if (!remembered)
		return;
	forget_until(remembered, UINT64_MAX);
	map_destroy(remembered->memories);
	explicit_bzero(remembered->key, sizeof remembered->key);
	free(remembered);
}

void
door_remembered_digest(const struct door_remembered *remembered,
	const struct door_password *password, struct door_digest *digest)
{
	size_t most = password->identity.length + password->address_key.length +
		      password->password.length + 64;
	SCOPED(buffer_free) struct buffer text = buffer_with(most);
	/* At once, so that growing leaves no copy behind. */
	ASSERT(buffer_reserve(&text, most));
	buffer_put_be64(&text, password->account);
	buffer_put_be64(&text, password->secret_version);
	buffer_put_sized(&text, password->identity);
	buffer_put_sized(&text, password->address_key);
	buffer_put_sized(&text, password->password);
	ASSERT(!buffer_failed(&text));
	base_hmac_sha256(
		slice_of(remembered->key, KEY_SIZE), buffer_slice(&text), digest->bytes);
	explicit_bzero(text.data, text.length);
}

static struct slice
key_of(const struct door_digest *digest)
{
	return slice_of(digest->bytes, sizeof digest->bytes);
}

enum door_memory
door_remembered_look(struct door_remembered *remembered, const struct door_digest *digest,
	uint64_t now_ms)
{
	const struct memory *memory = map_get(remembered->memories, key_of(digest));
	if (!memory || memory->until_ms <= now_ms)
		return DOOR_NEVER_SEEN;
	return memory->right ? DOOR_WAS_RIGHT : DOOR_WAS_WRONG;
}

/* Forgetting costs a hash, not a sign-in: when nothing has expired, all may go. */
static void
make_room(struct door_remembered *remembered, uint64_t now_ms)
{
	if (map_count(remembered->memories) < DOOR_REMEMBERED_MOST)
		return;
	forget_until(remembered, now_ms);
	if (map_count(remembered->memories) > DOOR_REMEMBERED_MOST / 4 * 3)
		forget_until(remembered, UINT64_MAX);
}

void
door_remembered_keep(struct door_remembered *remembered, const struct door_digest *digest,
	bool right, uint64_t now_ms)
{
	make_room(remembered, now_ms);
	struct memory *memory = malloc(sizeof *memory);
	ASSERT(memory);
	*memory = (struct memory){
		.until_ms = now_ms + (right ? DOOR_REMEMBER_MS : DOOR_REMEMBER_WRONG_MS),
		.right = right,
	};
	free(map_put(remembered->memories, key_of(digest), memory));
}

void
door_remembered_sweep(struct door_remembered *remembered, uint64_t now_ms)
{
	forget_until(remembered, now_ms);
}

size_t
door_remembered_count(const struct door_remembered *remembered)
{
	return map_count(remembered->memories);
}
