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
 * The single place where it is decided who may see or change annotations of a mailbox (RFC
 * 5464 3.3). NULL: this session may; else what to answer NO with.
 */
const char *imapd_metadata_refusal(
	struct imapd_session *session, struct slice mailbox, bool changes);

struct imapd_metadata_asked {
	const struct slice *entries;
	size_t count;
	enum wire_imap_depth depth;
	bool has_most;
	uint64_t most, longest; /* longest: out, of the values past most; 0: none */
};
/* "* METADATA name (entry value …)"; NIL stands for what has no value. */
enum base_failure imapd_put_metadata(struct imapd_session *session, struct buffer *into,
	struct slice mailbox, struct imapd_metadata_asked *asked);

/* special-use.c: what a mailbox is for. */
const char *imapd_use_name(enum post_use use); /* "\\Sent"; "" for none */
/* Of bits of enum wire_imap_special_use. False: no mailbox can be for that. */
bool imapd_use_of(unsigned bits, enum post_use *use);
/* Of "\\Sent", or absent. */
bool imapd_use_of_text(struct slice text, enum post_use *use);

#endif
