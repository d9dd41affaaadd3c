#include "door/secret.h"
#include <argon2.h>
#include <sys/mman.h>

/*
 * The memory comes from the kernel and goes back to it: malloc would keep 19 MiB for each
 * thread that ever hashed.
 */
static int
memory_take(uint8_t **memory, size_t size)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	*memory = mapped == MAP_FAILED ? NULL : mapped;
	return *memory ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

static void
memory_give_back(uint8_t *memory, size_t size)
{
	munmap(memory, size);
}

/* RFC 9106, with one thread whatever the number of lanes. */
static enum base_failure
derive(const struct door_secret *secret, struct slice password,
	uint8_t hash[DOOR_PART_MOST])
{
	char copy[DOOR_PASSWORD_MOST];
	uint8_t salt[DOOR_PART_MOST];
	ASSERT(password.length <= sizeof copy);
	if (password.length)
		memcpy(copy, password.data, password.length);
	memcpy(salt, secret->salt, sizeof salt);
	argon2_context context = {
		.out = hash,
		.outlen = (uint32_t)secret->hash_size,
		.pwd = (uint8_t *)copy,
		.pwdlen = (uint32_t)password.length,
		.salt = salt,
		.saltlen = (uint32_t)secret->salt_size,
		.t_cost = secret->passes,
		.m_cost = secret->memory_kib,
		.lanes = secret->lanes,
		.threads = 1,
		.allocate_cbk = memory_take,
		.free_cbk = memory_give_back,
		.flags = ARGON2_DEFAULT_FLAGS,
		.version = ARGON2_VERSION_13,
	};
	int result =
		argon2_ctx(&context, secret->kind == DOOR_ARGON2ID ? Argon2_id : Argon2_i);
	explicit_bzero(copy, sizeof copy);
	return result == ARGON2_OK ? BASE_OK : BASE_UNAVAILABLE;
}

enum base_failure
door_secret_verify(const struct door_secret *secret, struct slice password)
{
	if (password.length > DOOR_PASSWORD_MOST)
		return BASE_DENIED;
	if (secret->kind == DOOR_CRYPT)
		return door_crypt_verify(secret->text, password);
	uint8_t hash[DOOR_PART_MOST];
	enum base_failure failure = derive(secret, password, hash);
	if (failure == BASE_OK && !slice_equal_secret(slice_of(hash, secret->hash_size),
					  slice_of(secret->hash, secret->hash_size)))
		failure = BASE_DENIED;
	explicit_bzero(hash, sizeof hash);
	return failure;
}

enum base_failure
door_secret_make(
	const struct door_cost *cost, struct slice password, struct door_secret *secret)
{
	*secret = (struct door_secret){
		.kind = DOOR_ARGON2ID,
		.memory_kib = cost->memory_kib,
		.passes = cost->passes,
		.lanes = 1,
		.salt_size = DOOR_SALT_SIZE,
		.hash_size = DOOR_HASH_SIZE,
	};
	base_random(secret->salt, DOOR_SALT_SIZE);
	return derive(secret, password, secret->hash);
}
