#ifndef POST_KEYS_H
#define POST_KEYS_H

#include "base/base.h"

/*
 * Keys of an account's space: one letter, then big-endian numbers, so that the rows of a
 * mailbox stand together in the order of UIDs or modseqs. INBOX is always mailbox 1.
 */
enum post_key_kind {
	POST_KEY_OF_LEDGER = 'A',   /* email ids, quota */
	POST_KEY_OF_ATTACHED = 'B', /* texts of attachments: attached-record.h */
	POST_KEY_OF_CONTENT = 'C',  /* email id */
	POST_KEY_OF_DOOMED = 'D',   /* mailbox: deleted, its rows not yet */
	POST_KEY_OF_ENTRY = 'E',    /* mailbox, UID */
	POST_KEY_OF_FEED = 'F',     /* mailbox, modseq */
	POST_KEY_OF_HEAD = 'H',     /* mailbox */
	POST_KEY_OF_IMAGE = 'I',    /* mailbox, modseq, piece */
	POST_KEY_OF_LETTERS = 'L',  /* sent per hour */
	POST_KEY_OF_METADATA = 'M', /* mailbox, or 0 for the account: metadata-record.h */
	POST_KEY_OF_COPIES = 'N',   /* email id: how many entries beyond the first */
	POST_KEY_OF_PARTIAL = 'P',  /* mailbox, UID: a copy that is not whole yet */
	POST_KEY_OF_SEARCH = 'S',   /* the index: search-record.h */
	POST_KEY_OF_TREE = 'T',     /* all mailboxes' names */
	POST_KEY_OF_URL_KEY = 'U',  /* mailbox; or 0, account, mailbox: url-key.h */
	POST_KEY_OF_EXPUNGED = 'X', /* due, mailbox, modseq */
};

#define POST_KEY_MOST  24
#define POST_INBOX_ID  1
#define POST_EMAIL_LEN 8 /* bytes of an email id, as a blob's owner */

struct post_key {
	uint8_t length;
	char bytes[POST_KEY_MOST];
};

struct slice post_key_slice(const struct post_key *key);

struct post_key post_key_ledger(void);
struct post_key post_key_letters(void);
struct post_key post_key_tree(void);
struct post_key post_key_content(uint64_t email);
struct post_key post_key_attached(uint64_t email);
struct post_key post_key_copies(uint64_t email);
struct post_key post_key_head(uint32_t mailbox);
struct post_key post_key_doomed(uint32_t mailbox);
struct post_key post_key_partial(uint32_t mailbox, uint32_t uid);
struct post_key post_key_entry(uint32_t mailbox, uint32_t uid);
struct post_key post_key_feed(uint32_t mailbox, uint64_t modseq);
struct post_key post_key_image(uint32_t mailbox, uint64_t modseq, uint16_t piece);
/* Of another account's mailbox. */
struct post_key post_key_foreign_url_key(uint64_t account, uint32_t mailbox);
struct post_key post_key_expunged(uint64_t due_ms, uint32_t mailbox, uint64_t modseq);

/* The first key behind all rows of that kind (of that mailbox). */
struct post_key post_key_after_row(enum post_key_kind kind);
struct post_key post_key_after_mailbox(enum post_key_kind kind, uint32_t mailbox);
struct post_key post_key_of_mailbox(enum post_key_kind kind, uint32_t mailbox);
struct post_key post_key_of_row(enum post_key_kind kind);

/* The numbers of a key that was scanned; false when its shape is another. */
MUST_CHECK bool post_key_take_content(struct slice key, uint64_t *email);
MUST_CHECK bool post_key_take_mailbox(struct slice key, uint32_t *mailbox);
MUST_CHECK bool post_key_take_entry(struct slice key, uint32_t *mailbox, uint32_t *uid);
MUST_CHECK bool post_key_take_partial(struct slice key, uint32_t *mailbox, uint32_t *uid);
MUST_CHECK bool post_key_take_feed(struct slice key, uint32_t *mailbox, uint64_t *modseq);
MUST_CHECK bool post_key_take_image(
	struct slice key, uint32_t *mailbox, uint64_t *modseq, uint16_t *piece);
MUST_CHECK bool post_key_take_expunged(
	struct slice key, uint64_t *due_ms, uint32_t *mailbox, uint64_t *modseq);

#endif
