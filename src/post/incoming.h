#ifndef POST_INCOMING_H
#define POST_INCOMING_H

#include "post/mailbox.h"
#include "post/view.h"
#include "store/store.h"

/*
 * A message on its way in: bytes are hashed and their structure is parsed as they arrive;
 * up to 1 MiB stays in memory, more spills into an unnamed file of the store. All that
 * come in at the same time share POST_RECEIVING_MEMORY: past it, small ones spill as well.
 *
 *	incoming = post_incoming_create(post);
 *	post_incoming_add(incoming, bytes)        from a taker's sink, again and again
 *	post_incoming_set_trace(incoming, lines)  Received and such; after the last byte
 *	if (post_incoming_is_large(incoming)) errand: post_incoming_seal(incoming)
 *	else post_incoming_seal(incoming)
 *	delivery = post_delivery_create(incoming) …
 *
 * Line ends: what comes in has CRLF; append and import convert before.
 */
struct post_incoming;

/* When the settings name no other. */
#define POST_MESSAGE_SIZE_MOST (64 * 1024 * 1024)
#define POST_RECEIVING_MEMORY  (128 * 1024 * 1024)

struct post_incoming *post_incoming_create(struct post *post);
void post_incoming_destroy(struct post_incoming *incoming); /* NULL is fine */
/*
 * BASE_TOO_LARGE past the limit; BASE_DISK_FULL, BASE_UNAVAILABLE from the spill, and
 * BASE_UNAVAILABLE when no memory is left for a header or structure of more than 16 KiB.
 */
enum base_failure post_incoming_add(
	struct post_incoming *incoming, struct slice bytes) MUST_CHECK;
uint64_t post_incoming_size(const struct post_incoming *incoming);

/*
 * After the last byte, before sealing: the header block (SLICE_NONE when over 256 KiB), for
 * loop detection, From checks and what a submission must add.
 */
struct slice post_incoming_header(struct post_incoming *incoming);
/*
 * Header lines with CRLF that stand before the blob's own; kept outside its hash. When the
 * blob begins with no header, sealing puts the blank line behind them.
 */
void post_incoming_set_trace(struct post_incoming *incoming, struct slice lines);

/*
 * After the last byte, before trace and sealing, for what may hold any bytes (a literal8):
 * parts that say "binary" or hold NUL become base64, bare LF outside of them CRLF.
 * BASE_INVALID, and nothing changed: NUL where no encoding can hide it. As slow as sealing.
 */
enum base_failure post_incoming_encode(struct post_incoming *incoming) MUST_CHECK;

bool post_incoming_is_large(const struct post_incoming *incoming);
/* Ends parsing; a large one is synced and linked: slow, then it belongs in an errand. */
enum base_failure post_incoming_seal(struct post_incoming *incoming) MUST_CHECK;
struct slice post_incoming_trace(const struct post_incoming *incoming);
struct store_hash post_incoming_hash(const struct post_incoming *incoming); /* sealed */

/* --- delivery: one message to many, in one set of commits with one blob --------------- */

/*
 *	delivery = post_delivery_create(incoming, return_path);
 *	post_delivery_local(delivery, &target)  …for each account
 *	relay_enqueue(…, delivery)              uses post_delivery_also
 *	ticket = post_delivery_submit(&delivery, &error)
 *
 * The ticket complete: the message is durable in every mailbox and queue of the set.
 */
struct post_delivery;

struct post_delivery *post_delivery_create(
	struct post_incoming *incoming, struct slice return_path);
void post_delivery_destroy(struct post_delivery *delivery); /* NULL is fine */
/*
 * What is added from now on is another message, durable in the same set: a report beside
 * the letter that it is about. All of them outlive the submission.
 */
void post_delivery_next(struct post_delivery *delivery, struct post_incoming *incoming,
	struct slice return_path);

/*
 * Could an account take that many bytes now, as far as is durable? BASE_QUOTA (452 4.2.2),
 * BASE_DENIED (disabled), BASE_NOT_FOUND. Reads a row only when there is a quota.
 */
enum base_failure post_delivery_ask(
	struct post *post, uint64_t account, uint64_t size) MUST_CHECK;

struct post_delivery_target {
	uint64_t account;
	struct slice delivered_to; /* the address as it was asked for */
	struct slice mailbox;      /* SLICE_NONE: INBOX; a missing one: INBOX */
};
/* Asks as above, and answers at once. The same account twice is one copy. */
enum base_failure post_delivery_local(struct post_delivery *delivery,
	const struct post_delivery_target *target) MUST_CHECK;

/*
 * Another space in the same set of commits: fill puts its rows in the turn. It must refer
 * to the blob itself. argument lives until the ticket is complete or the delivery is
 * destroyed. fill may return a failure: then nothing of the set is submitted.
 */
typedef enum base_failure post_delivery_fill(
	void *argument, struct store_turn *turn, struct store_blob *blob);
void post_delivery_also(struct post_delivery *delivery, struct store_space *space,
	post_delivery_fill *fill, void *argument);

/*
 * Called exactly once, when the set became durable or did not: with the ticket's outcome,
 * on the thread that completes it, or with BASE_CANCELLED when nothing was submitted. For
 * what fill's argument owns. Short.
 */
void post_delivery_on_end(
	struct post_delivery *delivery, base_ticket_callback *ended, void *argument);

const struct post_incoming *post_delivery_incoming(const struct post_delivery *delivery);

/* Counts letters of a sender against its hourly limit, in the same commit: BASE_QUOTA. */
enum base_failure post_delivery_charge(
	struct post_delivery *delivery, uint64_t account, uint32_t letters) MUST_CHECK;

/*
 * NULL with *error when nothing was submitted. *delivery becomes NULL either way.
 * BASE_CONFLICT: the letters of the sender's hour were used up meanwhile.
 */
struct base_ticket *post_delivery_submit(
	struct post_delivery **delivery, struct base_error *error);

/* --- APPEND, import ------------------------------------------------------------------- */

struct post_append {
	const struct slice *flags; /* names */
	size_t flag_count;
	bool has_date;         /* else it is now */
	int64_t internal_date; /* seconds since 1970 */
	int zone;              /* that it is shown in, minutes east of UTC */
	uint32_t uid;          /* out */
	uint32_t uid_validity; /* out */
};
/* Sealed messages, all in one commit (MULTIAPPEND). NULL with *error as in change.h. */
struct base_ticket *post_append_messages(struct post_mailbox *mailbox,
	struct post_incoming *const *incoming, struct post_append *appends, size_t count,
	struct base_error *error);
/*
 * The same, and in the same commit those of uids that are still in from are expunged.
 * BASE_NOT_FOUND: none is. Both mailboxes may be the same, and are of one account.
 */
struct base_ticket *post_replace_messages(struct post_mailbox *from,
	const struct post_uids *uids, struct post_mailbox *to,
	struct post_incoming *const *incoming, struct post_append *appends, size_t count,
	struct base_error *error);

#endif
