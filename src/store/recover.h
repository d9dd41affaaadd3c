#ifndef STORE_RECOVER_H
#define STORE_RECOVER_H

#include "store/internal.h"

/*
 * Before RocksDB opens its folder: looks at its logs, cuts a torn tail (unless read-only),
 * and refuses what is damaged, naming the file. A folder without logs is fine.
 */
enum base_failure store_recover_keys(const char *folder, bool read_only,
	struct base_log *log, struct base_error *error) MUST_CHECK;

/*
 * After it: the segments that keys speak of must be there in their recorded length; files
 * that no key speaks of were never promised to anybody, and are removed.
 */
enum base_failure store_recover_segments(
	struct store *store, struct base_error *error) MUST_CHECK;

#endif
