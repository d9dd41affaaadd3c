#ifndef POST_RENEW_H
#define POST_RENEW_H

#include "post/post.h"

/*
 * post_renew for somebody who waits: `told` hears of each account; where it says false, the
 * renewal ends, and is none.
 */
typedef bool post_renew_told(void *argument, uint64_t done, uint64_t of);
enum base_failure post_renew_telling(struct post *post, post_renew_told *told,
	void *argument, struct base_error *error) MUST_CHECK;

#endif
