#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/base.h"

/*
 * What RocksDB's MANIFEST, its list of tables, says is in tables. It has the format of a
 * log (keylog.h), but several records may share one sync, so after bad bytes whole records
 * may follow and yet none of them was ever synced. They can be cut off when nothing came of
 * them, that is, when the logs still hold all changes after those that the records before
 * have in tables. A table that went is noticed when RocksDB opens. Pure.
 */
struct manifest_tables {
	uint64_t log;      /* no change in a log with a lower number is needed */
	uint64_t sequence; /* tables hold all changes up to this one, perhaps more */
};

/* Of whole records. false: there is something in them that is not known here. */
bool manifest_read(struct slice records, struct manifest_tables *tables);
/* One record's fields: what they say is added to *tables. */
bool manifest_read_record(struct slice fields, struct manifest_tables *tables);

#endif
