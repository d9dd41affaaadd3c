#ifndef BENCH_IMAP_MIX_H
#define BENCH_IMAP_MIX_H

#include "base/buffer.h"

/*
 * What a mail program says over the day, drawn at random: the same numbers give the same
 * commands. As many letters come as go, so that a mailbox keeps its size.
 */
enum mix_kind {
	MIX_LIST,    /* envelopes of 20 letters */
	MIX_FLAGS,   /* flags of 100 */
	MIX_READ,    /* one, whole */
	MIX_STORE,   /* a flag of one */
	MIX_SEARCH,  /* by flags */
	MIX_APPEND,  /* 4 KB */
	MIX_DELETE,  /* \Deleted for one; MIX_EXPUNGE follows */
	MIX_EXPUNGE, /* never drawn */
	MIX_STATUS,  /* of another mailbox */
	MIX_IDLE,    /* until it is confirmed, and DONE */
	MIX_KINDS
};

extern const char *const mix_names[MIX_KINDS];

struct mix_dice {
	uint64_t state;
};

struct mix_dice mix_dice(uint64_t seed);
enum mix_kind mix_draw(struct mix_dice *dice);

/* The command, tagged and with its line's end; `exists` counts the mailbox's letters. */
void mix_put(
	enum mix_kind kind, struct mix_dice *dice, uint32_t exists, struct buffer *into);

#endif
