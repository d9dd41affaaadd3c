#include "imapd/rights.h"

/* All of the first, and one of the second. */
static const struct {
	unsigned all, any;
} asked[] = {
	[IMAPD_LOOKS] = {0, 0},
	/* SELECT, EXAMINE, STATUS; what follows SELECT; GETQUOTAROOT; URLs. */
	[IMAPD_READS] = {WIRE_RIGHT_READ, 0},
	/* APPEND, and where COPY, MOVE and REPLACE put things. */
	[IMAPD_INSERTS] = {WIRE_RIGHT_INSERT, 0},
	/* STORE; each flag is asked for then. */
	[IMAPD_STORES] = {0,
		WIRE_RIGHT_SEEN | WIRE_RIGHT_WRITE | WIRE_RIGHT_DELETE_MESSAGE},
	[IMAPD_SEES] = {WIRE_RIGHT_SEEN,
		0}, /* FETCH of bodies; without it they are peeks */
	[IMAPD_EXPUNGES] = {WIRE_RIGHT_EXPUNGE, 0}, /* EXPUNGE; CLOSE, silently */
	/* MOVE and REPLACE, which delete and expunge (RFC 6851 3.3, RFC 8508 3.5). */
	[IMAPD_TAKES_OUT] = {WIRE_RIGHT_DELETE_MESSAGE | WIRE_RIGHT_EXPUNGE, 0},
	/* CREATE and RENAME, of the mailbox above the new one. */
	[IMAPD_CREATES] = {WIRE_RIGHT_CREATE, 0},
	[IMAPD_DELETES] = {WIRE_RIGHT_DELETE_MAILBOX, 0}, /* DELETE, RENAME */
	/* SETACL, DELETEACL, GETACL, LISTRIGHTS. */
	[IMAPD_ADMINISTERS] = {WIRE_RIGHT_ADMINISTER, 0},
	/* GETMETADATA, SETMETADATA (RFC 5464 3.3). */
	[IMAPD_ANNOTATES] = {WIRE_RIGHT_LOOKUP,
		WIRE_RIGHT_READ | WIRE_RIGHT_SEEN | WIRE_RIGHT_WRITE | WIRE_RIGHT_INSERT |
			WIRE_RIGHT_POST},
	/* MYRIGHTS. */
	[IMAPD_ASKS_RIGHTS] = {0, WIRE_RIGHT_LOOKUP | WIRE_RIGHT_READ | WIRE_RIGHT_INSERT |
					  WIRE_RIGHT_CREATE | WIRE_RIGHT_DELETE_MAILBOX |
					  WIRE_RIGHT_ADMINISTER},
};

static bool
suffices(unsigned rights, enum imapd_act act)
{
	return (rights & asked[act].all) == asked[act].all &&
	       (!asked[act].any || rights & asked[act].any);
}

enum base_failure
imapd_place_of(struct post_account *user, struct slice written, enum imapd_act act,
	struct arena *arena, struct post_place *place)
{
	enum base_failure failure =
		post_place_find(user, imapd_mailbox_name(written), arena, place);
	if (failure)
		return failure;
	unsigned rights = act == IMAPD_CREATES ? place->rights_above : place->rights;
	if (suffices(rights, act))
		return BASE_OK;
	return (rights | place->rights) & WIRE_RIGHT_LOOKUP ? BASE_DENIED : BASE_NOT_FOUND;
}

enum base_failure
imapd_place(const struct imapd_session *session, struct slice written, enum imapd_act act,
	struct arena *arena, struct post_place *place)
{
	/* Rows of LIST may be made when its user has signed out (RFC 8437). */
	if (!session->account)
		return BASE_CANCELLED;
	return imapd_place_of(session->account, written, act, arena, place);
}

enum base_failure
imapd_open_place(struct post_account *user, struct slice written, enum imapd_act act,
	struct arena *arena, struct post_place *place, struct post_mailbox **mailbox)
{
	*mailbox = NULL;
	enum base_failure failure = imapd_place_of(user, written, act, arena, place);
	if (failure)
		return failure;
	failure = post_mailbox_open(place->account, place->name, mailbox);
	return failure == BASE_DENIED ? BASE_CANCELLED : failure;
}

enum net_next
imapd_no_place(struct imapd_session *session, enum base_failure failure)
{
	if (failure == BASE_DENIED)
		return imapd_no(session, "[NOPERM] You have no right to that");
	return imapd_failed(session, failure == BASE_CANCELLED ? BASE_DENIED : failure);
}

/* Whoever tries again after CREATE must be able to (RFC 3501 7.1: TRYCREATE). */
enum net_next
imapd_no_target_place(struct imapd_session *session, enum base_failure failure,
	const struct post_place *place)
{
	return failure == BASE_NOT_FOUND && suffices(place->rights_above, IMAPD_CREATES)
		       ? imapd_no_target(session, failure)
		       : imapd_no_place(session, failure);
}

/* --- of the selected mailbox ------------------------------------------------------------
 */

bool
imapd_may(const struct imapd_session *session, enum imapd_act act)
{
	return !session->selected || suffices(session->selected->rights, act);
}

void
imapd_renew_rights(struct imapd_session *session)
{
	struct imapd_selected *selected = session->selected;
	if (!selected)
		return;
	/* Before the rights are read: what changes meanwhile is looked at again. */
	unsigned version = post_mailbox_rights_version(selected->mailbox);
	if (version == atomic_load(&selected->rights_version))
		return;
	atomic_store(&selected->rights_version, version);
	selected->rights = post_mailbox_rights(selected->mailbox, session->account_id);
}

bool
imapd_is_shut_out(struct imapd_session *session)
{
	imapd_renew_rights(session);
	return !imapd_may(session, IMAPD_READS);
}

bool
imapd_rights_are_read_only(unsigned rights)
{
	return !(rights & (WIRE_RIGHT_INSERT | WIRE_RIGHT_EXPUNGE | WIRE_RIGHT_SEEN |
				  WIRE_RIGHT_WRITE | WIRE_RIGHT_DELETE_MESSAGE));
}

/* --- flags ------------------------------------------------------------------------------
 */

static enum wire_right
right_of(struct slice flag)
{
	if (slice_equal_nocase(flag, SLICE("\\Seen")))
		return WIRE_RIGHT_SEEN;
	return slice_equal_nocase(flag, SLICE("\\Deleted")) ? WIRE_RIGHT_DELETE_MESSAGE
							    : WIRE_RIGHT_WRITE;
}

size_t
imapd_allowed_flags(
	unsigned rights, const struct slice *names, size_t count, struct slice *allowed)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (rights & right_of(names[i]))
			allowed[kept++] = names[i];
	return kept;
}

struct post_flags
imapd_flags_of_rights(unsigned rights)
{
	struct post_flags flags = {{0}};
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		enum wire_right right = i == POST_SEEN      ? WIRE_RIGHT_SEEN
					: i == POST_DELETED ? WIRE_RIGHT_DELETE_MESSAGE
							    : WIRE_RIGHT_WRITE;
		if (rights & right)
			post_flags_set(&flags, i);
	}
	return flags;
}
