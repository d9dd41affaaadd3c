#ifndef IMAPD_LISTING_H
#define IMAPD_LISTING_H

#include "imapd/lines.h"

struct imapd_listed {
	struct slice name;
	struct slice attributes;
	struct slice extended; /* "(\"CHILDINFO\" (…))", or empty */
	bool exists, selectable;
	unsigned rights; /* for MYRIGHTS */
};

/*
 * A LIST, LSUB or XLIST on its way. It is made part by part while output drains: one's own
 * mailboxes, then those of each who shares some. A part is bounded by what an account may
 * have.
 */
struct imapd_listing {
	struct imapd_lines lines;
	struct arena *arena; /* as long as the listing */
	struct arena *part;  /* of the rows */
	struct imapd_session *session;
	const char *verb;
	struct wire_imap_list wanted; /* patterns with the reference before them */
	bool root;                    /* only the root is asked for */
	struct imapd_listed *listed;
	size_t count, put;
	/* Makes the next part, in an arena that is empty again; false: there is none. */
	bool (*next)(struct imapd_listing *listing);
	void *walk; /* next's, in the arena */
};

/* NULL where the command can't be parsed. plain: without the options of RFC 5258. */
struct imapd_listing *imapd_listing_begin(
	struct imapd_session *session, const char *verb, bool plain);
void imapd_listing_make_room(struct imapd_listing *listing, size_t most);
/* Into room that was made; it has attributes alone. */
struct imapd_listed *imapd_listing_add(
	struct imapd_listing *listing, struct slice name, struct slice attributes);
bool imapd_listing_matches(const struct imapd_listing *listing, struct slice name);
enum net_next imapd_listing_end(
	struct imapd_session *session, struct imapd_listing *listing);

#endif
