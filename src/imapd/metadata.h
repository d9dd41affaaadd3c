#ifndef IMAPD_METADATA_H
#define IMAPD_METADATA_H

#include "imapd/imapd-internal.h"
#include "wire/imap-metadata.h"

/*
 * Annotations as a client sees them (RFC 5464): those that post keeps, and those that the
 * server makes of what it knows: /private/specialuse of a mailbox (RFC 6154 4), and of the
 * server /shared/comment and /shared/admin, which the configuration says.
 */
#define IMAPD_METADATA_LINE_MOST (128 * 1024) /* of one mailbox, quoted */

/*
 * Whose annotations they are (RFC 5464 3.3): of the account, where the mailbox is "", or of
 * a mailbox that one may look up and do something with. Private ones are each reader's own:
 * those of others than the owner are kept with the mailbox under a name that no client can
 * write.
 */
#define IMAPD_OF_READERS "/of/" /* before the reader's number */
struct imapd_annotated {
	struct post_account *account; /* held as long as the arena lives */
	struct slice mailbox;         /* there; "" */
	bool owns;                    /* the session's own account it is */
};
enum base_failure imapd_annotated_find(const struct imapd_session *session,
	struct slice written, struct arena *arena,
	struct imapd_annotated *annotated) MUST_CHECK;
/* The name under which one's own entry is kept, and back; absent: it is another's. */
struct slice imapd_entry_kept_as(const struct imapd_session *session, bool owns,
	struct slice entry, struct arena *arena);
struct slice imapd_entry_of_kept(
	const struct imapd_session *session, bool owns, struct slice kept);

struct imapd_metadata_asked {
	const struct slice *entries;
	size_t count;
	enum wire_imap_depth depth;
	bool has_most;
	uint64_t most, longest; /* longest: out, of the values past most; 0: none */
};
/* "* METADATA name (entry value …)"; NIL stands for what has no value. BASE_DENIED,
 * BASE_NOT_FOUND: as imapd_annotated_find. */
enum base_failure imapd_put_metadata(struct imapd_session *session, struct buffer *into,
	struct slice mailbox, struct imapd_metadata_asked *asked);

/* special-use.c: what a mailbox is for. */
const char *imapd_use_name(enum post_use use); /* "\\Sent"; "" for none */
/* Of bits of enum wire_imap_special_use. False: no mailbox can be for that. */
bool imapd_use_of(unsigned bits, enum post_use *use);
/* Of "\\Sent", or absent. */
bool imapd_use_of_text(struct slice text, enum post_use *use);

#endif
