#ifndef IMAPD_URL_H
#define IMAPD_URL_H

#include "imapd/imapd-internal.h"
#include "wire/imap-url.h"
#include "wire/takers.h"

/*
 * The bytes that an IMAP URL names (RFC 5092), read at once into a sink. With an absolute
 * URL the user, if there is one, must be this session's.
 * BASE_INVALID: no URL of a message; BASE_NOT_FOUND: of none that is there; else what
 * reading brought.
 */
enum base_failure imapd_url_read(
	struct imapd_session *session, struct slice text, struct wire_sink sink) MUST_CHECK;
/*
 * Where they are, of a URL that is parsed, in an account that the caller has chosen: a
 * source, which the caller closes or hands on, or text in the arena.
 */
struct imapd_url_bytes {
	struct base_source *source; /* NULL: text */
	struct slice text;
	uint64_t length;
};
enum base_failure imapd_url_find(struct post_account *account,
	const struct wire_imap_url *url, struct arena *arena,
	struct imapd_url_bytes *bytes) MUST_CHECK;

#endif
