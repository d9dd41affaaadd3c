#ifndef POST_DIRECTORY_INTERNAL_H
#define POST_DIRECTORY_INTERNAL_H

#include "post/directory-name.h"
#include "post/directory-record.h"
#include "post/directory-table.h"
#include "post/post-internal.h"

/*
 * The directory: its space in the store is the truth, the table a copy of what is durable
 * in it. Look-ups take the lock for reading, for as long as memory takes. The committer
 * takes it for writing, and goes first, when a commit became durable.
 */
struct post_directory {
	struct store_space *space;
	pthread_rwlock_t lock; /* of the table */
	struct post_table *table;
	_Atomic uint64_t next_account; /* the least id that was never used */
	/* At the last post_renew, or 0. */
	_Atomic uint64_t renewed_ms, validity_floor;

	pthread_mutex_t removal_lock;  /* of what follows */
	struct post_removal *removals; /* directory-removal.c */
	unsigned under_way;            /* commits that will call back */
	pthread_cond_t settled;        /* none is */
};

#define POST_ACCOUNT_COUNTER SLICE("account")
#define POST_DOMAIN_COUNTER  SLICE("domain")
#define POST_RENEWED_COUNTER SLICE("renewed")
#define POST_FLOOR_COUNTER   SLICE("validity")

void post_directory_read_lock(struct post_directory *directory);
void post_directory_unlock(struct post_directory *directory);

/* Whoever will be called back says so, so that closing waits for it. */
void post_directory_enter(struct post_directory *directory);
void post_directory_leave(struct post_directory *directory);

/* --- one commit of the directory (directory-change.c) --------------------------------- */

/*
 * Rows that are read in a change are the newest, durable or not, so that two changes at
 * once do not overlook each other. What was put reaches the table when it is durable.
 *
 *	SCOPED(post_directory_change_release) struct post_directory_change *change =
 *		post_directory_begin(post, error);
 *	… look, put …
 *	return post_directory_submit(&change);
 */
struct post_directory_change {
	struct post *post;
	struct arena *arena; /* lives until the commit is durable or has failed */
	struct store_turn *turn;
	struct store_set *set;        /* NULL: the turn stands alone */
	struct store_turn *companion; /* the other space's turn of the set */
	struct post_directory_row *rows, **rows_end;
	uint64_t forget; /* an account whose mail is told once this is durable */
	struct slice forget_address; /* as its sessions know it */
};

/* NULL with *error. */
struct post_directory_change *post_directory_begin(
	struct post *post, struct base_error *error);
/* Together with the space of a new account. */
struct post_directory_change *post_directory_begin_with(
	struct post *post, struct store_space *companion, struct base_error *error);
void post_directory_change_release(struct post_directory_change **change);
struct base_ticket *post_directory_submit(struct post_directory_change **submitted);

/* Says why nothing was changed; always NULL. */
struct base_ticket *post_directory_refuse(
	struct base_error *error, enum base_failure failure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* BASE_NOT_FOUND; anything else that is not BASE_OK has filled *error. */
enum base_failure post_directory_get(struct post_directory_change *change,
	enum post_directory_kind kind, struct slice name, struct slice *value,
	struct base_error *error) MUST_CHECK;
void post_directory_delete(struct post_directory_change *change,
	enum post_directory_kind kind, struct slice name);

enum base_failure post_directory_get_domain(struct post_directory_change *change,
	struct slice name, struct post_domain_record *record,
	struct base_error *error) MUST_CHECK;
enum base_failure post_directory_get_account(struct post_directory_change *change,
	struct slice key, struct post_account_record *record,
	struct base_error *error) MUST_CHECK;
/* Whether there is a row: BASE_OK or BASE_NOT_FOUND. */
enum base_failure post_directory_has(struct post_directory_change *change,
	enum post_directory_kind kind, struct slice name,
	struct base_error *error) MUST_CHECK;

void post_directory_put_domain(struct post_directory_change *change, struct slice name,
	const struct post_domain_record *record);
void post_directory_put_account(struct post_directory_change *change, struct slice key,
	const struct post_account_record *record);
void post_directory_put_alias(struct post_directory_change *change, struct slice key,
	const struct post_alias_record *record);

void post_directory_put_share(
	struct post_directory_change *change, const struct post_share *share);
void post_directory_delete_share(
	struct post_directory_change *change, const struct post_share *share);

/* A counter that only rises. */
enum base_failure post_directory_counter(struct post_directory_change *change,
	struct slice name, uint64_t *value, struct base_error *error) MUST_CHECK;
void post_directory_put_counter(
	struct post_directory_change *change, struct slice name, uint64_t value);

/*
 * Counts an account or alias into (1) or out of (-1) its domain. BASE_NOT_FOUND with
 * *error: no domain of ours.
 */
enum base_failure post_directory_count_member(struct post_directory_change *change,
	struct slice domain, int by, struct base_error *error) MUST_CHECK;

/* --- removals (directory-removal.c) --------------------------------------------------- */

/*
 * The ticket of an account's removal, which the chores carry out once the commit that
 * made the tombstone is durable. Takes over tombstone.
 */
struct base_ticket *post_removal_begin(
	struct post *post, uint64_t id, struct slice key, struct base_ticket *tombstone);
/* A tombstone that was found at the start. */
void post_removal_resume(struct post_directory *directory, uint64_t id, struct slice key);
/* Closing: what is not finished is cancelled, and resumed at the next start. */
void post_removals_cancel(struct post_directory *directory);

#endif
