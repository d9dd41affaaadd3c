#ifndef POST_RECORDS_H
#define POST_RECORDS_H

#include "post/mailbox.h"
#include "post/view.h"

/*
 * The rows of an account's space, as bytes. Pure: no store, no clock.
 *
 * Every value begins with its format's number. pack is false only when the buffer is full;
 * unpack gives BASE_DAMAGED for anything that packing would not write. Unpacked slices
 * point into the value.
 */
#define POST_RECORD_FORMAT 1

/* A number that is mostly small and may be negative, as LEB128. */
bool post_put_signed(struct buffer *into, int64_t value);
MUST_CHECK bool post_take_signed(struct slice *rest, int64_t *value);
MUST_CHECK bool post_take_format(struct slice *rest);
MUST_CHECK bool post_take_u32(struct slice *rest, uint32_t *value);

/* --- of the account ------------------------------------------------------------------ */

struct post_ledger {
	uint64_t email_next; /* from 1 */
	uint64_t bytes, messages;
};
bool post_ledger_pack(const struct post_ledger *ledger, struct buffer *into);
MUST_CHECK enum base_failure post_ledger_unpack(
	struct slice value, struct post_ledger *ledger);

/* Letters sent in the running hour and in the one before. */
struct post_letters {
	uint64_t hour;
	uint32_t now, before;
};
/* "key" is POST_URL_KEY_SIZE octets (url-key.h). */
bool post_url_key_pack(const uint8_t *key, struct buffer *into);
MUST_CHECK enum base_failure post_url_key_unpack(struct slice value, uint8_t *key);

bool post_letters_pack(const struct post_letters *letters, struct buffer *into);
MUST_CHECK enum base_failure post_letters_unpack(
	struct slice value, struct post_letters *letters);

/* --- of a mailbox -------------------------------------------------------------------- */

/* What a delivery must know of a mailbox, and STATUS; there while the mailbox is. */
struct post_head {
	uint32_t uid_next;
	uint64_t modseq; /* the highest; starts at 1 */
	uint32_t messages, unseen, deleted, recent;
	uint32_t recent_first; /* the least UID that is \Recent */
	uint64_t bytes;
	uint64_t image, image_before; /* modseqs of the kept images; 0: none */
	uint64_t feed_first;          /* the least modseq whose feed row is kept */
};
struct post_head post_head_new(void);
bool post_head_pack(const struct post_head *head, struct buffer *into);
MUST_CHECK enum base_failure post_head_unpack(struct slice value, struct post_head *head);

/* --- of a message -------------------------------------------------------------------- */

/* Format 2 has a zone; one without (UTC) is written as format 1, as before. */
struct post_entry_record {
	uint64_t email;
	int64_t internal_date, save_date;
	int zone;      /* of the internal date, minutes east of UTC, -1439 to 1439 */
	uint64_t size; /* prefix, trace and blob */
	struct slice prefix;
};
bool post_entry_pack(const struct post_entry_record *entry, struct buffer *into);
MUST_CHECK enum base_failure post_entry_unpack(
	struct slice value, struct post_entry_record *entry);

struct post_content_record {
	uint8_t hash[BASE_SHA256_SIZE];
	uint64_t size;   /* of the blob */
	uint64_t thread; /* 0: its own email id */
	struct slice trace;
	struct slice header; /* absent: read the blob */
	uint64_t renderer;   /* WIRE_RENDERER_VERSION of the next three */
	struct slice envelope, body, body_structure;
	struct slice preview;
	struct slice structure; /* wire_mime_pack without envelopes */
};
bool post_content_pack(const struct post_content_record *content, struct buffer *into);
MUST_CHECK enum base_failure post_content_unpack(
	struct slice value, struct post_content_record *content);

#endif
