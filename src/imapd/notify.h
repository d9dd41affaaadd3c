#ifndef IMAPD_NOTIFY_H
#define IMAPD_NOTIFY_H

#include "imapd/imapd-internal.h"
#include "wire/imap-notify.h"

/*
 * NOTIFY (RFC 5465), and METADATA's unsolicited responses (RFC 5464 4.4): what a session
 * is told of unasked, beyond the selected mailbox of a command under way.
 *
 * post gathers the account's news while the session is parked, and wakes it; the session
 * takes them, keeps what its client asked for, and writes it while output drains. Parked,
 * it costs the client's words and one pin of the names of all mailboxes. Who does not read
 * while more happens than post gathers is told NOTIFICATIONOVERFLOW.
 *
 * Of a session that used neither there is no struct imapd_notify. What the client itself
 * does is not told: the commands say here what it was, just before they answer.
 */
#define IMAPD_NOTIFY_MEMORY     (256 * 1024) /* of a command that was parsed */
#define IMAPD_NOTIFY_TEXT_MOST  32768        /* bytes of one */
#define IMAPD_NOTIFY_NAMES_MOST 2000         /* that change at once */

struct imapd_own {
	uint64_t account, mailbox, arrived; /* messages that it put into another mailbox */
	struct slice names[2];              /* mailboxes that it made, renamed … */
	uint64_t annotated, serial;         /* the account and its annotations */
};

struct imapd_notify {
	struct arena *arena; /* of wanted; NULL: none */
	struct wire_imap_notify wanted;
	const struct wire_imap_notify_group *selected; /* of wanted; NULL: none */
	bool used;                                     /* NOTIFY was, once */
	struct post_news *news;
	struct post_tree *names; /* as the client was told */
	struct imapd_watched *others;
	struct imapd_own own;
	/* For the news, on another thread. */
	struct net_handle handle;
	atomic_bool listens;
};

/* --- notify.c: what is asked for -------------------------------------------------------
 */

/* From now on, in that arena, which it takes over; or NONE. */
void imapd_notify_set(struct imapd_session *session, struct arena *arena,
	const struct wire_imap_notify *wanted);
/* Annotations that others change are told from now on. */
void imapd_notify_metadata(struct imapd_session *session);
void imapd_notify_end(struct imapd_session *session);
/* In IDLE, or not any more; also after SELECT: who wakes this session. */
void imapd_notify_listen(struct imapd_session *session, bool idling);
/* NOTIFY SET is in force: news is told between commands too. */
bool imapd_notify_is_on(const struct imapd_session *session);
/* Of the selected mailbox, of enum wire_imap_event. */
unsigned imapd_notify_selected(const struct imapd_session *session);
/* Also EXPUNGE, between commands too (RFC 5465 6.1.1). */
bool imapd_notify_at_once(const struct imapd_session *session);
/* Of another mailbox; subscribed as it is, or was. */
unsigned imapd_notify_events(
	const struct imapd_notify *notify, struct slice name, bool subscribed);
/* The same of a mailbox that another shares, by its whole name. */
unsigned imapd_notify_events_of_others(
	const struct imapd_notify *notify, struct slice name);
bool imapd_names_equal(struct slice a, struct slice b); /* INBOX in any case */

/* --- what this client did --------------------------------------------------------------
 */

void imapd_notify_own_arrivals(struct imapd_session *session,
	const struct post_mailbox *mailbox, const uint32_t *uids, size_t count);
/* In the call's arena. */
void imapd_notify_own_names(
	struct imapd_session *session, struct slice name, struct slice other);
void imapd_notify_own_entries(
	struct imapd_session *session, const struct post_account *account, uint64_t serial);

/* --- notify-news.c: what is told -------------------------------------------------------
 */

/* Other mailboxes, names, annotations. */
void imapd_notify_put(struct imapd_session *session);
/* STATUS of each mailbox whose messages are watched (RFC 5465 3.1). */
void imapd_notify_put_statuses(struct imapd_session *session);

/* --- notify-others.c: what others share -------------------------------------------------
 */

#define IMAPD_NOTIFY_OTHERS_MOST 64 /* accounts that are watched at once */
/* Watches those that the filters lead to now; false: too many, some are not. */
bool imapd_notify_watch_others(struct imapd_session *session);
void imapd_notify_leave_others(struct imapd_notify *notify);
/* On the committer thread: there is more, of an imapd_notify. */
void imapd_notify_happened(void *argument);

/* --- between commands, and in IDLE -----------------------------------------------------
 */

/* They are in the session's view now: data of them may be due. */
void imapd_notify_arrived(struct imapd_session *session, const struct post_uids *arrived);
/* Tells the selected mailbox, the account's news and data of new messages, then resumes. */
enum net_next imapd_notify_go_on(struct imapd_session *session,
	enum net_next (*resume)(struct imapd_session *session));

#endif
