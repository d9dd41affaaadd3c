#ifndef POST_DIRECTORY_RECORD_H
#define POST_DIRECTORY_RECORD_H

#include "post/quota.h"

/*
 * The rows of the directory's space, as bytes. Pure.
 *
 * A key is one byte of enum post_directory_kind and a name: of a domain, or the folded
 * address of an account or alias ("local@domain", unquoted). Domains stand before
 * accounts, so that whoever reads rows in order knows the domain of each account.
 *
 * A value begins with POST_DIRECTORY_FORMAT. Unpacking gives BASE_DAMAGED for anything that
 * packing would not write; slices point into the value.
 */
#define POST_DIRECTORY_FORMAT 1
#define POST_SECRET_MOST      1024 /* bytes of an account's secret */
#define POST_HIDDEN_MOST      1024 /* bytes of an account's hidden capabilities */

enum post_directory_kind {
	POST_ROW_COUNTER = 1,
	POST_ROW_DOMAIN = 2,
	POST_ROW_ACCOUNT = 3,
	POST_ROW_ALIAS = 4,
	POST_ROW_SHARE = 5 /* its name is struct post_share, its value has nothing more */
};

struct post_domain_record {
	uint64_t ordinal;       /* rises in the order of creation; the least is the first */
	uint64_t members;       /* accounts and aliases that live in it */
	struct slice catch_all; /* an address, or empty */
};

struct post_account_record {
	uint64_t id;
	struct slice local; /* as it was spelled, unquoted */
	struct slice secret;
	uint64_t secret_version; /* from 1; rises with each new secret */
	bool enabled;
	bool removing; /* its mail is being erased: a tombstone that chores finish */
	bool shared;   /* belongs to no person; written as format 2 */
	struct post_quota quota; /* of messages or mailboxes: a row with one has format 4 */
	uint32_t letters_per_hour;
	struct slice hidden; /* capabilities; a row with some has format 2 */
};

struct post_alias_record {
	struct slice local;
	struct slice *targets; /* addresses as text, at least one */
	size_t count;
};

/*
 * That an account has granted something to another: a hint, there before the grant and
 * gone no sooner; what is granted stands in the owner's tree (tree.h).
 */
#define POST_SHARE_NAME_SIZE 16
struct post_share {
	uint64_t who; /* an account's id, or POST_ANYONE */
	uint64_t owner;
};
struct slice post_share_name(struct arena *arena, const struct post_share *share);
MUST_CHECK bool post_share_of_name(struct slice name, struct post_share *share);

struct slice post_directory_key(
	struct arena *arena, enum post_directory_kind kind, struct slice name);

/* False only when the buffer is full. */
bool post_share_pack(struct buffer *into);
bool post_counter_pack(uint64_t value, struct buffer *into);
bool post_domain_pack(const struct post_domain_record *record, struct buffer *into);
bool post_account_pack(const struct post_account_record *record, struct buffer *into);
bool post_alias_pack(const struct post_alias_record *record, struct buffer *into);

MUST_CHECK enum base_failure post_share_unpack(struct slice value);
MUST_CHECK enum base_failure post_counter_unpack(struct slice value, uint64_t *number);
MUST_CHECK enum base_failure post_domain_unpack(
	struct slice value, struct post_domain_record *record);
MUST_CHECK enum base_failure post_account_unpack(
	struct slice value, struct post_account_record *record);
/* The list of targets lives in the arena. */
MUST_CHECK enum base_failure post_alias_unpack(
	struct slice value, struct arena *arena, struct post_alias_record *record);

#endif
