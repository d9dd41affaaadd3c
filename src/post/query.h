#ifndef POST_QUERY_H
#define POST_QUERY_H

#include "post/view.h"

/*
 * Search in one mailbox, as IMAP means it: substrings, case-folded (RFC 5051), in decoded
 * headers and text of any charset. A tree of conditions; sets and flags are answered from
 * bitmaps, sizes and dates from entries, headers from content records, and only body
 * conditions read messages. Runs on the calling thread and reads our own disk; a long
 * one goes by steps, so that a worker gives others their turn.
 *
 * Blanks and line ends compare as one space. BODY looks at text parts, HTML without its
 * tags, and at the headers of messages inside; TEXT also at the header. A message without
 * a Date matches no SENT condition. Internal dates count as days in UTC. At most
 * POST_QUERY_BODIES_MOST conditions may look at bodies: BASE_TOO_LARGE beyond.
 */
#define POST_QUERY_BODIES_MOST 256
enum post_query_kind {
	POST_QUERY_ALL,
	POST_QUERY_NOT,
	POST_QUERY_AND,
	POST_QUERY_OR,   /* children */
	POST_QUERY_UIDS, /* uids */
	POST_QUERY_FLAG, /* text: its name */
	POST_QUERY_LARGER,
	POST_QUERY_SMALLER, /* number: octets, strictly */
	POST_QUERY_BEFORE,
	POST_QUERY_ON,
	POST_QUERY_SINCE, /* number: day; internal date */
	POST_QUERY_SENT_BEFORE,
	POST_QUERY_SENT_ON,
	POST_QUERY_SENT_SINCE, /* Date: header */
	POST_QUERY_HEADER,     /* name; text ("" asks whether it is there) */
	POST_QUERY_BODY,
	POST_QUERY_TEXT, /* text */
	POST_QUERY_ARRIVED_SINCE,
	POST_QUERY_ARRIVED_UNTIL, /* number: seconds since 1970, in; internal date */
	POST_QUERY_SAVED_BEFORE,
	POST_QUERY_SAVED_ON,
	POST_QUERY_SAVED_SINCE, /* number: day; when it came into the mailbox */
	POST_QUERY_EMAIL,       /* number: its email id */
	POST_QUERY_THREAD       /* number: post_message_thread */
};
struct post_query {
	enum post_query_kind kind;
	struct slice name; /* HEADER */
	struct slice text; /* UTF-8 */
	bool alike; /* HEADER, BODY, TEXT: its words or ones like them, see search-words.h
		     */
	uint64_t number; /* octets; or days since 1970, disregarding zones */
	const struct post_uids *uids;
	const struct post_query *children;
	size_t count;
};

struct post_search;
/* The query and the view must outlive the search. */
struct post_search *post_search_begin(
	const struct post_view *view, const struct post_query *query);
/*
 * Before the first step: only so many matches with the least UIDs, and with the greatest,
 * are wanted. What is found then has these for certain, of the others some or none, and
 * comes as soon as they are known.
 */
void post_search_want(struct post_search *search, uint32_t least, uint32_t greatest);
/* True when there is more to do; a step takes some milliseconds. */
bool post_search_step(struct post_search *search);
/* After the last step: *found is the caller's. */
enum base_failure post_search_end(
	struct post_search *search, struct post_uids **found) MUST_CHECK;
void post_search_destroy(
	struct post_search *search); /* one that was not ended; NULL is fine */

#endif
