#ifndef NET_RESOLVER_INTERNAL_H
#define NET_RESOLVER_INTERNAL_H

#include "net/resolver.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unbound.h>
#include <unistd.h>

/*
 * resolver-create.c: settings. resolver.c: answers. resolver-exchange.c: one question to
 * libunbound's thread and back. resolver-names.c: names of things.
 *
 * libunbound works in a thread of its own; its results arrive at a descriptor, which a
 * second thread, `courier`, watches to hand each result to the errand that waits for it.
 */
struct net_resolver {
	struct ub_ctx *context;
	struct base_clock *clock;
	struct arena *arena;
	struct slice *zones; /* lower case, no last dot; "" is the root */
	size_t zone_count;
	atomic_bool trusting;
	struct base_metric *answers[NET_DNS_UNAVAILABLE + 1];
	struct base_metric *seconds;

	bool running; /* the courier */
	pthread_t courier;
	int wake; /* eventfd: the courier leaves */

	pthread_mutex_t lock;
	struct resolver_question *waiting; /* a list, for the stop */
	unsigned waiting_count;
	bool stopping;
};

enum base_failure resolver_start(struct net_resolver *resolver, struct base_error *error);
void resolver_end(struct net_resolver *resolver);

/*
 * Blocks until the answer, the deadline (steady ms) or the stop. NULL and *result, or why
 * there is none. The name must be askable (dns-records.h).
 */
const char *resolver_exchange(struct net_resolver *resolver, const char *name, int type,
	uint64_t until, struct ub_result **result);
void resolver_release_result(struct ub_result **result); /* for SCOPED */

#endif
