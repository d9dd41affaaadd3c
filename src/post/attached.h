#ifndef POST_ATTACHED_H
#define POST_ATTACHED_H

#include "post/attached-kinds.h"
#include "post/mailbox.h"

/*
 * Attachments that programs of others turn to text, so that a search finds it
 * (docs/decisions/009-text-of-attachments.md). Each message is decided once, in the order
 * of arrival, and what came of it is a row of its own: the index and reading without one
 * see the same. A message is not indexed before it is decided.
 */
enum post_attached_end {
	POST_ATTACHED_DONE,
	POST_ATTACHED_CUT, /* it had more to say than there was room */
	POST_ATTACHED_FAILED,
	POST_ATTACHED_KILLED,      /* past its limits */
	POST_ATTACHED_UNAVAILABLE, /* nobody runs it now: try again later */
};

/* Who runs the programs of post_attached_programs. */
struct post_attached_runner {
	/* NULL: nobody; then nothing more is decided. */
	bool (*has)(void *argument, unsigned program);
	/* Appends what it wrote, up to the buffer's ceiling. Waits for the program. */
	enum post_attached_end (*run)(
		void *argument, unsigned program, int input, struct buffer *into);
	bool (*go_on)(void *argument); /* false: the server stops */
	void *argument;
};

/* Whether that account has messages that may be undecided. Reads a few rows. */
bool post_attached_waits(struct post *post, uint64_t id);

/* Decides those of an account in their order, for so long at most. For an errand. */
void post_attached_read(struct post *post, uint64_t id, uint64_t within_ms);

/* A part of the work of all accounts at each call. For an errand. */
void post_attached_chores(struct post *post);

#endif
