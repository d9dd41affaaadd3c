#ifndef POST_TEST_MODEL_H
#define POST_TEST_MODEL_H

#include "base/test.h"
#include "post/post-internal.h"
#include "post/test-post.h"

/* Two mailboxes, and what must be so of them: a list of letters by UID, flags by name. */
#define MAILBOXES 2
#define UIDS_MOST 4000
#define PINS      3
#define FLAGS     14

/* Of the flags, by index of model_flags. */
#define SEEN    1u
#define DELETED 8u

struct letter {
	bool there;
	unsigned flags;  /* by index of model_flags */
	unsigned number; /* what stands in its body */
	uint64_t modseq;
	uint64_t gone; /* modseq of its expunging, 0: never */
};

struct model {
	struct letter letters[UIDS_MOST];
	uint32_t uid_next;
	uint64_t modseq;
};

struct pin {
	unsigned mailbox;
	struct post_view *view;
	struct model *model;
};

struct world {
	struct test_post test;
	struct post_account *account;
	struct post_mailbox *mailbox[MAILBOXES];
	struct model model[MAILBOXES];
	struct pin pins[PINS];
	unsigned room;    /* so many of the keywords can be in use at once */
	unsigned letters; /* made so far */
	uint64_t random;
};

extern const char *const model_mailboxes[MAILBOXES];
extern const char *const model_flags[FLAGS];

/* Below so much, by the world's seed; 0 below 0. */
uint32_t model_pick(struct world *world, uint32_t below);
/* A message's flags in a view, and all that its table names, by index of model_flags. */
unsigned model_flags_shown(const struct post_view *view, uint32_t uid);
unsigned model_names_known(const struct post_view *view);
/* Newest views, pinned ones, and what differs between them. */
void model_compare_all(struct world *world);

#endif
