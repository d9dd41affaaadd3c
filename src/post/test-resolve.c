#include "base/test.h"
#include "post/directory-record.h"
#include "post/resolve.h"

/* A directory without a store: rows are applied as if they had just become durable. */
struct town {
	struct post_table *table;
	struct arena *arena;
	uint64_t ordinal, id;
};

static struct town
town_create(void)
{
	return (struct town){
		.table = post_table_create(),
		.arena = arena_create(ARENA_NO_CEILING),
		.id = POST_ACCOUNT_FIRST,
	};
}

static void
town_destroy(struct town *town)
{
	post_table_destroy(town->table);
	arena_destroy(town->arena);
}

static void
apply(struct town *town, enum post_directory_kind kind, struct slice name,
	const struct buffer *packed)
{
	struct base_error error = {0};
	struct slice key = post_directory_key(town->arena, kind, name);
	struct slice value = packed ? buffer_slice(packed) : SLICE_NONE;
	assert_int_equal(post_table_apply(town->table, key, value, &error), BASE_OK);
}

static void
domain(struct town *town, const char *name, const char *catch_all)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_domain_record record = {
		.ordinal = town->ordinal++, .catch_all = slice_of_text(catch_all)};
	assert_true(post_domain_pack(&record, &packed));
	apply(town, POST_ROW_DOMAIN, slice_of_text(name), &packed);
}

static struct post_name
name_of(struct town *town, const char *address)
{
	struct post_name name;
	struct base_error error = {0};
	assert_int_equal(
		post_name_parse(town->arena, slice_of_text(address), &name, &error),
		BASE_OK);
	return name;
}

static uint64_t
account_as(struct town *town, const char *address, struct post_account_record record)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(4096);
	struct post_name name = name_of(town, address);
	record.local = name.local;
	assert_true(post_account_pack(&record, &packed));
	apply(town, POST_ROW_ACCOUNT, name.key, &packed);
	return record.id;
}

static uint64_t
account(struct town *town, const char *address)
{
	return account_as(town, address,
		(struct post_account_record){
			.id = town->id++, .secret_version = 1, .enabled = true});
}

static void
alias(struct town *town, const char *address, const char *const *targets)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(1 << 20);
	struct post_name name = name_of(town, address);
	struct slice list[POST_ALIAS_TARGETS_MOST];
	struct post_alias_record record = {.local = name.local, .targets = list};
	for (; targets[record.count]; record.count++)
		list[record.count] = slice_of_text(targets[record.count]);
	assert_true(post_alias_pack(&record, &packed));
	apply(town, POST_ROW_ALIAS, name.key, &packed);
}

#define ALIAS(town, address, ...) \
	alias(town, address, (const char *const[]){__VA_ARGS__, NULL})

static enum base_failure
resolve(struct town *town, const char *address, struct post_route *route)
{
	struct base_error error = {0};
	struct post_name name = name_of(town, address);
	return post_table_resolve(town->table, &name, town->arena, route, &error);
}

/* "anna@troika.test/detail x@example.org": all targets in their order. */
static void
assert_route(struct town *town, const char *address, const char *wanted)
{
	struct post_route route;
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 16);
	assert_int_equal(resolve(town, address, &route), BASE_OK);
	for (size_t i = 0; i < route.count; i++) {
		const struct post_target *target = &route.targets[i];
		assert_true(target->local == (target->account != 0));
		if (i)
			buffer_put_byte(&text, ' ');
		buffer_put(&text, target->address);
		if (!slice_empty(target->detail))
			buffer_put_byte(&text, '/');
		buffer_put(&text, target->detail);
	}
	assert_slice_equals(buffer_slice(&text), slice_of_text(wanted), __FILE__, __LINE__);
}

static void
assert_fails(struct town *town, const char *address, enum base_failure failure)
{
	struct post_route route;
	assert_int_equal(resolve(town, address, &route), failure);
	assert_int_equal(route.count, 0);
}

static struct town
usual_town(void)
{
	struct town town = town_create();
	domain(&town, "troika.test", NULL);
	domain(&town, "second.test", NULL);
	account(&town, "Anna@troika.test");
	account(&town, "boris@troika.test");
	return town;
}

static void
accounts_in_any_spelling(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	static const char *const spellings[] = {"anna@troika.test", "ANNA@TROIKA.TEST",
		"Anna@Troika.Test", "\"anna\"@troika.test"};
	for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++)
		assert_route(&town, spellings[i], "Anna@troika.test");
	assert_fails(&town, "annb@troika.test", BASE_NOT_FOUND);
	assert_fails(&town, "anna@second.test", BASE_NOT_FOUND);
	assert_fails(&town, "anna@example.org", BASE_DENIED);
}

