#ifndef STORE_BLOB_SYNC_H
#define STORE_BLOB_SYNC_H

#include "store/blob-log.h"

/*
 * A thread that syncs the blob log while the committer syncs the keys: both together take
 * little longer than one of them. The log is not to be touched between begin and end.
 */
struct store_blob_sync;

struct store_blob_sync *store_blob_sync_start(struct store_blob_log *log);
void store_blob_sync_stop(struct store_blob_sync *sync);
void store_blob_sync_begin(struct store_blob_sync *sync);
/* Waits; what store_blob_log_sync said. */
enum base_failure store_blob_sync_end(struct store_blob_sync *sync) MUST_CHECK;

#endif
