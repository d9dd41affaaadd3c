#ifndef POST_ACL_H
#define POST_ACL_H

#include "base/base.h"
#include "wire/rights.h"

/*
 * Who may do what with a mailbox, besides its owner (RFC 4314 2). Pure.
 *
 * An account is named by its id, which is never used again: what was granted to one that
 * was removed is granted to nobody. Rights are what anyone has and what the account has,
 * without what is taken from either.
 */
#define POST_ANYONE   0
#define POST_ACL_MOST 500 /* grants of one mailbox */

struct post_grant {
	uint64_t who; /* an account's id, or POST_ANYONE */
	bool negative;
	unsigned rights; /* of enum wire_right; never none */
};

struct post_acl {
	struct post_grant *grants; /* by who, negative ones behind */
	size_t count;
};

unsigned post_acl_rights(const struct post_acl *acl, uint64_t who);
/* NULL: there is none. */
const struct post_grant *post_acl_find(
	const struct post_acl *acl, uint64_t who, bool negative);
bool post_acl_equal(const struct post_acl *one, const struct post_acl *other);
struct post_acl post_acl_copy(struct arena *arena, const struct post_acl *acl);
/* The same with one grant changed; one without rights goes. */
struct post_acl post_acl_with(struct arena *arena, const struct post_acl *acl, uint64_t who,
	bool negative, const struct wire_rights_change *change);

bool post_acl_pack(const struct post_acl *acl, struct buffer *into);
/* From the front of *rest; BASE_DAMAGED. */
MUST_CHECK enum base_failure post_acl_take(
	struct slice *rest, struct arena *arena, struct post_acl *acl);

#endif
