#ifndef STORE_RECOVER_H
#define STORE_RECOVER_H

#include "store/internal.h"

/*
 * Before RocksDB opens its folder: looks at its logs, cuts a torn tail and a last batch
 * whose blobs are not whole (unless read-only), and refuses what is damaged, naming the
 * file. A folder without logs is fine.
 */
enum base_failure store_recover_keys(
	struct store *store, const char *folder, struct base_error *error) MUST_CHECK;

/*
 * Are the blobs of a group whole, of which nobody knows whether their sync came to its end?
 * Those that are, are synced anew. Where something is missing that was synced before this
 * group, true is said as well: that is damage, and not the group's.
 */
enum base_failure store_recover_written(struct store *store,
	const struct store_written *written, bool *whole,
	struct base_error *error) MUST_CHECK;

/*
 * After it: the segments that keys speak of must be there in their recorded length; files
 * that no key speaks of were never promised to anybody, and are removed.
 */
enum base_failure store_recover_segments(
	struct store *store, struct base_error *error) MUST_CHECK;

#endif
