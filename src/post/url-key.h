#ifndef POST_URL_KEY_H
#define POST_URL_KEY_H

#include "post/mailbox.h"

/*
 * A user's key of a mailbox for URLs that grant access to its messages (RFC 4467 5):
 * random, made when the first URL is, void when it is forgotten or the mailbox deleted. It
 * is kept with the user, also of another's mailbox, so that each makes but his own URLs
 * void.
 */
#define POST_URL_KEY_SIZE 32

/* Durable; BASE_NOT_FOUND: there is none. */
enum base_failure post_url_key_read(struct post_account *user, struct post_mailbox *mailbox,
	uint8_t key[POST_URL_KEY_SIZE]) MUST_CHECK;
/* Makes one where there is none. NULL with *error as in change.h, for both. */
struct base_ticket *post_url_key_make(
	struct post_account *user, struct post_mailbox *mailbox, struct base_error *error);
/* All URLs of the mailbox are void. */
struct base_ticket *post_url_key_forget(
	struct post_account *user, struct post_mailbox *mailbox, struct base_error *error);
/* The same for all mailboxes, those of others too. */
struct base_ticket *post_url_keys_forget(
	struct post_account *account, struct base_error *error);

#endif