static void
names_and_domains_in_unicode(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = town_create();
	domain(&town, "xn--mnchen-3ya.test", NULL);
	account(&town, "J\xc3\xb6rg@xn--mnchen-3ya.test");
	assert_route(&town, "j\xc3\x96rg@M\xc3\xbcnchen.test",
		"J\xc3\xb6rg@xn--mnchen-3ya.test");
}

static void
plus_addresses(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	account(&town, "boris+own@troika.test");
	ALIAS(&town, "team@troika.test", "anna@troika.test", "boris+team@troika.test",
		"x@example.org");
	assert_route(&town, "anna+Lists@troika.test", "Anna@troika.test/Lists");
	assert_route(&town, "anna+a+b@troika.test", "Anna@troika.test/a+b");
	assert_route(&town, "boris+own@troika.test", "boris+own@troika.test");
	assert_route(&town, "boris+else@troika.test", "boris@troika.test/else");
	assert_route(&town, "team+x@troika.test",
		"Anna@troika.test/x boris@troika.test/team x@example.org");
	assert_fails(&town, "+anna@troika.test", BASE_NOT_FOUND);
	assert_fails(&town, "nobody+anna@troika.test", BASE_NOT_FOUND);
}

static void
aliases_expand_once_each(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	ALIAS(&town, "all@troika.test", "team@troika.test", "anna@troika.test",
		"X@Example.org", "team@second.test");
	ALIAS(&town, "team@troika.test", "anna@troika.test", "boris@troika.test",
		"x@example.org");
	ALIAS(&town, "team@second.test", "team@troika.test", "y@example.org");
	assert_route(&town, "all@troika.test",
		"Anna@troika.test boris@troika.test x@example.org y@example.org");
}

static void
targets_that_are_gone_are_passed_over(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	ALIAS(&town, "half@troika.test", "gone@troika.test", "anna@troika.test");
	ALIAS(&town, "dead@troika.test", "gone@troika.test");
	ALIAS(&town, "twice@troika.test", "dead@troika.test", "dead@troika.test");
	assert_route(&town, "half@troika.test", "Anna@troika.test");
	assert_fails(&town, "dead@troika.test", BASE_NOT_FOUND);
	assert_fails(&town, "twice@troika.test", BASE_NOT_FOUND);
}

static void
an_alias_may_keep_a_copy_for_its_account(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	ALIAS(&town, "anna@troika.test", "anna@troika.test", "anna@example.org");
	ALIAS(&town, "boris@troika.test", "boris@example.org");
	ALIAS(&town, "team@troika.test", "anna@troika.test", "boris@troika.test");
	assert_route(&town, "anna@troika.test", "Anna@troika.test anna@example.org");
	assert_route(&town, "anna+x@troika.test", "Anna@troika.test/x anna@example.org");
	assert_route(&town, "boris@troika.test", "boris@example.org");
	assert_route(&town, "team@troika.test",
		"Anna@troika.test anna@example.org boris@example.org");
}

static void
loops_and_depth_are_refused(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	ALIAS(&town, "a@troika.test", "b@troika.test");
	ALIAS(&town, "b@troika.test", "anna@troika.test", "c@troika.test");
	ALIAS(&town, "c@troika.test", "a@troika.test");
	assert_fails(&town, "a@troika.test", BASE_INVALID);
	for (int i = 0; i <= POST_ALIAS_DEPTH_MOST; i++) {
		char from[32], to[32];
		snprintf(from, sizeof from, "deep%d@troika.test", i);
		snprintf(to, sizeof to, "deep%d@troika.test", i + 1);
		ALIAS(&town, from, to);
	}
	account(&town, "deep11@troika.test");
	assert_fails(&town, "deep0@troika.test", BASE_INVALID);
	assert_route(&town, "deep1@troika.test", "deep11@troika.test");
}

/* 10 levels of 1,000 names that all lead on: bounded, and quickly refused. */
static void
expansion_is_bounded(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	static char names[POST_ALIAS_TARGETS_MOST][40];
	const char *list[POST_ALIAS_TARGETS_MOST + 1] = {NULL};
	const char *fan[12] = {NULL};
	static char fans[11][40];
	for (int part = 0; part < 11; part++) {
		for (int i = 0; i < POST_ALIAS_TARGETS_MOST; i++) {
			snprintf(names[i], sizeof names[i], "u%d@p%d.example", i, part);
			list[i] = names[i];
		}
		snprintf(fans[part], sizeof fans[part], "fan%d@troika.test", part);
		fan[part] = fans[part];
		alias(&town, fans[part], list);
	}
	struct post_route route;
	fan[10] = NULL;
	alias(&town, "ten@troika.test", fan);
	assert_int_equal(resolve(&town, "ten@troika.test", &route), BASE_OK);
	assert_int_equal(route.count, POST_RECIPIENTS_MOST);
	fan[10] = fans[10];
	alias(&town, "eleven@troika.test", fan);
	assert_fails(&town, "eleven@troika.test", BASE_INVALID);
}

