#ifndef POPD_MAILDROP_H
#define POPD_MAILDROP_H

#include "post/post.h"

/*
 * An INBOX, locked for one session and frozen as it was when it was opened: numbers 1 to
 * popd_maildrop_count, of which some are marked as deleted. Used by one session's steps.
 */
struct popd_maildrop;

/* BASE_CONFLICT: another session has it. */
enum base_failure popd_maildrop_open(
	struct post *post, uint64_t account, struct popd_maildrop **opened) MUST_CHECK;
void popd_maildrop_close(struct popd_maildrop *maildrop); /* NULL is fine */

uint32_t popd_maildrop_count(const struct popd_maildrop *maildrop); /* deleted ones too */
/* The UID of a message, 0 for a number out of range or marked as deleted. */
uint32_t popd_maildrop_uid(const struct popd_maildrop *maildrop, uint32_t number);
uint32_t popd_maildrop_uid_validity(const struct popd_maildrop *maildrop);
const struct post_view *popd_maildrop_view(const struct popd_maildrop *maildrop);

void popd_maildrop_mark(struct popd_maildrop *maildrop, uint32_t uid);
void popd_maildrop_unmark_all(struct popd_maildrop *maildrop);
uint32_t popd_maildrop_marked(const struct popd_maildrop *maildrop);
/* Expunges what is marked; NULL with *error. */
struct base_ticket *popd_maildrop_expunge(
	struct popd_maildrop *maildrop, struct base_error *error);

/*
 * The same of any number, slice by slice, from an errand, as it waits for commits. stop is
 * asked between them. When it fails, some may be gone (RFC 1939 6).
 */
enum base_failure popd_maildrop_expunge_many(
	struct popd_maildrop *maildrop, post_stop *stop, void *argument) MUST_CHECK;

/*
 * Sizes of the messages first to last that are not marked, in order. Reads the disk, so not
 * too many at once.
 */
typedef void popd_sized(void *argument, uint32_t number, uint64_t size);
enum base_failure popd_maildrop_sizes(const struct popd_maildrop *maildrop, uint32_t first,
	uint32_t last, popd_sized *sized, void *argument) MUST_CHECK;

#endif
