/* Who may do what, under which names it is found, and what the directory remembers of it.
 */
#include "base/test.h"
#include "post/post-internal.h"
#include "post/records.h"
#include "post/test-post.h"
#include "post/tree.h"

static void
grant(struct post_account *account, const char *name, uint64_t who, const char *rights)
{
	struct wire_rights_change change;
	assert_true(wire_rights_change_of(slice_of_text(rights), &change));
	test_done(post_mailbox_grant(
		account, slice_of_text(name), who, false, &change, NULL));
}

static void
create(struct post_account *account, const char *name)
{
	test_done(post_mailbox_create(account, slice_of_text(name), POST_USE_NONE, NULL));
}

/* "a lr,a/b l,": what boris sees of anna's. */
static struct slice
shown(struct test_people *people)
{
	struct post_shown *list;
	SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
	size_t count = post_mailboxes_shown(
		people->anna, post_account_id(people->boris), people->arena, &list);
	for (size_t i = 0; i < count; i++) {
		buffer_put(&text, list[i].name);
		buffer_put_text(&text, list[i].has_children ? "+ " : " ");
		wire_rights_put(&text, list[i].rights);
		buffer_put_byte(&text, ',');
	}
	return arena_copy(people->arena, buffer_slice(&text));
}

static void
rights_are_united_and_then_taken(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const struct wire_rights_change lr = {WIRE_RIGHTS_REPLACE, 3};
	const struct wire_rights_change s = {WIRE_RIGHTS_ADD, WIRE_RIGHT_SEEN};
	const struct wire_rights_change r = {WIRE_RIGHTS_ADD, WIRE_RIGHT_READ};
	struct post_acl acl = {0};
	acl = post_acl_with(arena, &acl, 2000, false, &s);
	acl = post_acl_with(arena, &acl, POST_ANYONE, false, &lr);
	acl = post_acl_with(arena, &acl, 1500, true, &r);
	assert_int_equal(post_acl_rights(&acl, 2000),
		WIRE_RIGHT_LOOKUP | WIRE_RIGHT_READ | WIRE_RIGHT_SEEN);
	assert_int_equal(post_acl_rights(&acl, 1500), WIRE_RIGHT_LOOKUP);
	assert_int_equal(post_acl_rights(&acl, 1600), WIRE_RIGHT_LOOKUP | WIRE_RIGHT_READ);
	const struct wire_rights_change none = {WIRE_RIGHTS_REPLACE, 0};
	acl = post_acl_with(arena, &acl, 1500, true, &none);
	acl = post_acl_with(arena, &acl, 1500, false, &none);
	assert_int_equal(acl.count, 2);
	assert_int_equal(acl.grants[0].who, POST_ANYONE);
}

static struct post_account *
open_boris(struct test_people *people)
{
	struct post_account_info info;
	struct post_account *account;
	assert_int_equal(post_account_find(people->test.post, SLICE("boris@troika.test"),
				 people->arena, &info),
		BASE_OK);
	assert_int_equal(post_account_open(people->test.post, info.id, &account), BASE_OK);
	return account;
}

static void
lists_are_inherited_moved_and_gone(void **state)
{
	struct test_people *people = *state;
	uint64_t boris = post_account_id(people->boris);
	create(people->anna, "a");
	grant(people->anna, "a", boris, "lr");
	create(people->anna, "a/b/c");
	assert_slice_is(shown(people), "a+ lr,a/b+ lr,a/b/c lr,");
	grant(people->anna, "a/b", boris, "-l");
	assert_slice_is(shown(people), "a+ lr,a/b/c lr,");
	test_done(post_mailbox_rename(people->anna, SLICE("a"), SLICE("z"), NULL));
	assert_slice_is(shown(people), "z+ lr,z/b/c lr,");
	post_account_close(people->boris);
	test_post_reopen_account(&people->test, &people->anna);
	people->boris = open_boris(people);
	assert_slice_is(shown(people), "z+ lr,z/b/c lr,");
	test_done(post_mailbox_delete(people->anna, SLICE("z/b/c"), NULL));
	test_done(post_mailbox_delete(people->anna, SLICE("z"), NULL));
	create(people->anna, "z");
	assert_slice_is(shown(people), "");
}

