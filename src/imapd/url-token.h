#ifndef IMAPD_URL_TOKEN_H
#define IMAPD_URL_TOKEN_H

#include "imapd/url.h"

/*
 * URLs that grant access (RFC 4467): the mechanism INTERNAL is an HMAC of the rump under
 * the mailbox's key.
 */
#define IMAPD_URL_MECHANISM "INTERNAL"

/* Hexadecimal, in the arena. */
struct slice imapd_url_token(
	const uint8_t key[POST_URL_KEY_SIZE], struct slice rump, struct arena *arena);
/* The account that a URL is of: "user@domain", or a local part at the URL's host. */
enum base_failure imapd_url_owner(struct imapd_session *session,
	const struct wire_imap_url *url, struct arena *arena, uint64_t *account) MUST_CHECK;
/* Whether this session's user is whom the URL lets in, and it has not expired. */
bool imapd_url_admits(const struct imapd_session *session, const struct wire_imap_url *url);

#endif
