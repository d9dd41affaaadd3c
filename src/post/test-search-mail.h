#ifndef POST_TEST_SEARCH_MAIL_H
#define POST_TEST_SEARCH_MAIL_H

#include "base/buffer.h"

/*
 * Messages made at random, in which the search's test looks for what is in them: words of
 * many scripts, HTML, messages in messages. The same seed, which is not 0, makes the same
 * ones.
 */
uint64_t test_random_below(uint64_t *random, uint64_t limit);
void test_put_message(uint64_t *random, struct buffer *into);

#endif
