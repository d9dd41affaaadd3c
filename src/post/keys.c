#include "post/keys.h"

struct slice
post_key_slice(const struct post_key *key)
{
	return slice_of(key->bytes, key->length);
}

static void
put(struct post_key *key, uint64_t number, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		key->bytes[key->length++] = (char)(number >> (8 * (width - 1 - i)));
}

struct post_key
post_key_of_row(enum post_key_kind kind)
{
	return (struct post_key){.length = 1, .bytes = {(char)kind}};
}

static struct post_key
key_of_email(enum post_key_kind kind, uint64_t email)
{
	struct post_key key = post_key_of_row(kind);
	put(&key, email, 8);
	return key;
}

struct post_key
post_key_of_mailbox(enum post_key_kind kind, uint32_t mailbox)
{
	struct post_key key = post_key_of_row(kind);
	put(&key, mailbox, 4);
	return key;
}

struct post_key
post_key_ledger(void)
{
	return post_key_of_row(POST_KEY_OF_LEDGER);
}

struct post_key
post_key_letters(void)
{
	return post_key_of_row(POST_KEY_OF_LETTERS);
}

struct post_key
post_key_tree(void)
{
	return post_key_of_row(POST_KEY_OF_TREE);
}

struct post_key
post_key_content(uint64_t email)
{
	return key_of_email(POST_KEY_OF_CONTENT, email);
}

struct post_key
post_key_attached(uint64_t email)
{
	return key_of_email(POST_KEY_OF_ATTACHED, email);
}

struct post_key
post_key_copies(uint64_t email)
{
	return key_of_email(POST_KEY_OF_COPIES, email);
}

struct post_key
post_key_head(uint32_t mailbox)
{
	return post_key_of_mailbox(POST_KEY_OF_HEAD, mailbox);
}

struct post_key
post_key_doomed(uint32_t mailbox)
{
	return post_key_of_mailbox(POST_KEY_OF_DOOMED, mailbox);
}

struct post_key
post_key_partial(uint32_t mailbox, uint32_t uid)
{
	struct post_key key = post_key_of_mailbox(POST_KEY_OF_PARTIAL, mailbox);
	put(&key, uid, 4);
	return key;
}

struct post_key
post_key_entry(uint32_t mailbox, uint32_t uid)
{
	struct post_key key = post_key_of_mailbox(POST_KEY_OF_ENTRY, mailbox);
	put(&key, uid, 4);
	return key;
}

struct post_key
post_key_feed(uint32_t mailbox, uint64_t modseq)
{
	struct post_key key = post_key_of_mailbox(POST_KEY_OF_FEED, mailbox);
	put(&key, modseq, 8);
	return key;
}

struct post_key
post_key_image(uint32_t mailbox, uint64_t modseq, uint16_t piece)
{
	struct post_key key = post_key_of_mailbox(POST_KEY_OF_IMAGE, mailbox);
	put(&key, modseq, 8);
	put(&key, piece, 2);
	return key;
}

struct post_key
post_key_foreign_url_key(uint64_t account, uint32_t mailbox)
{
	struct post_key key = post_key_of_mailbox(POST_KEY_OF_URL_KEY, 0);
	put(&key, account, 8);
	put(&key, mailbox, 4);
	return key;
}

struct post_key
post_key_expunged(uint64_t due_ms, uint32_t mailbox, uint64_t modseq)
{
	struct post_key key = post_key_of_row(POST_KEY_OF_EXPUNGED);
	put(&key, due_ms, 8);
	put(&key, mailbox, 4);
	put(&key, modseq, 8);
	return key;
}

struct post_key
post_key_after_row(enum post_key_kind kind)
{
	return (struct post_key){.length = 1, .bytes = {(char)(kind + 1)}};
}

struct post_key
post_key_after_mailbox(enum post_key_kind kind, uint32_t mailbox)
{
	return mailbox == UINT32_MAX ? post_key_after_row(kind)
				     : post_key_of_mailbox(kind, mailbox + 1);
}

static bool
begins(struct slice *key, enum post_key_kind kind)
{
	uint8_t letter;
	return take_byte(key, &letter) && letter == (uint8_t)kind;
}

bool
post_key_take_content(struct slice key, uint64_t *email)
{
	return begins(&key, POST_KEY_OF_CONTENT) && take_be64(&key, email) &&
	       slice_empty(key);
}

bool
post_key_take_mailbox(struct slice key, uint32_t *mailbox)
{
	key = slice_from(key, 1);
	return take_be32(&key, mailbox) && slice_empty(key);
}

static bool
take_uid_key(struct slice key, enum post_key_kind kind, uint32_t *mailbox, uint32_t *uid)
{
	return begins(&key, kind) && take_be32(&key, mailbox) && take_be32(&key, uid) &&
	       slice_empty(key);
}

bool
post_key_take_partial(struct slice key, uint32_t *mailbox, uint32_t *uid)
{
	return take_uid_key(key, POST_KEY_OF_PARTIAL, mailbox, uid);
}

bool
post_key_take_entry(struct slice key, uint32_t *mailbox, uint32_t *uid)
{
	return take_uid_key(key, POST_KEY_OF_ENTRY, mailbox, uid);
}

bool
post_key_take_feed(struct slice key, uint32_t *mailbox, uint64_t *modseq)
{
	return begins(&key, POST_KEY_OF_FEED) && take_be32(&key, mailbox) &&
	       take_be64(&key, modseq) && slice_empty(key);
}

bool
post_key_take_image(struct slice key, uint32_t *mailbox, uint64_t *modseq, uint16_t *piece)
{
	return begins(&key, POST_KEY_OF_IMAGE) && take_be32(&key, mailbox) &&
	       take_be64(&key, modseq) && take_be16(&key, piece) && slice_empty(key);
}

bool
post_key_take_expunged(
	struct slice key, uint64_t *due_ms, uint32_t *mailbox, uint64_t *modseq)
{
	return begins(&key, POST_KEY_OF_EXPUNGED) && take_be64(&key, due_ms) &&
	       take_be32(&key, mailbox) && take_be64(&key, modseq) && slice_empty(key);
}