static void
the_directory_remembers_who_shares(void **state)
{
	struct test_people *people = *state;
	uint64_t anna = post_account_id(people->anna);
	uint64_t boris = post_account_id(people->boris);
	assert_int_equal(post_sharer_after(people->boris, 0), 0);
	grant(people->anna, "INBOX", boris, "lr");
	grant(people->anna, "Sent", boris, "lr");
	grant(people->anna, "Sent", POST_ANYONE, "l");
	assert_int_equal(post_sharer_after(people->boris, 0), anna);
	assert_int_equal(post_sharer_after(people->boris, anna), 0);
	assert_int_equal(post_sharer_after(people->anna, 0), 0);
	grant(people->anna, "Sent", POST_ANYONE, "");
	grant(people->anna, "Sent", boris, "");
	assert_int_equal(post_sharer_after(people->boris, 0), anna);
	grant(people->anna, "INBOX", boris, "");
	assert_int_equal(post_sharer_after(people->boris, 0), 0);
}

static void
names_lead_to_their_owners(void **state)
{
	struct test_people *people = *state;
	struct post_place place;
	grant(people->anna, "INBOX", post_account_id(people->boris), "lrk");
	assert_int_equal(
		post_place_find(people->boris, SLICE("Other Users/Anna@TROIKA.test/inbox"),
			people->arena, &place),
		BASE_OK);
	assert_int_equal(place.owner, POST_OF_OTHERS);
	assert_slice_is(place.name, "INBOX");
	assert_slice_is(place.root, "Other Users/Anna@TROIKA.test/");
	assert_true(place.exists && place.account == people->anna);
	assert_int_equal(place.rights, 3 | WIRE_RIGHT_CREATE);
	assert_int_equal(post_place_find(people->boris,
				 SLICE("Other Users/anna@troika.test/INBOX/new"),
				 people->arena, &place),
		BASE_OK);
	assert_true(!place.exists && !place.rights);
	assert_int_equal(place.rights_above, 3 | WIRE_RIGHT_CREATE);
	static const struct slice nowhere[] = {SLICE_INIT("Other Users"),
		SLICE_INIT("Other Users/anna@troika.test"), SLICE_INIT("Shared/x"),
		SLICE_INIT("Shared/anna@troika.test/INBOX"),
		SLICE_INIT("Other Users/nobody@troika.test/INBOX"),
		SLICE_INIT("Other Users/@/INBOX")};
	for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
		assert_int_equal(
			post_place_find(people->boris, nowhere[i], people->arena, &place),
			BASE_NOT_FOUND);
}

static void
ones_own_name_comes_first(void **state)
{
	struct test_people *people = *state;
	struct post_place place;
	create(people->boris, "Shared/x");
	create(people->boris, "Other Users/anna@troika.test/INBOX");
	static const struct slice own[] = {SLICE_INIT("Shared"), SLICE_INIT("Shared/x"),
		SLICE_INIT("Shared/new"), SLICE_INIT("Other Users/anna@troika.test/INBOX")};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		assert_int_equal(
			post_place_find(people->boris, own[i], people->arena, &place),
			BASE_OK);
		assert_int_equal(place.owner, POST_OWN);
	}
	assert_int_equal(
		post_place_find(people->boris, SLICE("Other Users/anna@troika.test/Sent"),
			people->arena, &place),
		BASE_OK);
	assert_int_equal(place.owner, POST_OF_OTHERS);
}

static void
a_shared_account_is_nobodys(void **state)
{
	struct test_people *people = *state;
	struct post *post = people->test.post;
	struct post_account_info info;
	struct post_place place;
	struct post_account *sales;
	struct base_error error = {0};
	test_done(post_account_add_shared(post, SLICE("sales@troika.test"), NULL));
	assert_null(post_account_set_secret(
		post, SLICE("sales@troika.test"), SLICE("x"), &error));
	assert_int_equal(error.failure, BASE_DENIED);
	assert_int_equal(
		post_account_find(post, SLICE("sales@troika.test"), people->arena, &info),
		BASE_OK);
	assert_true(info.shared);
	assert_int_equal(post_account_open(post, info.id, &sales), BASE_OK);
	grant(sales, "INBOX", POST_ANYONE, "lrk");
	assert_int_equal(
		post_place_find(people->boris, SLICE("Shared/sales@troika.test/Offers"),
			people->arena, &place),
		BASE_OK);
	assert_int_equal(place.owner, POST_OF_NOBODY);
	assert_int_equal(place.rights_above, 3 | WIRE_RIGHT_CREATE);
	post_account_close(sales);
}

