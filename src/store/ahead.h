#ifndef STORE_AHEAD_H
#define STORE_AHEAD_H

#include "store/internal.h"

/*
 * A thread that writes zeros where the committer will write next: behind the active
 * segment's end, and behind the end of RocksDB's log. A sync of blocks that are there
 * already changes nothing of the file system's own. Only a group that reaches into zeros
 * which are under way waits for them. The first ones of a segment begin behind a gap, so
 * that small groups go on meanwhile.
 *
 * It opens files for itself: what a sync finds broken is told once to each descriptor, and
 * must not be told here instead of to the committer.
 */
#define STORE_AHEAD_BYTES      ((uint64_t)1 << 20)
#define STORE_AHEAD_LOW        ((uint64_t)768 << 10) /* less is left: more is asked for */
#define STORE_AHEAD_GAP        ((uint64_t)128 << 10)
#define STORE_AHEAD_KEYS       ((uint64_t)256 << 10)
#define STORE_AHEAD_GROUP_MOST ((uint64_t)64 << 10) /* a larger one is not small */

struct store_ahead;

struct store_ahead *store_ahead_start(struct store *store);
/* What is under way is ended, what is only wanted is not begun. */
void store_ahead_stop(struct store_ahead *ahead);

/*
 * STORE_AHEAD_BYTES of zeros from this offset of the segment on, which is the thread's
 * until they have ended. One at a time.
 */
void store_ahead_segment(struct store_ahead *ahead, uint64_t number, uint64_t from);
enum store_ahead_state { STORE_AHEAD_BUSY, STORE_AHEAD_DONE, STORE_AHEAD_FAILED };
enum store_ahead_state store_ahead_look(struct store_ahead *ahead);
enum store_ahead_state store_ahead_wait(struct store_ahead *ahead); /* never BUSY */

/*
 * STORE_AHEAD_KEYS more at the end of RocksDB's newest log. They are appended (O_APPEND),
 * so they never lie over what RocksDB writes meanwhile, which in turn goes over them:
 * RocksDB knows where it stands, whatever the file's size is. A log that is left is cut to
 * what RocksDB wrote; after a crash keylog.h tells zeros from torn ends.
 */
void store_ahead_keys(struct store_ahead *ahead);

#endif
