#include "base/test.h"
#include "post/post.h"
#include <ftw.h>
#include <pthread.h>
#include <unistd.h>

/* The directory over a true store in a folder of its own. */
struct fixture {
	char folder[64];
	struct base_clock *clock;
	struct store *store;
	struct post *post;
	struct arena *arena;
	struct base_error error;
};

static void
fixture_open(struct fixture *fixture)
{
	struct store_settings store_settings = {
		.folder = fixture->folder,
		.clock = fixture->clock,
	};
	assert_int_equal(
		store_open(&store_settings, &fixture->store, &fixture->error), BASE_OK);
	struct post_settings settings = {
		.store = fixture->store,
		.clock = fixture->clock,
		.host_name = SLICE("mx.troika.test"),
	};
	assert_int_equal(post_open(&settings, &fixture->post, &fixture->error), BASE_OK);
}

static void
fixture_shut(struct fixture *fixture)
{
	post_close(fixture->post);
	store_close(fixture->store);
}

static int
fixture_set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/troika-directory-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->clock = base_clock_create();
	fixture->arena = arena_create(ARENA_NO_CEILING);
	fixture_open(fixture);
	*state = fixture;
	return 0;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

static int
fixture_tear_down(void **state)
{
	struct fixture *fixture = *state;
	fixture_shut(fixture);
	base_clock_destroy(fixture->clock);
	arena_destroy(fixture->arena);
	nftw(fixture->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(fixture);
	return 0;
}

/* What an operation came to, durably. */
static enum base_failure
outcome(struct fixture *fixture, struct base_ticket *ticket)
{
	if (!ticket)
		return fixture->error.failure;
	enum base_failure failure = base_ticket_await(ticket);
	return failure;
}

static enum base_failure
add_domain(struct fixture *fixture, const char *name)
{
	return outcome(fixture,
		post_domain_add(fixture->post, slice_of_text(name), &fixture->error));
}

static enum base_failure
add_account(struct fixture *fixture, const char *address)
{
	return outcome(fixture, post_account_add(fixture->post, slice_of_text(address),
					SLICE("secret"), &fixture->error));
}

static enum base_failure
add_alias(struct fixture *fixture, const char *address, const char *target)
{
	struct slice targets[] = {slice_of_text(target)};
	return outcome(fixture, post_alias_add(fixture->post, slice_of_text(address),
					targets, 1, &fixture->error));
}

static struct post_account_info
info_of(struct fixture *fixture, const char *address)
{
	struct post_account_info info;
	assert_int_equal(post_account_find(fixture->post, slice_of_text(address),
				 fixture->arena, &info),
		BASE_OK);
	return info;
}

static void
usual_town(struct fixture *fixture)
{
	assert_int_equal(add_domain(fixture, "troika.test"), BASE_OK);
	assert_int_equal(add_account(fixture, "Anna@Troika.Test"), BASE_OK);
	assert_int_equal(add_account(fixture, "boris@troika.test"), BASE_OK);
}

static void
domains_come_and_go(void **state)
{
	struct fixture *fixture = *state;
	struct slice *domains;
	assert_false(post_has_domain(fixture->post));
	assert_int_equal(add_domain(fixture, "Troika.Test"), BASE_OK);
	assert_int_equal(add_domain(fixture, "troika.test"), BASE_EXISTS);
	assert_int_equal(add_domain(fixture, "m\xc3\xbcnchen.test"), BASE_OK);
	assert_int_equal(add_domain(fixture, "no domain"), BASE_INVALID);
	assert_int_equal(add_domain(fixture, "[192.0.2.1]"), BASE_INVALID);
	assert_int_equal(post_domains(fixture->post, fixture->arena, &domains), 2);
	assert_slice_is(domains[0], "troika.test");
	assert_slice_is(domains[1], "xn--mnchen-3ya.test");
	assert_true(post_domain_is_local(fixture->post, SLICE("TROIKA.test")));
	assert_true(post_has_domain(fixture->post));
	assert_false(post_domain_is_local(fixture->post, SLICE("example.org")));
	assert_int_equal(add_account(fixture, "anna@troika.test"), BASE_OK);
	assert_int_equal(outcome(fixture, post_domain_remove(fixture->post,
						  SLICE("troika.test"), &fixture->error)),
		BASE_CONFLICT);
	assert_int_equal(
		outcome(fixture, post_domain_remove(fixture->post,
					 SLICE("xn--mnchen-3ya.test"), &fixture->error)),
		BASE_OK);
	assert_int_equal(
		outcome(fixture, post_domain_remove(fixture->post,
					 SLICE("xn--mnchen-3ya.test"), &fixture->error)),
		BASE_NOT_FOUND);
}

static void
catch_all_is_kept_and_taken_away(void **state)
{
	struct fixture *fixture = *state;
	struct post_route route;
	usual_town(fixture);
	assert_int_equal(
		outcome(fixture,
			post_domain_set_catch_all(fixture->post, SLICE("troika.test"),
				SLICE("Boris@TROIKA.test"), &fixture->error)),
		BASE_OK);
	assert_slice_is(
		post_domain_catch_all(fixture->post, SLICE("troika.test"), fixture->arena),
		"Boris@troika.test");
	assert_int_equal(post_resolve(fixture->post, SLICE("who"), SLICE("troika.test"),
				 fixture->arena, &route, &fixture->error),
		BASE_OK);
	assert_slice_is(route.targets[0].address, "boris@troika.test");
	assert_int_equal(outcome(fixture, post_domain_set_catch_all(fixture->post,
						  SLICE("troika.test"), SLICE_NONE,
						  &fixture->error)),
		BASE_OK);
	assert_int_equal(post_resolve(fixture->post, SLICE("who"), SLICE("troika.test"),
				 fixture->arena, &route, &fixture->error),
		BASE_NOT_FOUND);
}

static void
accounts_are_what_was_set(void **state)
{
	struct fixture *fixture = *state;
	struct slice anna = SLICE("anna@troika.test");
	usual_town(fixture);
	assert_int_equal(add_account(fixture, "ANNA@troika.test"), BASE_EXISTS);
	assert_int_equal(add_account(fixture, "anna@example.org"), BASE_NOT_FOUND);
	assert_int_equal(add_account(fixture, "anna"), BASE_INVALID);
	struct post_account_info info = info_of(fixture, "anna@troika.test");
	assert_slice_is(info.address, "Anna@troika.test");
	assert_slice_is(info.secret, "secret");
	assert_true(info.enabled && info.id >= POST_ACCOUNT_FIRST);
	assert_int_equal(outcome(fixture, post_account_set_limits(fixture->post, anna,
						  &(struct post_quota){.bytes = 1 << 20},
						  77, &fixture->error)),
		BASE_OK);
	assert_int_equal(outcome(fixture, post_account_set_enabled(fixture->post, anna,
						  false, &fixture->error)),
		BASE_OK);
	fixture_shut(fixture);
	fixture_open(fixture);
	struct post_account_info again;
	assert_int_equal(post_account_find(fixture->post, SLICE("anna@troika.test"),
				 fixture->arena, &again),
		BASE_OK);
	assert_true(again.id == info.id);
	assert_slice_is(again.address, "Anna@troika.test");
	assert_true(again.quota.bytes == 1 << 20 && again.letters_per_hour == 77);
	assert_false(again.enabled);
}

static void
each_secret_has_its_version(void **state)
{
	struct fixture *fixture = *state;
	struct slice anna = SLICE("anna@troika.test");
	usual_town(fixture);
	uint64_t first = info_of(fixture, "anna@troika.test").secret_version;
	assert_int_equal(outcome(fixture, post_account_set_secret(fixture->post, anna,
						  SLICE("new"), &fixture->error)),
		BASE_OK);
	struct post_account_info info = info_of(fixture, "anna@troika.test");
	assert_slice_is(info.secret, "new");
	assert_true(info.secret_version > first);
	assert_int_equal(outcome(fixture, post_account_renew_secret(fixture->post, anna,
						  first, SLICE("old"), &fixture->error)),
		BASE_CONFLICT);
	assert_int_equal(outcome(fixture, post_account_renew_secret(fixture->post, anna,
						  info.secret_version, SLICE("newer"),
						  &fixture->error)),
		BASE_OK);
	assert_slice_is(info_of(fixture, "anna@troika.test").secret, "newer");
}

/* Changes that are not durable yet do not overlook each other. */
static void
changes_on_their_way_are_seen(void **state)
{
	struct fixture *fixture = *state;
	struct base_error error;
	struct base_ticket *tickets[] = {
		post_domain_add(fixture->post, SLICE("troika.test"), &error),
		post_account_add(
			fixture->post, SLICE("anna@troika.test"), SLICE("x"), &error),
	};
	assert_null(post_domain_add(fixture->post, SLICE("troika.test"), &error));
	assert_int_equal(error.failure, BASE_EXISTS);
	assert_null(post_account_add(
		fixture->post, SLICE("anna@troika.test"), SLICE("y"), &error));
	assert_int_equal(error.failure, BASE_EXISTS);
	assert_null(post_domain_remove(fixture->post, SLICE("troika.test"), &error));
	assert_int_equal(error.failure, BASE_CONFLICT);
	struct base_ticket *both = base_ticket_all(tickets, 2);
	assert_int_equal(base_ticket_await(both), BASE_OK);
}

static void
aliases_come_and_go(void **state)
{
	struct fixture *fixture = *state;
	struct post_alias_info *aliases;
	usual_town(fixture);
	assert_int_equal(
		add_alias(fixture, "Team@troika.test", "Anna@TROIKA.test"), BASE_OK);
	assert_int_equal(
		add_alias(fixture, "team@troika.test", "x@example.org"), BASE_EXISTS);
	assert_int_equal(
		add_alias(fixture, "list@troika.test", "list@troika.test"), BASE_INVALID);
	assert_int_equal(
		add_alias(fixture, "anna@troika.test", "anna@troika.test"), BASE_OK);
	assert_int_equal(
		add_alias(fixture, "x@example.org", "anna@troika.test"), BASE_NOT_FOUND);
	assert_int_equal(add_alias(fixture, "bad@troika.test", "no address"), BASE_INVALID);
	assert_int_equal(add_account(fixture, "team@troika.test"), BASE_EXISTS);
	assert_int_equal(
		post_aliases(fixture->post, SLICE_NONE, fixture->arena, &aliases), 2);
	assert_slice_is(aliases[0].address, "Team@troika.test");
	assert_slice_is(aliases[0].targets[0], "Anna@troika.test");
	struct post_domain_info *infos;
	assert_int_equal(post_domain_infos(fixture->post, fixture->arena, &infos), 1);
	assert_slice_is(infos[0].name, "troika.test");
	assert_int_equal(infos[0].accounts, 2);
	assert_int_equal(infos[0].aliases, 2);
	assert_true(slice_empty(infos[0].catch_all));
	assert_int_equal(
		outcome(fixture, post_alias_remove(fixture->post, SLICE("TEAM@troika.test"),
					 &fixture->error)),
		BASE_OK);
	fixture_shut(fixture);
	fixture_open(fixture);
	assert_int_equal(
		post_aliases(fixture->post, SLICE("troika.test"), fixture->arena, &aliases),
		1);
	assert_int_equal(add_account(fixture, "team@troika.test"), BASE_OK);
}

static void
lists_are_sorted_and_by_domain(void **state)
{
	struct fixture *fixture = *state;
	struct post_account_info *accounts;
	usual_town(fixture);
	assert_int_equal(add_domain(fixture, "a.test"), BASE_OK);
	assert_int_equal(add_account(fixture, "zoe@a.test"), BASE_OK);
	assert_int_equal(
		post_accounts(fixture->post, SLICE_NONE, fixture->arena, &accounts), 3);
	assert_slice_is(accounts[0].address, "zoe@a.test");
	assert_slice_is(accounts[1].address, "Anna@troika.test");
	assert_slice_is(accounts[2].address, "boris@troika.test");
	assert_int_equal(post_accounts(fixture->post, SLICE("TROIKA.TEST"), fixture->arena,
				 &accounts),
		2);
}

/* --- removing ------------------------------------------------------------------------- */

static struct base_ticket *
remove_anna(struct fixture *fixture)
{
	struct base_ticket *ticket = post_account_remove(
		fixture->post, SLICE("anna@troika.test"), &fixture->error);
	assert_non_null(ticket);
	return ticket;
}

/* Chores until the ticket is complete, as the server's timer would. */
static void
finish_removal(struct fixture *fixture, struct base_ticket *ticket)
{
	while (!base_ticket_done(ticket)) {
		post_chores(fixture->post);
		usleep(1000);
	}
	assert_int_equal(base_ticket_outcome(ticket), BASE_OK);
	base_ticket_drop(ticket);
}

static void
a_removed_name_is_free_and_its_id_is_not(void **state)
{
	struct fixture *fixture = *state;
	struct post_account_info info;
	usual_town(fixture);
	uint64_t first = info_of(fixture, "anna@troika.test").id;
	uint64_t second = info_of(fixture, "boris@troika.test").id;
	finish_removal(fixture, remove_anna(fixture));
	assert_int_equal(post_account_find(fixture->post, SLICE("anna@troika.test"),
				 fixture->arena, &info),
		BASE_NOT_FOUND);
	assert_int_equal(add_account(fixture, "anna@troika.test"), BASE_OK);
	uint64_t third = info_of(fixture, "anna@troika.test").id;
	assert_true(third > first && third > second);
}

static void
ids_are_not_used_again_after_a_start(void **state)
{
	struct fixture *fixture = *state;
	usual_town(fixture);
	uint64_t boris = info_of(fixture, "boris@troika.test").id;
	struct base_ticket *ticket = post_account_remove(
		fixture->post, SLICE("boris@troika.test"), &fixture->error);
	finish_removal(fixture, ticket);
	fixture_shut(fixture);
	fixture_open(fixture);
	assert_int_equal(add_account(fixture, "boris@troika.test"), BASE_OK);
	assert_true(info_of(fixture, "boris@troika.test").id > boris);
}

/* Stopped between the tombstone and the erasing: the next start goes on. */
static void
a_removal_survives_a_stop(void **state)
{
	struct fixture *fixture = *state;
	struct post_account_info info;
	usual_town(fixture);
	struct base_ticket *ticket = remove_anna(fixture);
	fixture_shut(fixture);
	assert_int_equal(base_ticket_await(ticket), BASE_CANCELLED);
	fixture_open(fixture);
	assert_int_equal(post_account_find(fixture->post, SLICE("anna@troika.test"),
				 fixture->arena, &info),
		BASE_NOT_FOUND);
	assert_int_equal(add_account(fixture, "anna@troika.test"), BASE_EXISTS);
	assert_int_equal(outcome(fixture, post_domain_remove(fixture->post,
						  SLICE("troika.test"), &fixture->error)),
		BASE_CONFLICT);
	for (int i = 0; i < 1000 && add_account(fixture, "anna@troika.test"); i++)
		post_chores(fixture->post);
	assert_int_equal(add_account(fixture, "anna@troika.test"), BASE_EXISTS);
	info_of(fixture, "anna@troika.test");
}

/* --- all at once ---------------------------------------------------------------------- */

struct crowd {
	struct fixture *fixture;
	int number;
};

#define EACH 40

static void *
add_many(void *argument)
{
	struct crowd *crowd = argument;
	struct base_error error;
	for (int i = 0; i < EACH; i++) {
		char address[64];
		snprintf(address, sizeof address, "u%d-%d@troika.test", crowd->number, i);
		struct base_ticket *ticket = post_account_add(
			crowd->fixture->post, slice_of_text(address), SLICE("x"), &error);
		assert_non_null(ticket);
		base_ticket_drop(ticket);
	}
	return NULL;
}

static void *
resolve_many(void *argument)
{
	struct crowd *crowd = argument;
	for (int i = 0; i < 20 * EACH; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
		struct post_route route;
		struct base_error error;
		assert_int_equal(post_resolve(crowd->fixture->post, SLICE("anna"),
					 SLICE("troika.test"), arena, &route, &error),
			BASE_OK);
	}
	return NULL;
}

static void
many_at_once_get_ids_of_their_own(void **state)
{
	struct fixture *fixture = *state;
	usual_town(fixture);
	pthread_t threads[4];
	struct crowd crowds[4];
	for (int i = 0; i < 4; i++) {
		crowds[i] = (struct crowd){fixture, i};
		assert_int_equal(pthread_create(&threads[i], NULL,
					 i % 2 ? resolve_many : add_many, &crowds[i]),
			0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	fixture_shut(fixture);
	fixture_open(fixture);
	struct post_account_info *accounts;
	size_t count = post_accounts(fixture->post, SLICE_NONE, fixture->arena, &accounts);
	assert_int_equal(count, 2 + 2 * EACH);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			assert_true(accounts[i].id != accounts[k].id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(domains_come_and_go),
		TEST(catch_all_is_kept_and_taken_away),
		TEST(accounts_are_what_was_set),
		TEST(each_secret_has_its_version),
		TEST(changes_on_their_way_are_seen),
		TEST(aliases_come_and_go),
		TEST(lists_are_sorted_and_by_domain),
		TEST(a_removed_name_is_free_and_its_id_is_not),
		TEST(ids_are_not_used_again_after_a_start),
		TEST(a_removal_survives_a_stop),
		TEST(many_at_once_get_ids_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
