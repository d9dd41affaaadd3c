#ifndef POST_ATTACHED_INTERNAL_H
#define POST_ATTACHED_INTERNAL_H

#include "post/account-internal.h"
#include "post/attached-record.h"
#include "post/attached.h"
#include "post/message-internal.h"

/* How far an account's messages are decided; the next one is in memory ahead of the row. */
enum base_failure post_attached_state_read(
	struct store_space *space, struct post_attached_state *state) MUST_CHECK;

/* What is known of one message; nothing without a row, or with one that can't be read. */
void post_attached_of(struct store_space *space, uint64_t email, struct arena *arena,
	struct post_attached *attached);

/* Emails from there on may be undecided; UINT64_MAX: nobody would decide them. */
uint64_t post_attached_undecided_from(struct post_account *account);
/* A message from there on is to be decided before it is indexed. */
bool post_attached_is_undecided(struct post_account *account, uint64_t email,
	const struct post_content_record *content);

/* Whether a program is to read a part of it. */
bool post_attached_some(const struct wire_message *structure);

/*
 * attached-read.c: runs the programs on its parts. What they do not find out is not there.
 * BASE_UNAVAILABLE: nothing is decided, try again later.
 */
enum base_failure post_attached_extract(struct post_account *account,
	const struct post_message *message, struct arena *arena,
	struct post_attached *attached) MUST_CHECK;

/* In a turn: the message is purged, or the index made anew. */
void post_attached_purge(struct store_turn *turn, uint64_t email);
enum base_failure post_attached_index_new(struct store_turn *turn) MUST_CHECK;

#endif
