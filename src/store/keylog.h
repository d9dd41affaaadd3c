#ifndef STORE_KEYLOG_H
#define STORE_KEYLOG_H

#include "base/base.h"

/*
 * A look at a log of RocksDB before RocksDB opens it: is it whole, torn at its end, or
 * damaged before that? RocksDB itself can't tell the last two apart: it either refuses
 * tails whose pages landed out of order or drops acknowledged commits.
 *
 * The rule follows from how the committer writes: a batch is begun only when the one
 * before is synced. So after the first bad byte nothing may follow but the rest of that
 * one batch; when another batch begins after it, the bad bytes were synced once.
 *
 * The format: blocks of 32 KiB; in them fragments of crc32c (masked), length, type and
 * payload; a batch is one FULL or FIRST, MIDDLE…, LAST. Pure.
 */
enum keylog_end {
	KEYLOG_WHOLE,
	KEYLOG_FILLED, /* nothing but zeros behind the last batch (ahead.h): whole, too */
	KEYLOG_TORN,
	KEYLOG_DAMAGED
};

struct keylog_verdict {
	enum keylog_end end;
	uint64_t whole;    /* bytes from the start up to the end of the last whole batch */
	uint64_t batches;  /* whole ones before that */
	uint64_t last;     /* where the last of them begins; 0 when there is none */
	uint64_t first;    /* sequence of the first change in them; 0: unknown */
	uint64_t sequence; /* of the last change in them; 0: unknown */
};

/*
 * batches: payloads are write batches, whose sequence numbers must rise; that keeps bytes
 * inside of a value from passing as a batch. false for the MANIFEST, which has the same
 * format. sequence: the last one of the log before; 0: unknown.
 */
struct keylog_verdict keylog_look(struct slice log, bool batches, uint64_t sequence);

/* "000042.log", as RocksDB names its logs. */
bool keylog_name_parse(struct slice name, uint64_t *number);

/* The whole record that begins at *at, which goes to its end. false: there is none. */
bool keylog_next(struct slice log, size_t *at, struct buffer *record);

/*
 * The note (rocks_batch_note) at the front of the whole batch that begins here, at most
 * KEYLOG_NOTE_MOST bytes; its length, or 0: there is none.
 */
#define KEYLOG_NOTE_MOST ((size_t)64)
size_t keylog_note(struct slice log, uint64_t at, char into[KEYLOG_NOTE_MOST]);

#endif
