#ifndef POST_QUOTA_H
#define POST_QUOTA_H

#include "base/base.h"

/* What an account may hold; 0: any. Bytes and messages are those of all its mailboxes. */
struct post_quota {
	uint64_t bytes, messages, mailboxes;
};
struct post_usage {
	uint64_t bytes, messages;
};

/* Whether so many messages, of so many bytes together, find room beside what there is. */
bool post_quota_has_room(const struct post_quota *quota, const struct post_usage *used,
	uint64_t messages, uint64_t bytes);

#endif
