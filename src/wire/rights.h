#ifndef WIRE_RIGHTS_H
#define WIRE_RIGHTS_H

#include "base/buffer.h"
#include "base/slice.h"

/*
 * What one may do with a mailbox, as letters (RFC 4314 2.1). "c" and "d" of RFC 2086 mean
 * "kx" and "te"; they are told beside them (2.1.1).
 */
enum wire_right {
	WIRE_RIGHT_LOOKUP = 1,           /* l: sees that it is there, subscribes */
	WIRE_RIGHT_READ = 2,             /* r: SELECT, STATUS, COPY from it */
	WIRE_RIGHT_SEEN = 4,             /* s: \Seen */
	WIRE_RIGHT_WRITE = 8,            /* w: flags other than \Seen and \Deleted */
	WIRE_RIGHT_INSERT = 16,          /* i: APPEND, COPY into it */
	WIRE_RIGHT_POST = 32,            /* p: write to its address; nothing asks for it */
	WIRE_RIGHT_CREATE = 64,          /* k: mailboxes below it */
	WIRE_RIGHT_DELETE_MAILBOX = 128, /* x: DELETE, RENAME */
	WIRE_RIGHT_DELETE_MESSAGE = 256, /* t: \Deleted */
	WIRE_RIGHT_EXPUNGE = 512,        /* e */
	WIRE_RIGHT_ADMINISTER = 1024     /* a: who may do what */
};
#define WIRE_RIGHTS_ALL 2047U

/* False for a letter that is no right; capitals are none. */
MUST_CHECK bool wire_rights_of(struct slice letters, unsigned *rights);
/* "lrswipkxteacd", in that order; nothing for none. */
bool wire_rights_put(struct buffer *into, unsigned rights);

/* "lrs", "+kx", "-a" (mod-rights). */
enum wire_rights_action { WIRE_RIGHTS_REPLACE, WIRE_RIGHTS_ADD, WIRE_RIGHTS_REMOVE };
struct wire_rights_change {
	enum wire_rights_action action;
	unsigned rights;
};
MUST_CHECK bool wire_rights_change_of(struct slice text, struct wire_rights_change *change);
unsigned wire_rights_changed(unsigned before, const struct wire_rights_change *change);

#endif
