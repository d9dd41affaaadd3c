#include "base/test.h"
#include "post/directory-record.h"
#include "post/directory.h"

static struct post_account_record
anna(void)
{
	return (struct post_account_record){
		.id = POST_ACCOUNT_FIRST,
		.local = SLICE("Anna"),
		.secret = SLICE("$argon2id$x"),
		.secret_version = 3,
		.enabled = true,
		.quota = {.bytes = UINT64_MAX},
		.letters_per_hour = UINT32_MAX,
	};
}

static void
account_survives_packing(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_account_record written = anna(), read;
	assert_true(post_account_pack(&written, &packed));
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_OK);
	assert_true(read.id == written.id && read.secret_version == 3);
	assert_true(read.enabled && !read.removing);
	assert_true(read.quota.bytes == UINT64_MAX);
	assert_true(read.letters_per_hour == UINT32_MAX);
	assert_true(slice_equal(read.local, written.local));
	assert_true(slice_equal(read.secret, written.secret));
}

/* Who hides something has a row of format 2; all others stay readable for who came before.
 */
static void
hidden_capabilities_survive_packing(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_account_record written = anna(), read;
	assert_true(post_account_pack(&written, &packed));
	assert_int_equal(packed.data[0], 1);
	buffer_clear(&packed);
	written.hidden = SLICE("UIDONLY NOTIFY");
	assert_true(post_account_pack(&written, &packed));
	assert_int_equal(packed.data[0], 2);
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_OK);
	assert_true(slice_equal(read.hidden, written.hidden));
	assert_true(slice_equal(read.secret, written.secret));
	for (size_t length = 0; length < packed.length; length++)
		assert_int_equal(post_account_unpack(
					 slice_first(buffer_slice(&packed), length), &read),
			BASE_DAMAGED);
}

/* So have those with a quota of messages or mailboxes, and format 4. */
static void
quotas_survive_packing(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_account_record written = anna(), read;
	written.quota.messages = 1000;
	written.quota.mailboxes = 7;
	written.shared = true;
	assert_true(post_account_pack(&written, &packed));
	assert_int_equal(packed.data[0], 4);
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_OK);
	assert_true(read.shared && read.quota.bytes == UINT64_MAX);
	assert_true(read.quota.messages == 1000 && read.quota.mailboxes == 7);
	for (size_t length = 0; length < packed.length; length++)
		assert_int_equal(post_account_unpack(
					 slice_first(buffer_slice(&packed), length), &read),
			BASE_DAMAGED);
	/* Who has none is never written so. */
	packed.data[packed.length - 3] = packed.data[packed.length - 2] = 0;
	packed.data[packed.length - 1] = 0;
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_DAMAGED);
}

static void
every_cut_and_every_addition_is_damage(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_account_record written = anna(), read;
	assert_true(post_account_pack(&written, &packed));
	for (size_t length = 0; length < packed.length; length++)
		assert_int_equal(post_account_unpack(
					 slice_first(buffer_slice(&packed), length), &read),
			BASE_DAMAGED);
	buffer_put_byte(&packed, 0);
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_DAMAGED);
}

static void
other_formats_and_flags_are_damage(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_account_record written = anna(), read;
	assert_true(post_account_pack(&written, &packed));
	packed.data[0] = POST_DIRECTORY_FORMAT + 2;
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_DAMAGED);
	buffer_clear(&packed);
	written.id = POST_ACCOUNT_FIRST - 1;
	assert_true(post_account_pack(&written, &packed));
	assert_int_equal(post_account_unpack(buffer_slice(&packed), &read), BASE_DAMAGED);
}

static void
domain_and_alias_survive_packing(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_domain_record domain = {7, 2, SLICE("anna@troika.test")}, domain_read;
	assert_true(post_domain_pack(&domain, &packed));
	assert_int_equal(post_domain_unpack(buffer_slice(&packed), &domain_read), BASE_OK);
	assert_true(domain_read.ordinal == 7 && domain_read.members == 2);
	assert_true(slice_equal(domain_read.catch_all, domain.catch_all));

	buffer_clear(&packed);
	struct slice targets[] = {SLICE("anna@troika.test"), SLICE("x@example.org")};
	struct post_alias_record alias = {SLICE("Team"), targets, 2}, alias_read;
	assert_true(post_alias_pack(&alias, &packed));
	assert_int_equal(
		post_alias_unpack(buffer_slice(&packed), arena, &alias_read), BASE_OK);
	assert_int_equal(alias_read.count, 2);
	assert_true(slice_equal(alias_read.targets[1], targets[1]));
	assert_true(slice_equal(alias_read.local, alias.local));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(account_survives_packing),
		cmocka_unit_test(hidden_capabilities_survive_packing),
		cmocka_unit_test(quotas_survive_packing),
		cmocka_unit_test(every_cut_and_every_addition_is_damage),
		cmocka_unit_test(other_formats_and_flags_are_damage),
		cmocka_unit_test(domain_and_alias_survive_packing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
