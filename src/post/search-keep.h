#ifndef POST_SEARCH_KEEP_H
#define POST_SEARCH_KEEP_H

#include "post/search-store.h"

/*
 * The index kept beside the sessions: a part of the chores. Email ids rise in the order of
 * arrival, so that the feed of what is to be indexed is the contents themselves, from the
 * state's next on. Each round is one commit: a segment, packs, chunks of UIDs, the state.
 */
#define SEARCH_WAITING     32                 /* arrivals before they are worth a round */
#define SEARCH_ROUND_MOST  4096               /* messages in one */
#define SEARCH_ROUND_BYTES ((size_t)24 << 20) /* of memory; about */
#define SEARCH_ROUND_MS    500 /* then it ends, with SEARCH_WAITING or more */
#define SEARCH_EMAILS_MOST ((uint64_t)1 << 26) /* ids above are searched without it */
#define SEARCH_DOCUMENT_MOST \
	((size_t)8 << 20) /* of folded text; of a longer one the rest is not indexed */

/* Whether that account has work; reads a few rows. */
bool search_keep_has_work(struct post *post, uint64_t account);

/* Which email id it indexes next, and which comes next; false: they can't be read. */
bool search_keep_position(
	struct post *post, uint64_t account, uint64_t *next, uint64_t *email_next);

/* One round; *more when another is worth it. */
enum base_failure search_keep_account(struct post_account *account, bool *more) MUST_CHECK;

/*
 * The email ids of UIDs that arrived since the last round, and what stands before messages.
 */
struct search_arrivals;
struct search_arrivals *search_arrivals_create(uint64_t next, uint64_t until);
void search_arrivals_release(struct search_arrivals **released); /* for SCOPED */
enum base_failure search_arrivals_read(struct search_arrivals *arrivals,
	struct post_account *account, const struct search_state *state) MUST_CHECK;
/* SLICE_NONE: no mailbox has it. */
struct slice search_arrivals_prefix(const struct search_arrivals *arrivals, uint64_t email);
/* The chunks of those below until; sets the state's mailboxes. */
enum base_failure search_arrivals_put(struct search_arrivals *arrivals,
	struct post_account *account, struct search_edit *edit, uint64_t until,
	struct search_state *state) MUST_CHECK;

/* The texts of messages, gathered to packs. */
struct search_packing;
struct search_packing *search_packing_create(
	struct post_account *account, struct search_edit *edit);
void search_packing_release(struct search_packing **released); /* for SCOPED */
/* First of these two. Goes on with that pack, if it is small, and trains dictionaries; … */
enum base_failure search_packing_go_on(
	struct search_packing *packing, uint64_t number) MUST_CHECK;
/* … or only uses the dictionary that there is. */
enum base_failure search_packing_like(struct search_packing *packing) MUST_CHECK;
/* Those texts of a pack that are wanted. */
enum base_failure search_packing_put_again(struct search_packing *packing,
	const struct search_pack *pack, search_keep *keep, void *argument) MUST_CHECK;
/* All texts of a message; when they are longer than a pack they are left out. */
enum base_failure search_packing_add(
	struct search_packing *packing, uint64_t email, struct slice texts) MUST_CHECK;
/* The last pack's number is changed if there is a new one. */
enum base_failure search_packing_end(
	struct search_packing *packing, uint64_t *last_pack) MUST_CHECK;

/* Messages read, by rising email ids, to a segment and packs that outlive it. */
struct search_reading;
struct search_reading *search_reading_create(struct post_account *account,
	struct search_builder *builder, struct search_packing *packing);
void search_reading_destroy(struct search_reading *reading);
/*
 * From its content row's value. One that can't be read, or of which no mailbox tells the
 * prefix (it is absent), is always looked at.
 */
enum base_failure search_reading_add(struct search_reading *reading, uint64_t email,
	struct slice prefix, struct slice value) MUST_CHECK;

#endif
