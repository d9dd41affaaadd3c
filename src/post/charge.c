#include "post/charge.h"

#define HOUR_MS 3600000u

static struct post_letters
at_hour(struct post_letters letters, uint64_t hour)
{
	if (hour == letters.hour)
		return letters;
	return (struct post_letters){
		.hour = hour, .before = hour == letters.hour + 1 ? letters.now : 0};
}

static enum base_failure
check(const struct post_account *account, struct post_letters *letters, uint32_t more)
{
	struct post_account_limits limits;
	uint64_t now = (uint64_t)post_now_ms(account->post);
	enum base_failure failure =
		post_directory_limits(account->post, account->id, &limits);
	uint64_t limit = failure ? 0 : limits.letters_per_hour;
	if (failure)
		return failure;
	if (!limit)
		limit = account->post->settings.letters_per_hour;
	*letters = at_hour(*letters, now / HOUR_MS);
	uint64_t within = letters->before * (HOUR_MS - now % HOUR_MS) / HOUR_MS;
	if (limit && within + letters->now + more > limit)
		return BASE_QUOTA;
	letters->now += more;
	return BASE_OK;
}

static enum base_failure
unpack(enum base_failure failure, struct slice value, struct post_letters *letters)
{
	*letters = (struct post_letters){0};
	if (failure)
		return failure == BASE_NOT_FOUND ? BASE_OK : failure;
	return post_letters_unpack(value, letters);
}

enum base_failure
post_charge_ask(struct post_account *account, uint32_t letters)
{
	struct slice value;
	struct post_letters sent;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_key key = post_key_letters();
	enum base_failure failure =
		store_get(account->space, post_key_slice(&key), arena, &value);
	failure = unpack(failure, value, &sent);
	return failure ? failure : check(account, &sent, letters);
}

enum base_failure
post_charge(struct post_turn *turn, uint32_t letters)
{
	struct slice value;
	struct post_letters sent;
	struct post_key key = post_key_letters();
	enum base_failure failure =
		store_turn_get(turn->turn, post_key_slice(&key), turn->arena, &value);
	failure = unpack(failure, value, &sent);
	if (!failure)
		failure = check(turn->account, &sent, letters);
	if (failure)
		return failure;
	SCOPED(buffer_free) struct buffer packed = buffer_with(64);
	post_letters_pack(&sent, &packed);
	post_turn_put(turn, &key, &packed);
	return BASE_OK;
}
