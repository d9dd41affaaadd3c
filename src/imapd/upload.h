#ifndef IMAPD_UPLOAD_H
#define IMAPD_UPLOAD_H

#include "imapd/imapd-internal.h"

/*
 * The messages of APPEND and REPLACE while they come in: texts as they arrive, and between
 * them what URLs name (RFC 4469). Counted, as the errand that seals them may outlive the
 * session. After the first fault nothing more is kept, and the command will say so.
 */
struct imapd_upload;

struct imapd_upload *imapd_upload_begin(struct imapd_session *session);
void imapd_upload_drop(struct imapd_upload *upload); /* NULL is fine */

/* Brings in the URLs of what was gathered so far; a text may follow. */
void imapd_upload_advance(struct imapd_session *session, struct imapd_upload *upload,
	const struct wire_imap_append *append);
/* Where the octets of a text go. */
struct wire_sink imapd_upload_sink(struct imapd_upload *upload, bool binary);
/* The first of them stays. */
void imapd_upload_fail(struct imapd_upload *upload, const char *fault);
/* "[TOOBIG] …" or NULL. */
const char *imapd_upload_fault(const struct imapd_upload *upload);
/* After the last octet: looks at each as a whole. */
void imapd_upload_check(struct imapd_upload *upload);

/* Then sealing, in place or by an errand; NULL: done, with *failure. */
struct base_ticket *imapd_upload_seal(struct imapd_session *session,
	struct imapd_upload *upload, enum base_failure *failure);
struct post_incoming *const *imapd_upload_messages(
	const struct imapd_upload *upload, size_t *count);

#endif
