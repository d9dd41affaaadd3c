/* What the tests of this room share; no test itself. */
#include "post/test-post.h"
#include <ftw.h>
#include <unistd.h>

static void
must(enum base_failure failure, const char *what)
{
	if (failure)
		fprintf(stderr, "%s: %s\n", what, base_failure_name(failure));
	ASSERT(!failure);
}

void
test_post_open(struct test_post *test)
{
	struct base_error error = {0};
	struct store_settings store = {.folder = test->folder, .clock = test->clock};
	must(store_open(&store, &test->store, &error), error.text);
	struct post_settings post = {.store = test->store,
		.clock = test->clock,
		.host_name = SLICE("mail.troika.test"),
		.keep_expunged_ms = test->keep_expunged_ms,
		.letters_per_hour = test->letters_per_hour,
		.receiving_memory = test->receiving_memory,
		.attached = test->attached};
	must(post_open(&post, &test->post, &error), error.text);
}

void
test_post_close(struct test_post *test)
{
	post_close(test->post);
	store_close(test->store);
}

void
test_post_start(struct test_post *test)
{
	struct base_error error = {0};
	snprintf(test->folder, sizeof test->folder, "/tmp/troika-post-XXXXXX");
	ASSERT(mkdtemp(test->folder));
	test->clock = base_clock_create();
	test_post_open(test);
	struct base_ticket *ticket =
		post_domain_add(test->post, SLICE("troika.test"), &error);
	test_done(ticket);
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

void
test_post_stop(struct test_post *test)
{
	test_post_close(test);
	base_clock_destroy(test->clock);
	nftw(test->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
test_post_reopen(struct test_post *test)
{
	test_post_close(test);
	test_post_open(test);
}

void
test_post_reopen_account(struct test_post *test, struct post_account **account)
{
	post_account_close(*account);
	test_post_reopen(test);
	*account = test_account(test, "anna@troika.test");
}

void
test_done(struct base_ticket *ticket)
{
	ASSERT(ticket);
	must(base_ticket_await(ticket), "ticket");
}

struct post_account *
test_account(struct test_post *test, const char *address)
{
	struct post_account_info info;
	struct post_account *account;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice name = slice_of_text(address);
	if (post_account_find(test->post, name, arena, &info)) {
		test_done(post_account_add(test->post, name, SLICE("secret"), NULL));
		must(post_account_find(test->post, name, arena, &info), "find");
	}
	must(post_account_open(test->post, info.id, &account), "open account");
	return account;
}

struct post_incoming *
test_incoming(struct test_post *test, const char *text)
{
	struct post_incoming *incoming = post_incoming_create(test->post);
	must(post_incoming_add(incoming, slice_of_text(text)), "add");
	return incoming;
}

void
test_deliver(struct test_post *test, struct post_account *account, const char *text)
{
	struct base_error error = {0};
	struct post_incoming *incoming = test_incoming(test, text);
	post_incoming_set_trace(incoming, SLICE("Received: by mail.troika.test\r\n"));
	must(post_incoming_seal(incoming), "seal");
	struct post_delivery *delivery =
		post_delivery_create(incoming, SLICE("boris@example.org"));
	struct post_delivery_target target = {.account = post_account_id(account),
		.delivered_to = SLICE("anna@troika.test")};
	must(post_delivery_local(delivery, &target), "local");
	test_done(post_delivery_submit(&delivery, &error));
	post_incoming_destroy(incoming);
}

struct post_mailbox *
test_open(struct post_account *account, const char *name)
{
	struct post_mailbox *mailbox;
	must(post_mailbox_open(account, slice_of_text(name), &mailbox), name);
	return mailbox;
}

struct post_uids *
test_uids(uint32_t first, uint32_t last)
{
	struct post_uids *uids = post_uids_create();
	post_uids_add_range(uids, first, last);
	return uids;
}

void
test_flag(struct post_mailbox *mailbox, uint32_t first, uint32_t last, const char *flag,
	enum post_flag_action action)
{
	struct slice name = slice_of_text(flag);
	SCOPED(post_uids_release) struct post_uids *uids = test_uids(first, last);
	struct post_flag_change change = {.action = action, .names = &name, .count = 1};
	test_done(post_flags_change(mailbox, uids, &change, NULL));
	post_uids_destroy(change.conflicts);
}

struct test_people *
test_anna_create(uint32_t letters_per_hour)
{
	struct test_people *people = calloc(1, sizeof *people);
	ASSERT(people);
	people->test.letters_per_hour = letters_per_hour;
	test_post_start(&people->test);
	people->anna = test_account(&people->test, "anna@troika.test");
	people->arena = arena_create(ARENA_NO_CEILING);
	return people;
}

struct test_people *
test_people_create(uint32_t letters_per_hour)
{
	struct test_people *people = test_anna_create(letters_per_hour);
	people->boris = test_account(&people->test, "boris@troika.test");
	return people;
}

int
test_anna_start(void **state)
{
	*state = test_anna_create(0);
	return 0;
}

int
test_people_start(void **state)
{
	*state = test_people_create(0);
	return 0;
}

int
test_people_stop(void **state)
{
	struct test_people *people = *state;
	arena_destroy(people->arena);
	post_account_close(people->anna);
	post_account_close(people->boris);
	test_post_stop(&people->test);
	free(people);
	return 0;
}

void
test_inbox_deliver(struct test_inbox *inbox, int letters)
{
	while (letters--)
		test_deliver(&inbox->test, inbox->account, TEST_LETTER);
}

struct test_inbox *
test_inbox_create(uint64_t keep_expunged_ms, int letters)
{
	struct test_inbox *inbox = calloc(1, sizeof *inbox);
	ASSERT(inbox);
	inbox->test.keep_expunged_ms = keep_expunged_ms;
	test_post_start(&inbox->test);
	inbox->account = test_account(&inbox->test, "anna@troika.test");
	inbox->inbox = test_open(inbox->account, "INBOX");
	inbox->arena = arena_create(ARENA_NO_CEILING);
	test_inbox_deliver(inbox, letters);
	return inbox;
}

int
test_inbox_stop(void **state)
{
	struct test_inbox *inbox = *state;
	arena_destroy(inbox->arena);
	post_mailbox_close(inbox->inbox);
	post_account_close(inbox->account);
	test_post_stop(&inbox->test);
	free(inbox);
	return 0;
}

void
test_inbox_reopen(struct test_inbox *inbox)
{
	post_mailbox_close(inbox->inbox);
	test_post_reopen_account(&inbox->test, &inbox->account);
	inbox->inbox = test_open(inbox->account, "INBOX");
}
