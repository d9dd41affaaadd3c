#include "post/quota.h"

static bool
fits(uint64_t limit, uint64_t used, uint64_t more)
{
	return !limit || (more <= limit && used <= limit - more);
}

bool
post_quota_has_room(const struct post_quota *quota, const struct post_usage *used,
	uint64_t messages, uint64_t bytes)
{
	return fits(quota->bytes, used->bytes, bytes) &&
	       fits(quota->messages, used->messages, messages);
}
