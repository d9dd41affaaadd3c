#ifndef IMAPD_MANY_H
#define IMAPD_MANY_H

#include "imapd/imapd-internal.h"

/*
 * COPY, MOVE and EXPUNGE of more than POST_SLICE messages: an errand, slice by slice, so
 * that no worker, no turn and no commit is held long. Counted, as it may outlive the
 * session.
 */
enum imapd_many_change { IMAPD_MANY_COPY, IMAPD_MANY_MOVE, IMAPD_MANY_EXPUNGE };
struct imapd_many;

/* allowed: flags that go along. NULL: there is no room for one now. Drop it when the
 * session knows enough. */
struct imapd_many *imapd_many_begin(struct imapd_session *session,
	enum imapd_many_change change, const struct post_uids *uids,
	struct post_mailbox *target, const struct post_flags *allowed,
	struct base_ticket **ticket);
void imapd_many_drop(struct imapd_many *many); /* NULL is fine */
/*
 * Those of uids that are \Deleted leave the selected mailbox, many or few. NULL with
 * *failure: nothing was begun.
 */
struct base_ticket *imapd_expunge(struct imapd_session *session,
	const struct post_uids *uids, enum base_failure *failure);

/* Once the ticket is complete. */
struct post_copied imapd_many_copied(const struct imapd_many *many);

#endif
