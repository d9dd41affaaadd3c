#ifndef IMAPD_URL_H
#define IMAPD_URL_H

#include "imapd/imapd-internal.h"
#include "wire/imap-fetch.h"
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

/* Gives all that the source has to the sink, and closes it. */
enum base_failure imapd_url_pull(
	struct base_source *source, struct wire_sink sink) MUST_CHECK;

/*
 * The message of a URL that is parsed, for a user whom the caller has chosen; its
 * records are in the arena. Close it, also where opening failed.
 */
struct imapd_url_message {
	struct post_mailbox *mailbox;
	struct post_view *view;
	struct post_message message;
};
enum base_failure imapd_url_open(struct post_account *account,
	const struct wire_imap_url *url, struct arena *arena,
	struct imapd_url_message *opened) MUST_CHECK;
void imapd_url_close(struct imapd_url_message *opened);

/* The section as FETCH has it; the whole message without one. False for none. */
MUST_CHECK bool imapd_url_section(const struct wire_imap_url *url, struct arena *arena,
	struct wire_imap_section *section);

/* The bytes: a source, which the caller closes or hands on, or text in the arena. */
struct imapd_url_bytes {
	struct base_source *source; /* NULL: text */
	struct slice text;
	uint64_t length;
};
enum base_failure imapd_url_bytes_of(const struct imapd_url_message *opened,
	const struct wire_imap_url *url, struct arena *arena,
	struct imapd_url_bytes *bytes) MUST_CHECK;
/* As a literal, whose head was put. */
void imapd_url_put_bytes(
	struct imapd_session *session, const struct imapd_url_bytes *bytes);

/*
 * url-extended.c: " (BODYPARTSTRUCTURE (…)) (BINARY {5}…)"; wants of enum
 * wire_imap_url_want. False, and nothing put, where there is no such section.
 */
bool imapd_url_put_extended(struct imapd_session *session, const struct wire_imap_url *url,
	struct imapd_url_message *opened, unsigned wants, struct arena *arena);

#endif
