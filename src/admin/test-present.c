/* What an import takes for present, as it goes from mailbox to mailbox. */
#include "admin/call.h"
#include "admin/pipe.h"
#include "admin/present.h"
#include "base/test.h"
#include "door/test-house.h"

#define ANNA SLICE("anna@troika.test")

struct scene {
	struct house house;
	struct admin admin;
	struct admin_call call;
	struct post_account *account;
	struct admin_presents presents;
};

static int
start(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	struct post_account_info info;
	scene->call.arena = arena_create(ARENA_NO_CEILING);
	scene->call.admin = &scene->admin;
	scene->call.pipe = admin_pipe_create((struct net_handle){0});
	house_open(&scene->house, &(struct house_settings){.clear = true});
	scene->admin.net = scene->house.net;
	house_account(&scene->house, "anna@troika.test", "troika");
	house_deliver(&scene->house, "anna@troika.test", SLICE("Subject: one\r\n\r\n"));
	assert_int_equal(
		post_account_find(scene->house.post, ANNA, scene->call.arena, &info),
		BASE_OK);
	assert_int_equal(
		post_account_open(scene->house.post, info.id, &scene->account), BASE_OK);
	*state = scene;
	return 0;
}

static int
stop(void **state)
{
	struct scene *scene = *state;
	admin_presents_release(&scene->presents);
	admin_pipe_drop(scene->call.pipe);
	admin_pipe_drop(scene->call.pipe);
	post_account_close(scene->account);
	house_close(&scene->house);
	arena_destroy(scene->call.arena);
	free(scene);
	return 0;
}

static struct admin_present *
ask_for(struct scene *scene, struct slice name)
{
	struct post_mailbox *mailbox;
	struct admin_present *present;
	if (post_mailbox_open(scene->account, name, &mailbox) == BASE_NOT_FOUND) {
		house_done(post_mailbox_create(scene->account, name, POST_USE_NONE, NULL));
		assert_int_equal(
			post_mailbox_open(scene->account, name, &mailbox), BASE_OK);
	}
	assert_int_equal(
		admin_present_of(&scene->presents, &scene->call, mailbox, &present),
		BASE_OK);
	post_mailbox_close(mailbox);
	return present;
}

/* Whether this is known; then it is. */
static bool
add(struct admin_present *present, char first)
{
	const struct store_hash hash = {{(uint8_t)first}};
	return admin_present_add(present, &hash);
}

/* What was added is in no mailbox: who reads one anew does not find it. */
static void
who_goes_to_and_fro_reads_nothing_anew(void **state)
{
	static const struct slice others[] = {
		SLICE_INIT("b"), SLICE_INIT("c"), SLICE_INIT("d"), SLICE_INIT("e")};
	struct scene *scene = *state;
	assert_true(add(ask_for(scene, SLICE("INBOX")), 'x'));
	for (int i = 0; i < 3; i++) {
		for (int other = 0; other < ADMIN_PRESENTS_MOST - 1; other++)
			assert_int_equal(add(ask_for(scene, others[other]), 'x'), i == 0);
		assert_false(add(ask_for(scene, SLICE("INBOX")), 'x'));
	}
	/* One more than are kept: the one that was asked for first goes. */
	assert_true(add(ask_for(scene, others[3]), 'x'));
	assert_false(add(ask_for(scene, SLICE("INBOX")), 'x'));
	assert_false(add(ask_for(scene, others[2]), 'x'));
	assert_true(add(ask_for(scene, others[0]), 'x'));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_goes_to_and_fro_reads_nothing_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
