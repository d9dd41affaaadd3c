#ifndef POST_SEARCH_TIDY_H
#define POST_SEARCH_TIDY_H

#include "post/search-store.h"

/*
 * The upkeep of an account's index, each step a commit of its own. Segments of like size
 * are merged, so that there are few: each level is SEARCH_FANOUT times the one below, and
 * as many of a level become one of the next. Beyond SEARCH_MERGE_MOST they stay as they
 * are, so that a merge has a bounded memory (about four times that) and time.
 *
 * Messages purged for good stay in segments and packs, found by nobody, until there are
 * many of them; then all is written anew without them. An index of another version, or one
 * that can't be read, is dropped, and made again by the next rounds.
 */
#define SEARCH_FANOUT       4
#define SEARCH_LEAST_LEVEL  ((uint64_t)16 << 10) /* bytes of the smallest level */
#define SEARCH_MERGE_MOST   ((uint64_t)32 << 20) /* bytes of what is merged at once */
#define SEARCH_REMOVED_MOST 64                   /* and a quarter of the messages */

/* Whether that account has work; reads two rows. */
bool search_tidy_has_work(struct post *post, uint64_t account);

/* One step; *more when another is worth it. */
enum base_failure search_tidy_account(struct post_account *account, bool *more) MUST_CHECK;

/* A search found it damaged: the next chores drop it. Any thread. */
void search_note_damage(struct post_account *account);

/* In a turn: a message was purged for good. */
void search_count_removed(struct store_turn *turn);

/* Which of the parts are to be merged: from *first to the last; false: none. Pure. */
bool search_merge_due(const struct search_state *state, size_t *first);

/* Without the messages that are gone: all segments; then packs, some at each step. */
enum base_failure search_compact_parts(struct post_account *account,
	struct search_edit *edit, struct search_state *state) MUST_CHECK;
enum base_failure search_compact_packs(struct post_account *account,
	struct search_edit *edit, struct search_state *state) MUST_CHECK;
/* Dictionaries that no pack uses; the newest stays. */
enum base_failure search_drop_dictionaries(
	struct store_space *space, struct search_edit *edit) MUST_CHECK;
/* Parts from first to until become one, without emails that keep denies. */
enum base_failure search_merge_parts(struct post_account *account, struct search_edit *edit,
	struct search_state *state, size_t first, size_t until, search_keep *keep,
	void *argument) MUST_CHECK;

#endif
