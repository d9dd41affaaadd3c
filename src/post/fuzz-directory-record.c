/* Rows of the directory: whatever unpacks must pack to the same meaning again. */
#include "post/directory-record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
domain_again(struct slice value, struct buffer *packed)
{
	struct post_domain_record first, second;
	if (post_domain_unpack(value, &first) != BASE_OK)
		return;
	ASSERT(post_domain_pack(&first, packed));
	ASSERT(post_domain_unpack(buffer_slice(packed), &second) == BASE_OK);
	ASSERT(first.ordinal == second.ordinal && first.members == second.members);
	ASSERT(slice_equal(first.catch_all, second.catch_all));
}

static void
account_again(struct slice value, struct buffer *packed)
{
	struct post_account_record first, second;
	if (post_account_unpack(value, &first) != BASE_OK)
		return;
	ASSERT(post_account_pack(&first, packed));
	ASSERT(post_account_unpack(buffer_slice(packed), &second) == BASE_OK);
	ASSERT(first.id == second.id && first.secret_version == second.secret_version);
	ASSERT(first.enabled == second.enabled && first.removing == second.removing);
	ASSERT(first.shared == second.shared);
	ASSERT(first.quota.bytes == second.quota.bytes &&
		first.quota.messages == second.quota.messages &&
		first.quota.mailboxes == second.quota.mailboxes);
	ASSERT(first.letters_per_hour == second.letters_per_hour);
	ASSERT(slice_equal(first.local, second.local));
	ASSERT(slice_equal(first.secret, second.secret));
}

static void
alias_again(struct slice value, struct buffer *packed)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_alias_record first, second;
	if (post_alias_unpack(value, arena, &first) != BASE_OK)
		return;
	ASSERT(post_alias_pack(&first, packed));
	ASSERT(post_alias_unpack(buffer_slice(packed), arena, &second) == BASE_OK);
	ASSERT(first.count == second.count && slice_equal(first.local, second.local));
	for (size_t i = 0; i < first.count; i++)
		ASSERT(slice_equal(first.targets[i], second.targets[i]));
}

static void
share_again(struct slice name)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_share share;
	if (post_share_of_name(name, &share))
		ASSERT(slice_equal(post_share_name(arena, &share), name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = slice_of(data, size);
	SCOPED(buffer_free) struct buffer packed = buffer_with(size * 2 + 1024);
	domain_again(value, &packed);
	buffer_clear(&packed);
	account_again(value, &packed);
	buffer_clear(&packed);
	alias_again(value, &packed);
	share_again(value);
	return 0;
}
