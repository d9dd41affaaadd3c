#ifndef IMAPD_SEARCHING_H
#define IMAPD_SEARCHING_H

#include "imapd/lines.h"
#include "wire/imap-multisearch.h"

/*
 * What SEARCH, SORT and THREAD share: keys become post's query, which is answered by steps,
 * so that others on this worker get their turn. Owned by the call.
 */
struct imapd_searching {
	struct wire_imap_search wanted;
	struct post_view *view; /* the client's */
	struct post_query query;
	struct post_search *search;
	struct slice charset;
	/* Only so many of the least and of the greatest are told; both 0: all. */
	uint32_t least_wanted, greatest_wanted;
	struct slice source; /* of ESEARCH (RFC 7377): " MAILBOX …"; else empty */
	/* Takes over what was found, and answers. */
	enum net_next (*found)(struct imapd_session *session,
		struct imapd_searching *searching, struct post_uids *owned);
};

/*
 * Searches for searching->wanted, which was parsed, in the selected mailbox, and goes on
 * with found. Refuses an unknown charset.
 */
enum net_next imapd_search(
	struct imapd_session *session, struct imapd_searching *searching);

/*
 * RFC 9755 3: once texts are in UTF-8, a charset that may be left out is an error (but
 * that IMAP4rev2 may say it once more), and one that must be said is UTF-8; US-ASCII is
 * borne, as a part of it that MailKit says.
 */
bool imapd_charset_conflicts(
	const struct imapd_session *session, struct slice charset, bool may_be_left_out);

/*
 * Goes on with steps until none is left, a few at a time; then done answers. state lives
 * in the call's arena and is its act.
 */
struct imapd_steps {
	bool (*step)(void *state); /* true when there is more to do */
	enum net_next (*done)(struct imapd_session *session, void *state);
	void *state;
	uint64_t told; /* steady ms: when the client last heard of us (RFC 9585) */
};
enum net_next imapd_steps(struct imapd_session *session, const struct imapd_steps *given);

/*
 * attachments.c: goes on when the account's attachments are decided, as far as the search
 * asks for texts (post/attached.h), or when that takes too long.
 */
typedef enum net_next imapd_continue(struct imapd_session *session, void *state);
enum net_next imapd_read_attachments(struct imapd_session *session, uint64_t account,
	const struct wire_imap_search_key *key, imapd_continue *then, void *state);

/*
 * search-sources.c: names of the mailboxes that ESEARCH looks into, in the arena; that they
 * can be read is asked when one is opened. One that is not there is nothing.
 */
size_t imapd_search_sources(struct imapd_session *session,
	const struct wire_imap_multisearch *wanted, struct arena *arena,
	struct slice **names);

/*
 * search-query.c: the tree as post's, in the arena whole, whose ceiling bounds it. False
 * with the fault for imapd_no_search.
 */
MUST_CHECK bool imapd_query_of(struct imapd_session *session, struct arena *arena,
	struct slice charset, const struct wire_imap_search_key *key,
	struct post_query *query, const char **fault);

/*
 * search-filters.c: filters of the account (RFC 5466), read when the first is asked for.
 * All that were together have no more keys than a command may have.
 */
struct imapd_filters {
	struct imapd_session *session;
	struct arena *arena;
	bool read;
	struct post_metadata_entry *list; /* the account's annotations */
	size_t count, keys;
};
enum imapd_filter { IMAPD_FILTER_NONE, IMAPD_FILTER_READ, IMAPD_FILTER_TOO_LARGE };
enum imapd_filter imapd_filter_read(
	struct imapd_filters *filters, struct slice name, struct wire_imap_search *search);

/*
 * The same with texts below FUZZY taken more narrowly, for scores (RFC 6203 4): instead of
 * words alike the words themselves or all of it as it stands, and in the subject only.
 */
enum imapd_nearness {
	IMAPD_ALIKE = 0,
	IMAPD_WORDS = 1,
	IMAPD_PHRASE = 2,
	IMAPD_IN_SUBJECT = 4
};
MUST_CHECK bool imapd_query_as_near(struct imapd_session *session, struct arena *arena,
	struct slice charset, const struct wire_imap_search_key *key,
	enum imapd_nearness nearness, struct post_query *query, const char **fault);

/* The answer to a fault: NO where it is not the client's, else BAD. */
enum net_next imapd_no_search(struct imapd_session *session,
	const struct imapd_searching *searching, const char *fault);

/*
 * relevancy.c: how well each of what was found fits, 1 to 100, by steps; then done is
 * called with scores by rank of the UIDs, which live as long as the call.
 */
typedef enum net_next imapd_scored(struct imapd_session *session,
	struct imapd_searching *searching, const struct post_uids *found,
	const uint8_t *scores);
enum net_next imapd_score(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, imapd_scored *done);
/* RFC 6203 4, 6: relevancy is asked for only with FUZZY. */
bool imapd_is_fuzzy(const struct wire_imap_search_key *key);
#define IMAPD_SCORES_MOST (64 * 1024 * 1024) /* bytes of them in an answer */
/* " RELEVANCY (4 99)", of those found that are in told. */
void imapd_put_scores(const struct post_uids *found, const struct post_uids *told,
	const uint8_t *scores, struct buffer *into);

/*
 * standing.c: searches whose results are kept up to date (RFC 5267 4.3), of the selected
 * mailbox. One that reads messages, or has an order, ends when many change at once, as it
 * would make all other answers wait: then, and where there would be too many, NOUPDATE is
 * told. order: of a SORT's (standing-order.h), taken over; else NULL.
 */
#define IMAPD_STANDING_MOST    16
#define IMAPD_PLACES_MOST      250000 /* in all orders of a session: a megabyte */
#define IMAPD_COMPARISONS_MOST 128    /* for what comes into orders, before one answer */
struct imapd_standing_order;
void imapd_standing_begin(struct imapd_session *session,
	const struct imapd_searching *searching, const struct post_uids *found,
	struct imapd_standing_order *order);
void imapd_standing_refuse(struct imapd_session *session); /* NOUPDATE */
/* Whether a search that stands has this call's tag, by which it is told of (4.3). */
bool imapd_standing_has_tag(const struct imapd_session *session);

/*
 * search-results.c: "* SEARCH" or "* ESEARCH", and what "$" is from now on. scores: as
 * imapd_score gives them, or NULL.
 */
void imapd_put_results(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, const uint8_t *scores);
void imapd_keep_results(struct imapd_session *session, const struct post_uids *given);
/*
 * What is given back of what was found, and so kept by SAVE (RFC 5182 2.4, 9394 3.2): all
 * where ALL or COUNT is asked for, else the least, the greatest, a window, or each of
 * these.
 */
bool imapd_gives_all(const struct wire_imap_results *results);
/* "$" is empty: a search with SAVE failed (RFC 5182 2.1). */
void imapd_forget_results(
	struct imapd_session *session, const struct imapd_searching *searching);

/*
 * "1:5,9" of UIDs, or of their numbers in the view, as lines: head before them, tail and a
 * line end behind; both are copied.
 */
void imapd_put_set_line(struct imapd_session *session, struct post_view *view,
	const struct post_uids *uids, bool as_uids, struct slice head, struct slice tail);

#endif
