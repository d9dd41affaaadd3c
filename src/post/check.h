#ifndef POST_CHECK_H
#define POST_CHECK_H

#include "post/mailbox-internal.h"

/* The check of one account: what its rows say of one another. */
struct post_checking {
	struct post_account *account;
	struct post_verdict verdict; /* of this account */
	struct buffer problems;      /* sentences, each with its NUL */
	uint64_t *emails;            /* of all entries, expunged ones too */
	size_t emails_count, emails_room;
	uint64_t bytes, messages; /* shown by all mailboxes */
};

void post_check_problem(struct post_checking *checking, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Heads against image and feed, those against entries; the ledger against all. */
enum base_failure post_check_mailboxes(struct post_checking *checking) MUST_CHECK;
/* Contents and blobs against entries. */
enum base_failure post_check_contents(struct post_checking *checking) MUST_CHECK;
/* The search index against entries and blobs; without it nothing is lost. */
enum base_failure post_check_search(struct post_checking *checking) MUST_CHECK;

#endif