static void
catch_all_gets_what_nobody_has(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	domain(&town, "caught.test", "anna@troika.test");
	domain(&town, "abroad.test", "x@example.org");
	domain(&town, "nobody.test", "nobody@nobody.test");
	domain(&town, "round.test", "x@about.test");
	domain(&town, "about.test", "x@round.test");
	account(&town, "boris@caught.test");
	assert_route(&town, "whoever@caught.test", "Anna@troika.test");
	assert_route(&town, "boris@caught.test", "boris@caught.test");
	assert_route(&town, "boris+x@caught.test", "boris@caught.test/x");
	assert_route(&town, "whoever@abroad.test", "x@example.org");
	assert_fails(&town, "whoever@nobody.test", BASE_NOT_FOUND);
	assert_fails(&town, "whoever@round.test", BASE_NOT_FOUND);
}

static void
postmaster_always_answers(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = town_create();
	domain(&town, "troika.test", NULL);
	domain(&town, "second.test", "boris@troika.test");
	assert_fails(&town, "postmaster@troika.test", BASE_NOT_FOUND);
	uint64_t boris = account(&town, "boris@second.test");
	assert_route(&town, "PostMaster@second.test", "boris@second.test");
	assert_route(&town, "postmaster@troika.test", "boris@second.test");
	account(&town, "anna@troika.test");
	account(&town, "carla@second.test");
	assert_route(&town, "postmaster+x@troika.test", "anna@troika.test");
	/* The eldest is disabled: the next one. */
	account_as(&town, "boris@second.test",
		(struct post_account_record){.id = boris, .secret_version = 1});
	assert_route(&town, "postmaster@second.test", "carla@second.test");
	ALIAS(&town, "postmaster@troika.test", "carla@second.test");
	domain(&town, "empty.test", NULL);
	assert_route(&town, "postmaster@empty.test", "carla@second.test");
	ALIAS(&town, "postmaster@troika.test", "postmaster@empty.test");
	assert_route(&town, "postmaster@empty.test", "anna@troika.test");
	account(&town, "postmaster@second.test");
	assert_route(&town, "postmaster@second.test", "postmaster@second.test");
}

static void
an_account_that_is_being_removed_is_gone(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	account_as(&town, "anna@troika.test",
		(struct post_account_record){.id = POST_ACCOUNT_FIRST,
			.secret_version = 1,
			.enabled = true,
			.removing = true});
	assert_fails(&town, "anna@troika.test", BASE_NOT_FOUND);
	assert_route(&town, "postmaster@troika.test", "boris@troika.test");
	apply(&town, POST_ROW_ACCOUNT, SLICE("anna@troika.test"), NULL);
	assert_null(post_table_account_by_id(town.table, POST_ACCOUNT_FIRST));
	assert_non_null(post_table_account_by_id(town.table, POST_ACCOUNT_FIRST + 1));
}

static bool
may_send(struct town *town, uint64_t id, const char *address)
{
	struct post_name name = name_of(town, address);
	return post_table_may_send_as(town->table, id, &name, town->arena);
}

static void
who_may_send_as_whom(void **state)
{
	(void)state;
	SCOPED(town_destroy) struct town town = usual_town();
	ALIAS(&town, "team@troika.test", "anna@troika.test", "boris@troika.test");
	ALIAS(&town, "wide@troika.test", "team@troika.test");
	const uint64_t anna = POST_ACCOUNT_FIRST;
	assert_true(may_send(&town, anna, "ANNA@troika.test"));
	assert_true(may_send(&town, anna, "anna+shop@troika.test"));
	assert_true(may_send(&town, anna, "team@troika.test"));
	assert_true(may_send(&town, anna, "team+x@troika.test"));
	assert_false(may_send(&town, anna, "wide@troika.test"));
	assert_false(may_send(&town, anna, "boris@troika.test"));
	assert_false(may_send(&town, anna, "anna@second.test"));
	assert_false(may_send(&town, anna, "anna@example.org"));
	assert_false(may_send(&town, anna + 99, "anna@troika.test"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_in_any_spelling),
		cmocka_unit_test(names_and_domains_in_unicode),
		cmocka_unit_test(plus_addresses),
		cmocka_unit_test(aliases_expand_once_each),
		cmocka_unit_test(targets_that_are_gone_are_passed_over),
		cmocka_unit_test(an_alias_may_keep_a_copy_for_its_account),
		cmocka_unit_test(loops_and_depth_are_refused),
		cmocka_unit_test(expansion_is_bounded),
		cmocka_unit_test(catch_all_gets_what_nobody_has),
		cmocka_unit_test(postmaster_always_answers),
		cmocka_unit_test(an_account_that_is_being_removed_is_gone),
		cmocka_unit_test(who_may_send_as_whom),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
