#ifndef POST_DIRECTORY_H
#define POST_DIRECTORY_H

#include "post/quota.h"

/*
 * Domains, accounts and aliases: who lives here. Kept in the directory's space and whole
 * in memory (a million accounts: about 300 MB), so that RCPT never reads.
 *
 * Addresses are given as text "local@domain". Domains compare as lower-case A-labels,
 * local parts case-insensitively (ASCII; UTF-8 by RFC 5051 folding). Every domain answers
 * to postmaster@: when no account or alias has the name, the first account ever made in
 * the domain, or else in the first domain, gets it.
 */
struct post;
struct post_account;

#define POST_ALIAS_TARGETS_MOST 1000
#define POST_ALIAS_DEPTH_MOST   10
#define POST_RECIPIENTS_MOST    10000 /* what one address may expand to */
#define POST_NAME_MOST          255

/* The directory's space; accounts get ids from POST_ACCOUNT_FIRST on, never used again. */
#define POST_SPACE_DIRECTORY   1
#define POST_SPACE_QUEUE_FIRST 16 /* relay's: 16 spaces */
#define POST_ACCOUNT_FIRST     1024

/* --- operations of a person; the ticket says whether it is durable ------------------- */

struct base_ticket *post_domain_add(
	struct post *post, struct slice domain, struct base_error *error);
/* BASE_CONFLICT while accounts or aliases live in it. */
struct base_ticket *post_domain_remove(
	struct post *post, struct slice domain, struct base_error *error);
/* catch_all: an address, or empty for none. */
struct base_ticket *post_domain_set_catch_all(struct post *post, struct slice domain,
	struct slice catch_all, struct base_error *error);

/*
 * secret: what door made of the password, opaque here. Makes INBOX and the special-use
 * mailboxes (Drafts, Sent, Junk, Trash, Archive).
 */
struct base_ticket *post_account_add(struct post *post, struct slice address,
	struct slice secret, struct base_error *error);
/* One that belongs to no person (sharing.h): it has no secret, nobody signs in to it. */
struct base_ticket *post_account_add_shared(
	struct post *post, struct slice address, struct base_error *error);
struct base_ticket *post_account_set_secret(struct post *post, struct slice address,
	struct slice secret, struct base_error *error);
/*
 * The same password in a stronger form: BASE_CONFLICT when the secret is no more that
 * version, as somebody set another meanwhile.
 */
struct base_ticket *post_account_renew_secret(struct post *post, struct slice address,
	uint64_t secret_version, struct slice secret, struct base_error *error);
struct base_ticket *post_account_set_enabled(
	struct post *post, struct slice address, bool enabled, struct base_error *error);
/* letters 0: the server's limit. */
struct base_ticket *post_account_set_limits(struct post *post, struct slice address,
	const struct post_quota *quota, uint32_t letters_per_hour,
	struct base_error *error);
/* Capabilities that its clients are not told of, parted by blanks; empty: none. */
struct base_ticket *post_account_set_hidden(struct post *post, struct slice address,
	struct slice capabilities, struct base_error *error);
/*
 * Nobody finds it any more once that is durable. post_chores erase its mail, in steps; the
 * ticket is complete, and the name free, when they are done. A crash between is no harm.
 */
struct base_ticket *post_account_remove(
	struct post *post, struct slice address, struct base_error *error);

/*
 * An alias may name local and foreign addresses. It comes before an account of its own
 * name, and means that account where it names itself (forwarding with a copy).
 */
struct base_ticket *post_alias_add(struct post *post, struct slice address,
	const struct slice *targets, size_t count, struct base_error *error);
struct base_ticket *post_alias_remove(
	struct post *post, struct slice address, struct base_error *error);
/* A NULL ticket from any of these: nothing was changed, *error says why. */

/* --- listing ------------------------------------------------------------------------- */

struct post_account_info {
	uint64_t id;
	struct slice address;
	struct slice secret;
	bool enabled;
	bool shared; /* belongs to no person */
	struct post_quota quota;
	struct post_usage used;
	uint32_t letters_per_hour;
	struct slice hidden; /* capabilities that its clients are not told of, or empty */
	uint64_t
		secret_version; /* changes with the secret: remembered passwords are void */
};
/* Infos live in the arena. domain: SLICE_NONE for all. Sorted. */
size_t post_domains(struct post *post, struct arena *arena, struct slice **domains);
struct post_domain_info {
	struct slice name;
	struct slice catch_all; /* empty: none */
	uint64_t accounts, aliases;
};
/* The same with what is in them, in one walk over all accounts. */
size_t post_domain_infos(
	struct post *post, struct arena *arena, struct post_domain_info **infos);
struct slice post_domain_catch_all(
	struct post *post, struct slice domain, struct arena *arena);
size_t post_accounts(struct post *post, struct slice domain, struct arena *arena,
	struct post_account_info **accounts);
struct post_alias_info {
	struct slice address;
	struct slice *targets;
	size_t count;
};
size_t post_aliases(struct post *post, struct slice domain, struct arena *arena,
	struct post_alias_info **aliases);

/* --- look-ups of the protocols -------------------------------------------------------- */

/* By full address, case-insensitively, no plus part, no alias. Reads one row, for what is
 * used. */
enum base_failure post_account_find(struct post *post, struct slice address,
	struct arena *arena, struct post_account_info *info) MUST_CHECK;
/* The same by its id; what is used is not read. */
enum base_failure post_account_by_id(struct post *post, uint64_t id, struct arena *arena,
	struct post_account_info *info) MUST_CHECK;
/* Durable; of an account without rows both are 0. Reads at most one row. */
enum base_failure post_account_usage(
	struct post *post, uint64_t id, struct post_usage *usage) MUST_CHECK;
bool post_domain_is_local(struct post *post, struct slice domain);
bool post_has_domain(struct post *post); /* any: else nothing is known to be foreign */

/* What a recipient address comes to: accounts of ours and foreign addresses. */
struct post_target {
	bool local;
	uint64_t account;     /* local */
	struct slice address; /* local: the account's; foreign: where to relay to */
	struct slice detail;  /* what stood behind the plus, or empty */
};
struct post_route {
	struct post_target *targets; /* no account twice, no address twice */
	size_t count;
};
/*
 * BASE_OK; BASE_NOT_FOUND: the domain is ours, the address is not (550 5.1.1);
 * BASE_DENIED: not our domain, so it may only be relayed for those who may;
 * BASE_INVALID: a loop of aliases or too many targets (said in *error).
 * "" as domain (RCPT TO:<postmaster>) means the first domain.
 */
enum base_failure post_resolve(struct post *post, struct slice local_part,
	struct slice domain, struct arena *arena, struct post_route *route,
	struct base_error *error) MUST_CHECK;

/* May this account send as that address: its own, with a plus part, or an alias with it as
 * a target. */
bool post_account_may_send_as(struct post *post, uint64_t account, struct slice address);

/* --- an open account ------------------------------------------------------------------ */

/* Counted; the same id gives the same object while one is open. */
enum base_failure post_account_open(
	struct post *post, uint64_t id, struct post_account **account) MUST_CHECK;
struct post_account *post_account_hold(struct post_account *account);
void post_account_close(struct post_account *account); /* NULL is fine */
uint64_t post_account_id(const struct post_account *account);

/* RFC 1939's lock of a maildrop, in memory: false when another POP3 session has it. */
bool post_account_lock_maildrop(struct post_account *account);
void post_account_unlock_maildrop(struct post_account *account);

#endif
