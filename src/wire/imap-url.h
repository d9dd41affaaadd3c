#ifndef WIRE_IMAP_URL_H
#define WIRE_IMAP_URL_H

#include "wire/imap-cursor.h"

/*
 * IMAP URLs (RFC 5092) that name a message or a part of one, absolute or beginning with
 *"/":
 *
 *	imap://user;AUTH=*@host:143/box;UIDVALIDITY=7/;UID=5/;SECTION=1.2/;PARTIAL=0.100
 *	/box/;UID=5;URLAUTH=user+anna@example.org:INTERNAL:0a1b…
 *
 * What is percent-encoded comes decoded, in the arena; a mailbox's name as UTF-8.
 */
#define WIRE_IMAP_URL_MOST 8192

enum wire_imap_url_access {    /* RFC 4467 3 */
	WIRE_IMAP_ACCESS_NONE, /* no URLAUTH */
	WIRE_IMAP_ACCESS_ANONYMOUS,
	WIRE_IMAP_ACCESS_AUTHUSER,
	WIRE_IMAP_ACCESS_USER,  /* "user+name" */
	WIRE_IMAP_ACCESS_SUBMIT /* "submit+name" */
};

struct wire_imap_url {
	bool absolute;
	struct slice user, host; /* absent without; host with its port */
	struct slice mailbox;    /* absent: relative to the one that is selected */
	uint32_t uid_validity;   /* 0: any */
	uint32_t uid;            /* never 0 */
	struct slice section; /* as FETCH's brackets have it; absent: the whole message */
	bool partial;
	uint64_t offset, length; /* length 0: to the end */

	enum wire_imap_url_access access;
	struct slice name; /* of USER and SUBMIT */
	bool expires;
	int64_t expires_at;     /* seconds since 1970 */
	struct slice rump;      /* of the text: all before the mechanism, for the token */
	struct slice mechanism; /* absent: a rump alone (GENURLAUTH) */
	struct slice token;     /* hexadecimal */
};

/* False: no such URL, or one of no message. */
MUST_CHECK bool wire_imap_url_parse(
	struct slice text, struct arena *arena, struct wire_imap_url *url);

#endif