static void
lists_have_a_ceiling(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(buffer_free) struct buffer packed = buffer_with(SIZE_MAX);
	const struct wire_rights_change r = {WIRE_RIGHTS_ADD, WIRE_RIGHT_READ};
	struct post_acl acl = {0}, again;
	for (uint64_t who = 1; who <= POST_ACL_MOST + 1; who++)
		acl = post_acl_with(arena, &acl, who, who % 2, &r);
	post_acl_pack(&acl, &packed);
	struct slice rest = buffer_slice(&packed);
	assert_int_equal(post_acl_take(&rest, arena, &again), BASE_DAMAGED);
	acl.count--;
	buffer_clear(&packed);
	post_acl_pack(&acl, &packed);
	rest = buffer_slice(&packed);
	assert_int_equal(post_acl_take(&rest, arena, &again), BASE_OK);
	assert_true(slice_empty(rest) && post_acl_equal(&acl, &again));
}

static void
copies_between_accounts_are_whole(void **state)
{
	struct test_people *people = *state;
	struct post_copied copied;
	struct post_usage before, after;
	test_deliver(&people->test, people->anna, "Subject: a\r\n\r\nhello\r\n");
	test_deliver(&people->test, people->anna, "Subject: b\r\n\r\nworld\r\n");
	struct post_mailbox *from = test_open(people->anna, "INBOX");
	struct post_mailbox *to = test_open(people->boris, "INBOX");
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 2);
	test_done(post_copy(from, all, to, false, people->arena, &copied, NULL));
	assert_int_equal(copied.count, 2);
	test_done(post_copy(from, all, to, true, people->arena, &copied, NULL));
	assert_int_equal(copied.target[1], 4);
	assert_int_equal(post_account_usage(
				 people->test.post, post_account_id(people->anna), &before),
		BASE_OK);
	assert_int_equal(post_account_usage(
				 people->test.post, post_account_id(people->boris), &after),
		BASE_OK);
	assert_int_equal(before.messages, 0);
	assert_int_equal(after.messages, 4);
	post_mailbox_close(from);
	post_mailbox_close(to);
	struct post_verdict verdict;
	assert_int_equal(post_check(people->test.post, NULL, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
}

static void
count_call(void *argument)
{
	++*(unsigned *)argument;
}

static void
a_change_of_rights_calls_the_watches(void **state)
{
	struct test_people *people = *state;
	uint64_t boris = post_account_id(people->boris);
	unsigned calls = 0;
	struct post_mailbox *inbox = test_open(people->anna, "INBOX");
	struct post_watch *watch = post_mailbox_watch(inbox, count_call, &calls);
	unsigned version = post_mailbox_rights_version(inbox);
	grant(people->anna, "Sent", boris, "lr");
	assert_int_equal(post_mailbox_rights_version(inbox), version);
	grant(people->anna, "INBOX", boris, "lr");
	assert_int_not_equal(post_mailbox_rights_version(inbox), version);
	assert_true(calls);
	assert_int_equal(post_mailbox_rights(inbox, boris), 3);
	post_watch_end(watch);
	post_mailbox_close(inbox);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_people_start, test_people_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights_are_united_and_then_taken),
		cmocka_unit_test(lists_have_a_ceiling),
		TEST(lists_are_inherited_moved_and_gone),
		TEST(the_directory_remembers_who_shares),
		TEST(names_lead_to_their_owners),
		TEST(ones_own_name_comes_first),
		TEST(a_shared_account_is_nobodys),
		TEST(copies_between_accounts_are_whole),
		TEST(a_change_of_rights_calls_the_watches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
