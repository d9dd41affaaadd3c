#ifndef POST_DIRECTORY_TABLE_H
#define POST_DIRECTORY_TABLE_H

#include "post/directory-record.h"

/*
 * The directory in memory: what the rows of its space say, found by name. A row is applied
 * the same way when the space is read at the start and when a commit becomes durable.
 *
 * Not for two threads at once: the directory's lock stands before it. Rows of this table
 * are its own and may change or go with the next apply. A million accounts take about
 * 300 MB.
 */
struct post_table {
	struct map *domains;             /* by name */
	struct map *accounts, *aliases;  /* by key */
	struct post_account_row **by_id; /* ascending */
	size_t count, capacity;
	struct post_domain_row *first_domain; /* with the least ordinal */
	struct map *sharers;                  /* by who's id: struct post_sharers */
};

/* Who shares something with one account, or with anyone. 8 bytes each. */
struct post_sharers {
	uint64_t *owners; /* ascending */
	size_t count, capacity;
};

struct post_domain_row {
	struct slice name;
	struct slice catch_all; /* an address, or empty */
	uint64_t ordinal;
	struct post_account_row *eldest; /* enabled, with the least id; NULL: none */
};

struct post_account_row {
	uint64_t id;
	struct post_domain_row *domain;
	struct slice secret;
	uint64_t secret_version;
	struct post_quota quota;
	uint32_t letters_per_hour;
	struct slice hidden; /* capabilities */
	bool enabled;
	bool removing;
	bool shared;
	uint16_t local_length;
	char local[]; /* as spelled */
};

struct post_alias_target {
	struct slice text; /* what stands in the list */
	struct slice local;
	struct slice key;
};

struct post_alias_row { /* one piece of memory, slices included */
	struct post_domain_row *domain;
	struct slice local; /* as spelled */
	size_t count;
	struct post_alias_target targets[];
};

struct post_table *post_table_create(void);
void post_table_destroy(struct post_table *table); /* NULL is fine */

/*
 * A row as it stands in the space; value SLICE_NONE: it was deleted. BASE_DAMAGED with
 * *error, which names the row.
 */
enum base_failure post_table_apply(struct post_table *table, struct slice key,
	struct slice value, struct base_error *error) MUST_CHECK;

/* By canonical name, by key (struct post_name), by id. NULL: there is none. */
struct post_domain_row *post_table_domain(
	const struct post_table *table, struct slice domain);
struct post_account_row *post_table_account(
	const struct post_table *table, struct slice key);
struct post_account_row *post_table_account_by_id(
	const struct post_table *table, uint64_t id);
struct post_alias_row *post_table_alias(const struct post_table *table, struct slice key);

/* The enabled account with the least id; of that domain, or (NULL) of all. */
struct post_account_row *post_table_eldest(
	const struct post_table *table, const struct post_domain_row *domain);

/* The first account with an id greater than after. */
struct post_account_row *post_table_account_after(
	const struct post_table *table, uint64_t after);
bool post_table_next_domain(
	const struct post_table *table, size_t *position, struct post_domain_row **row);
bool post_table_next_alias(
	const struct post_table *table, size_t *position, struct post_alias_row **row);

struct slice post_account_row_local(const struct post_account_row *row);
bool post_account_row_answers(const struct post_account_row *row); /* enabled, stays */

/* The least id greater than after among who's sharers; 0: none. */
uint64_t post_table_sharer_after(
	const struct post_table *table, uint64_t who, uint64_t after);
/* All shares that an account gives or has; they live in the arena. */
size_t post_table_shares_of(const struct post_table *table, uint64_t id,
	struct arena *arena, struct post_share **shares);
/* That who has a sharer, or has him no more. */
void post_table_share(struct post_table *table, const struct post_share *share, bool there);
void post_table_shares_destroy(struct post_table *table);

/* Between the table's files. */
void post_table_by_id_insert(struct post_table *table, struct post_account_row *row);
void post_table_by_id_remove(struct post_table *table, const struct post_account_row *row);
void post_domain_row_free(struct post_domain_row *row);
void post_account_row_free(struct post_account_row *row);
void post_row_forget(struct slice *owned); /* wipes and frees */

#endif
