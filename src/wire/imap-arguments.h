#ifndef WIRE_IMAP_ARGUMENTS_H
#define WIRE_IMAP_ARGUMENTS_H

#include "wire/imap-append.h"
#include "wire/imap-flags.h"
#include "wire/imap-list.h"
#include "wire/imap-set.h"

/*
 * Arguments of the smaller commands: what follows the name, from the space to the end of
 * the command. RFC 3501 6 unless said otherwise. Commands without arguments take
 * wire_imap_end.
 */

/* SELECT, EXAMINE, DELETE, SUBSCRIBE, UNSUBSCRIBE: one mailbox. */
MUST_CHECK bool wire_imap_one_mailbox(struct wire_imap_cursor *cursor, struct slice *name);

/* RENAME. */
MUST_CHECK bool wire_imap_two_mailboxes(
	struct wire_imap_cursor *cursor, struct slice *from, struct slice *to);

/* Special uses (RFC 6154 2, RFC 8457), one bit each. */
enum wire_imap_special_use {
	WIRE_IMAP_USE_ALL = 1,
	WIRE_IMAP_USE_ARCHIVE = 2,
	WIRE_IMAP_USE_DRAFTS = 4,
	WIRE_IMAP_USE_FLAGGED = 8,
	WIRE_IMAP_USE_JUNK = 16,
	WIRE_IMAP_USE_SENT = 32,
	WIRE_IMAP_USE_TRASH = 64,
	WIRE_IMAP_USE_IMPORTANT = 128
};

struct slice wire_imap_special_use_name(enum wire_imap_special_use use); /* "\\Sent" */

/* CREATE, with "(USE (\Drafts))" (RFC 6154 3). An unknown use sets unknown_use. */
struct wire_imap_create {
	struct slice name;
	unsigned uses;
	bool unknown_use; /* NO [USEATTR] */
};
MUST_CHECK bool wire_imap_create_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_create *create);

/* COPY, MOVE (RFC 6851); UID EXPUNGE (RFC 4315). */
struct wire_imap_copy {
	struct wire_imap_set set;
	struct slice name;
};
MUST_CHECK bool wire_imap_copy_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_copy *copy);
MUST_CHECK bool wire_imap_one_set(
	struct wire_imap_cursor *cursor, struct wire_imap_set *set);

/* LOGIN. */
MUST_CHECK bool wire_imap_login_parse(
	struct wire_imap_cursor *cursor, struct slice *user, struct slice *password);

/* AUTHENTICATE, with an initial response (RFC 4959): absent, base64, or "=" for empty. */
MUST_CHECK bool wire_imap_authenticate_parse(
	struct wire_imap_cursor *cursor, struct slice *mechanism, struct slice *initial);

/* LANGUAGE, COMPARATOR (RFC 5255 6): astrings, or none. */
MUST_CHECK bool wire_imap_language_parse(
	struct wire_imap_cursor *cursor, struct slice **texts, size_t *count);

/* ENABLE (RFC 5161): one or more names. */
#define WIRE_IMAP_ENABLE_MOST 32
MUST_CHECK bool wire_imap_enable_parse(
	struct wire_imap_cursor *cursor, struct slice **names, size_t *count);

/* GETQUOTA (RFC 9208 4.1.1): a root. SETQUOTA (4.1.3): a root and a list of limits. */
MUST_CHECK bool wire_imap_getquota_parse(
	struct wire_imap_cursor *cursor, struct slice *root);
MUST_CHECK bool wire_imap_setquota_parse(
	struct wire_imap_cursor *cursor, struct slice *root);

/*
 * GENURLAUTH (RFC 4467 8): pairs of a URL's rump and a mechanism; URLFETCH: URLs, each
 * alone or in parentheses with what is wanted of it (RFC 5524 3). RESETKEY: a mailbox with
 * mechanisms, or nothing (name absent).
 */
#define WIRE_IMAP_URLS_MOST 64
enum wire_imap_url_want {
	WIRE_IMAP_URL_BODY = 1,
	WIRE_IMAP_URL_BINARY = 2,
	WIRE_IMAP_URL_STRUCTURE = 4
};
struct wire_imap_url_request {
	struct slice url, mechanism; /* mechanism absent: URLFETCH */
	unsigned wants;              /* of enum wire_imap_url_want; 0: a URL alone */
};
MUST_CHECK bool wire_imap_genurlauth_parse(struct wire_imap_cursor *cursor,
	struct wire_imap_url_request **requests, size_t *count);
MUST_CHECK bool wire_imap_urlfetch_parse(struct wire_imap_cursor *cursor,
	struct wire_imap_url_request **requests, size_t *count);
struct wire_imap_resetkey {
	struct slice name;
	struct slice *mechanisms;
	size_t count;
};
MUST_CHECK bool wire_imap_resetkey_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_resetkey *reset);

/* COMPRESS (RFC 4978 3). */
MUST_CHECK bool wire_imap_compress_parse(
	struct wire_imap_cursor *cursor, struct slice *mechanism);

/* ID (RFC 2971): pairs of a field and a value (absent when NIL); NIL gives none. */
#define WIRE_IMAP_ID_MOST       30
#define WIRE_IMAP_ID_FIELD_MOST 30
#define WIRE_IMAP_ID_VALUE_MOST 1024
struct wire_imap_id_pair {
	struct slice field, value;
};
MUST_CHECK bool wire_imap_id_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_id_pair **pairs, size_t *count);

#endif
