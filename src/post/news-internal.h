#ifndef POST_NEWS_INTERNAL_H
#define POST_NEWS_INTERNAL_H

#include "post/news.h"
#include "post/publication.h"

/* A commit is durable, and its state published: those who gather news are told. */
void post_news_tell(
	struct post_account *account, const struct post_publication *publication);
/* The account was removed: they look, and find that it is gone. */
void post_news_call(struct post_account *account);

#endif
