#include "post/acl.h"

/* Of (who, negative): the place of the first grant that is not less. */
static size_t
place_of(const struct post_acl *acl, uint64_t who, bool negative)
{
	size_t at = 0;
	while (at < acl->count &&
		(acl->grants[at].who < who || (acl->grants[at].who == who &&
						      acl->grants[at].negative < negative)))
		at++;
	return at;
}

const struct post_grant *
post_acl_find(const struct post_acl *acl, uint64_t who, bool negative)
{
	size_t at = place_of(acl, who, negative);
	bool there = at < acl->count && acl->grants[at].who == who &&
		     acl->grants[at].negative == negative;
	return there ? &acl->grants[at] : NULL;
}

static unsigned
rights_of(const struct post_acl *acl, uint64_t who, bool negative)
{
	const struct post_grant *grant = post_acl_find(acl, who, negative);
	return grant ? grant->rights : 0;
}

unsigned
post_acl_rights(const struct post_acl *acl, uint64_t who)
{
	unsigned given = rights_of(acl, POST_ANYONE, false) | rights_of(acl, who, false);
	unsigned taken = rights_of(acl, POST_ANYONE, true) | rights_of(acl, who, true);
	return given & ~taken;
}

bool
post_acl_equal(const struct post_acl *one, const struct post_acl *other)
{
	if (one->count != other->count)
		return false;
	for (size_t i = 0; i < one->count; i++) {
		const struct post_grant *a = &one->grants[i], *b = &other->grants[i];
		if (a->who != b->who || a->negative != b->negative ||
			a->rights != b->rights)
			return false;
	}
	return true;
}

struct post_acl
post_acl_copy(struct arena *arena, const struct post_acl *acl)
{
	struct post_acl copy = {.count = acl->count};
	copy.grants = ARENA_MANY(arena, struct post_grant, acl->count + 1);
	if (acl->count)
		memcpy(copy.grants, acl->grants, acl->count * sizeof *copy.grants);
	return copy;
}

struct post_acl
post_acl_with(struct arena *arena, const struct post_acl *acl, uint64_t who, bool negative,
	const struct wire_rights_change *change)
{
	struct post_acl changed = post_acl_copy(arena, acl);
	size_t at = place_of(acl, who, negative);
	bool there = post_acl_find(acl, who, negative);
	unsigned rights = wire_rights_changed(there ? acl->grants[at].rights : 0, change);
	struct post_grant *from = changed.grants + at + there;
	struct post_grant *to = changed.grants + at + (rights != 0);
	memmove(to, from, (acl->count - at - there) * sizeof *to);
	changed.count = acl->count - there + (rights != 0);
	if (rights)
		changed.grants[at] = (struct post_grant){who, negative, rights};
	return changed;
}

bool
post_acl_pack(const struct post_acl *acl, struct buffer *into)
{
	buffer_put_varint(into, acl->count);
	for (size_t i = 0; i < acl->count; i++) {
		buffer_put_varint(into, acl->grants[i].who);
		buffer_put_varint(
			into, acl->grants[i].rights << 1 | acl->grants[i].negative);
	}
	return !buffer_failed(into);
}

static bool
take_grant(struct slice *rest, struct post_grant *grant)
{
	uint64_t rights;
	if (!take_varint(rest, &grant->who) || !take_varint(rest, &rights))
		return false;
	grant->negative = rights & 1;
	rights >>= 1;
	grant->rights = (unsigned)rights;
	return rights && rights <= WIRE_RIGHTS_ALL;
}

enum base_failure
post_acl_take(struct slice *rest, struct arena *arena, struct post_acl *acl)
{
	uint64_t count;
	*acl = (struct post_acl){0};
	if (!take_varint(rest, &count) || count == 0 || count > POST_ACL_MOST)
		return BASE_DAMAGED;
	acl->grants = ARENA_MANY(arena, struct post_grant, count);
	for (; acl->count < count; acl->count++) {
		struct post_grant *grant = &acl->grants[acl->count];
		if (!take_grant(rest, grant) ||
			place_of(acl, grant->who, grant->negative) != acl->count ||
			post_acl_find(acl, grant->who, grant->negative))
			return BASE_DAMAGED;
	}
	return BASE_OK;
}
