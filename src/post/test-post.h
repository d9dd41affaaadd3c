#ifndef POST_TEST_POST_H
#define POST_TEST_POST_H

#include "post/post.h"

/* A store in a folder that is gone afterwards, a post on it, a domain and accounts. */
struct test_post {
	char folder[64];
	struct base_clock *clock;
	struct store *store;
	struct post *post;
	uint64_t keep_expunged_ms;
	uint32_t letters_per_hour;
	uint64_t receiving_memory;
	struct post_attached_runner attached;
};

void test_post_start(struct test_post *test);
void test_post_open(struct test_post *test);
void test_post_close(struct test_post *test);
void test_post_stop(struct test_post *test);   /* closes and removes */
void test_post_reopen(struct test_post *test); /* closes and opens again */
/* The same, with anna@troika.test's account closed and opened around it. */
void test_post_reopen_account(struct test_post *test, struct post_account **account);

/* All of that with an account or two, for tests that need no more. */
struct test_people {
	struct test_post test;
	struct post_account *anna, *boris; /* boris may be NULL */
	struct arena *arena;
};

struct test_people *test_anna_create(uint32_t letters_per_hour);
struct test_people *test_people_create(uint32_t letters_per_hour);
int test_anna_start(void **state); /* no limit of letters */
int test_people_start(void **state);
int test_people_stop(void **state);

/* The same with INBOX open, which holds so many letters of TEST_LETTER. */
#define TEST_LETTER "Subject: Tea\r\n\r\nAt five?\r\n"
struct test_inbox {
	struct test_post test;
	struct post_account *account;
	struct post_mailbox *inbox;
	struct arena *arena;
};

struct test_inbox *test_inbox_create(uint64_t keep_expunged_ms, int letters);
int test_inbox_stop(void **state);
void test_inbox_reopen(struct test_inbox *inbox); /* the store, too */
void test_inbox_deliver(struct test_inbox *inbox, int letters);

/* "anna@troika.test": makes the account and opens it. */
struct post_account *test_account(struct test_post *test, const char *address);
void test_done(struct base_ticket *ticket); /* waits; it must have gone well */
void test_deliver(struct test_post *test, struct post_account *account, const char *text);
struct post_incoming *test_incoming(struct test_post *test, const char *text);
struct post_mailbox *test_open(struct post_account *account, const char *name);
struct post_uids *test_uids(uint32_t first, uint32_t last);
/* Flags by one name. */
void test_flag(struct post_mailbox *mailbox, uint32_t first, uint32_t last,
	const char *flag, enum post_flag_action action);

#endif
