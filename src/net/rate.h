#ifndef NET_RATE_H
#define NET_RATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether bytes move fast enough, judged over periods of NET_RATE_PERIOD_MS. Only a peer
 * that somebody waits for is judged: start when the waiting begins, stop when it is over.
 * A period is long enough for a network that is away for a while, as a phone's is.
 */
#define NET_RATE_PERIOD_MS 60000

struct net_rate {
	uint64_t since; /* 0: not judged now */
	uint64_t bytes;
};

static inline void
net_rate_start(struct net_rate *rate, uint64_t now)
{
	if (rate->since == 0)
		*rate = (struct net_rate){.since = now ? now : 1};
}

static inline void
net_rate_stop(struct net_rate *rate)
{
	rate->since = 0;
}

static inline uint64_t
net_rate_due(const struct net_rate *rate)
{
	return rate->since ? rate->since + NET_RATE_PERIOD_MS : UINT64_MAX;
}

/* True when a whole period was slower than least bytes a second; begins the next one. */
static inline bool
net_rate_failed(struct net_rate *rate, uint64_t now, uint32_t least)
{
	if (now < net_rate_due(rate))
		return false;
	bool failed = rate->bytes * 1000 < least * (now - rate->since);
	*rate = (struct net_rate){.since = now};
	return failed;
}

#endif
