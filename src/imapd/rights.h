#ifndef IMAPD_RIGHTS_H
#define IMAPD_RIGHTS_H

#include "imapd/imapd-internal.h"

/*
 * Who may do what: RFC 4314 4. The table in rights.c says what each act asks; commands ask
 * it, by name of a mailbox or of the one that is selected, and nothing else does.
 */

/* What to say of a place or a mailbox that can't be had. A mailbox that one may not even
 * see is not there (RFC 4314 6). */
enum net_next imapd_no_place(struct imapd_session *session, enum base_failure failure);
/* The same of a mailbox to put messages into; place is as it was found. */
enum net_next imapd_no_target_place(struct imapd_session *session,
	enum base_failure failure, const struct post_place *place);

/*
 * The mailbox of a name, for an act: BASE_DENIED when a right is missing, BASE_NOT_FOUND
 * when it may not be seen either. Of one's own mailboxes nothing is asked, nor whether they
 * are there.
 */
enum base_failure imapd_place(const struct imapd_session *session, struct slice written,
	enum imapd_act act, struct arena *arena, struct post_place *place) MUST_CHECK;
/* The same for another user than the session's, whose URL it is. */
enum base_failure imapd_place_of(struct post_account *user, struct slice written,
	enum imapd_act act, struct arena *arena, struct post_place *place) MUST_CHECK;
/* The same, opened; BASE_CANCELLED: it can't be selected. */
enum base_failure imapd_open_place(struct post_account *user, struct slice written,
	enum imapd_act act, struct arena *arena, struct post_place *place,
	struct post_mailbox **mailbox) MUST_CHECK;

/* Whether the selected mailbox lets one. */
bool imapd_may(const struct imapd_session *session, enum imapd_act act);
/* Looks again, if somebody's rights changed. */
void imapd_renew_rights(struct imapd_session *session);
/* It was selected, and may be read no more. */
bool imapd_is_shut_out(struct imapd_session *session);
/* Whether any message or flag of the mailbox may be changed (RFC 4314 5.2). */
bool imapd_rights_are_read_only(unsigned rights);

/*
 * Flags that these rights let one set, clear and bring along (RFC 4314 4: STORE, APPEND,
 * COPY): of names those that are among them, and all of them as numbers.
 */
size_t imapd_allowed_flags(
	unsigned rights, const struct slice *names, size_t count, struct slice *allowed);
struct post_flags imapd_flags_of_rights(unsigned rights);

#endif
