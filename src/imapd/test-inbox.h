#ifndef IMAPD_TEST_INBOX_H
#define IMAPD_TEST_INBOX_H

/* For unit tests of what a session is told: a house with Anna's INBOX open. */
#include "base/test.h"
#include "door/test-house.h"

#define ANNA SLICE("anna@troika.test")

struct inbox {
	struct house house;
	struct arena *arena;
	struct post_account *account;
	struct post_mailbox *mailbox;
};

static inline void
inbox_open(struct inbox *inbox)
{
	struct post_account_info info;
	inbox->arena = arena_create(ARENA_NO_CEILING);
	house_open(&inbox->house, &(struct house_settings){.clear = true});
	house_account(&inbox->house, "anna@troika.test", "troika");
	assert_int_equal(
		post_account_find(inbox->house.post, ANNA, inbox->arena, &info), BASE_OK);
	assert_int_equal(
		post_account_open(inbox->house.post, info.id, &inbox->account), BASE_OK);
	assert_int_equal(post_mailbox_open(inbox->account, SLICE("INBOX"), &inbox->mailbox),
		BASE_OK);
}

static inline void
inbox_close(struct inbox *inbox)
{
	post_mailbox_close(inbox->mailbox);
	post_account_close(inbox->account);
	house_close(&inbox->house);
	arena_destroy(inbox->arena);
}

#endif
