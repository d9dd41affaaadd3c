#ifndef POST_NEWS_H
#define POST_NEWS_H

#include "post/mailbox.h"

/*
 * What happens in an account, gathered for one who asks now and then: IMAP's NOTIFY, push.
 * An event is told once it is durable. What is gathered is bounded: who does not ask while
 * more happens than that is told that he missed some.
 */
#define POST_NEWS_MAILBOXES_MOST 1024 /* of which something is told at once */
#define POST_NEWS_ENTRIES_MOST   512  /* changed annotations told at once */

struct post_news_mailbox {
	uint64_t id;
	uint64_t arrived; /* messages since; some may be gone again */
	bool expunged, flagged;
};
/* An annotation that was changed; mailbox 0: the account's own. serial: metadata.h. */
struct post_news_entry {
	uint64_t mailbox;
	struct slice name;
	uint64_t serial;
};
struct post_news_batch {
	bool missed; /* more than could be gathered; the rest is a part of it */
	bool names;  /* mailboxes were made, renamed, deleted, subscribed to */
	bool gone;   /* the account was removed: its mail goes when the news ends */
	struct post_news_mailbox *mailboxes;
	size_t mailbox_count;
	struct post_news_entry *entries;
	size_t entry_count;
};

struct post_news;
/*
 * happened is called whenever there is more, on the committer thread, and when the account
 * was removed: wake a session, nothing more. It holds the account open.
 */
struct post_news *post_news_begin(
	struct post_account *account, void (*happened)(void *argument), void *argument);
void post_news_end(struct post_news *news); /* NULL is fine; not called any more */
/* All since the last time, in the arena; what was told is forgotten. */
void post_news_take(
	struct post_news *news, struct arena *arena, struct post_news_batch *batch);

#endif
