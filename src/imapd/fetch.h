#ifndef IMAPD_FETCH_H
#define IMAPD_FETCH_H

#include "imapd/lines.h"
#include "wire/imap-fetch.h"

/*
 * A FETCH on its way. It goes on from where it stopped whenever output has drained, so
 * that a slow reader of a large mailbox holds no thread and a fixed memory.
 */
struct imapd_fetching {
	struct imapd_session *session;
	struct wire_imap_fetch wanted;
	bool tells_uid, tells_flags; /* in each row */
	bool tells_modseq;           /* unasked (RFC 7162 3.1.4.1) */
	struct post_uids *uids;
	uint32_t after;           /* the last UID that had its row */
	struct post_view *view;   /* whose messages are fetched: the client's */
	struct post_view *newest; /* whose flags are told */
	struct imapd_numbering numbering;
	struct post_uids *marked;  /* those that this FETCH made \Seen; may be NULL */
	struct arena *message;     /* of one message, reset after each */
	struct buffer lines;       /* not yet put */
	enum base_failure failure; /* the first message that could not be read */
	bool unknown_encoding;     /* NO [UNKNOWN-CTE] (RFC 3516 4.3) */
	uint64_t held;             /* octets of this message in memory until they drain */
};

/*
 * command-fetch.c: as many rows as others wait for. True when the last message is out, but
 * for a flush; false when output must drain first.
 */
bool imapd_fetch_some(struct imapd_fetching *fetching);

/*
 * fetch-item.c: some rows, "* 5 FETCH (…)", until output is full; false when there are
 * none left. A message that can't be read leaves no row.
 */
bool imapd_fetch_rows(struct imapd_fetching *fetching);
bool imapd_fetch_asks_for(
	const struct imapd_fetching *fetching, enum wire_imap_fetch_kind kind);
/* Remembers the failure; true when there was none. */
bool imapd_fetch_succeeds(struct imapd_fetching *fetching, enum base_failure failure);
/*
 * Whether so many octets more may be held. An item may be asked for many times: all those
 * of a message are bounded as the largest is.
 */
MUST_CHECK bool imapd_fetch_may_hold(struct imapd_fetching *fetching, size_t octets);

/* fetch-section.c: "BODY[…] {n}" and its bytes, or NIL. False when they can't be read. */
MUST_CHECK bool imapd_fetch_section(struct imapd_fetching *fetching,
	const struct post_message *message, const struct wire_imap_fetch_item *item);

/* In octets, as imapd_fetch_section would give it; 0 where there is none. */
uint64_t imapd_fetch_section_size(struct imapd_fetching *fetching,
	const struct post_message *message, const struct wire_imap_fetch_item *item);

/* fetch-structure.c: "ENVELOPE (…)" and its like. */
MUST_CHECK bool imapd_fetch_envelope(
	struct imapd_fetching *fetching, const struct post_message *message);
MUST_CHECK bool imapd_fetch_body(
	struct imapd_fetching *fetching, const struct post_message *message);
MUST_CHECK bool imapd_fetch_body_structure(
	struct imapd_fetching *fetching, const struct post_message *message);

/* fetch-binary.c: BINARY[…] and BINARY.SIZE[…]. */
MUST_CHECK bool imapd_fetch_binary(struct imapd_fetching *fetching,
	const struct post_message *message, const struct wire_imap_fetch_item *item);
MUST_CHECK bool imapd_fetch_binary_size(struct imapd_fetching *fetching,
	const struct post_message *message, const struct wire_imap_fetch_item *item);

/* Hands over what was written so far, before a source or when it is much. */
void imapd_fetch_flush(struct imapd_fetching *fetching);
/* Writes bytes, or hands them over if they are many. */
void imapd_fetch_put(struct imapd_fetching *fetching, struct slice bytes);

#endif
