#ifndef POST_MODSEQS_H
#define POST_MODSEQS_H

#include "post/uids.h"

/*
 * The modseq of each UID of a mailbox: chunks of 1,024 UIDs, each a few runs, immutable and
 * counted, so that generations share those that did not change. What it says of a UID that
 * is not in the mailbox has no meaning.
 */
#define POST_MODSEQ_CHUNK 1024u

struct post_modseq_chunk;

struct post_modseqs {
	struct post_modseq_chunk **chunks; /* by rising number */
	size_t count;
};

struct post_modseqs post_modseqs_share(const struct post_modseqs *modseqs);
void post_modseqs_free(struct post_modseqs *modseqs); /* for SCOPED */

uint64_t post_modseqs_of(const struct post_modseqs *modseqs, uint32_t uid); /* 0: none */
/* Adds to found the UIDs (of live ones) whose modseq is greater than since. */
void post_modseqs_since(const struct post_modseqs *modseqs, uint64_t since,
	const struct post_uids *live, struct post_uids *found);

/* The highest of these UIDs; 0: none of them has one. */
uint64_t post_modseqs_highest(
	const struct post_modseqs *modseqs, const struct post_uids *uids);

bool post_modseqs_pack(const struct post_modseqs *modseqs, struct buffer *into);
MUST_CHECK bool post_modseqs_take(struct slice *rest, struct post_modseqs *modseqs);

/*
 * Changing: an editor owns what it was begun with and keeps one chunk open, so that many
 * changes close to one another cost little.
 */
struct post_modseqs_editor {
	struct post_modseqs modseqs;
	bool open;
	uint32_t number;
	uint64_t dense[POST_MODSEQ_CHUNK];
};
void post_modseqs_edit(struct post_modseqs_editor *editor, struct post_modseqs owned);
void post_modseqs_set(struct post_modseqs_editor *editor, uint32_t uid, uint64_t modseq);
void post_modseqs_set_all(
	struct post_modseqs_editor *editor, const struct post_uids *uids, uint64_t modseq);
/* Gives the result, without the chunks that have no live UID; live NULL: all are kept. */
struct post_modseqs post_modseqs_edited(
	struct post_modseqs_editor *editor, const struct post_uids *live);

#endif
