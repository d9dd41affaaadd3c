#ifndef NET_BUDGET_H
#define NET_BUDGET_H

#include "net/net.h"

/*
 * Inside net: who may connect, counted. Any thread.
 *
 * An entry counts the connections of one address (IPv6: /64), network (/24, /48) or
 * account, and an address's recent ones in a bucket: connections_per_second flow in, ten
 * times that fit. An entry is forgotten when nobody is connected and its bucket is full.
 */
#define NET_BUDGET_ENTRIES_MOST (128 * 1024)
#define NET_BUDGET_BURST_S      10

struct net_budget;
struct net_budget_entry;

enum net_admission {
	NET_ADMITTED,
	NET_OVER_ADDRESS,
	NET_OVER_NETWORK,
	NET_OVER_RATE,
	NET_OVER_SESSIONS,
	NET_OVER_DESCRIPTORS,
	NET_ADMISSIONS
};
const char *net_admission_name(enum net_admission admission); /* "address" … */

struct net_budget *net_budget_create(const struct net_budgets *budgets);
void net_budget_destroy(struct net_budget *budget);

/*
 * Counts a connection in, or refuses it. A UNIX peer, whose rights are the socket's, counts
 * as a session but is never refused: who looks after a flooded server must come in.
 */
enum net_admission net_budget_enter(struct net_budget *budget,
	const struct net_address *peer, uint64_t now, struct net_budget_entry **address,
	struct net_budget_entry **network);
void net_budget_leave(struct net_budget *budget, struct net_budget_entry *address,
	struct net_budget_entry *network);

/* A session among those of its account: a part of the session; zeroed but for the handle.
 */
struct net_budget_member {
	struct net_handle handle;
	struct net_budget_entry *entry; /* NULL: of none */
	struct net_budget_member *next, **link;
};
/* False: that account has `most` connections already. Leaves the one it was of. */
bool net_budget_enter_account(struct net_budget *budget, struct slice account,
	uint32_t most, struct net_budget_member *member);
void net_budget_leave_account(struct net_budget *budget, struct net_budget_member *member);
void net_budget_dismiss(struct net_budget *budget, struct slice account);

void net_budget_sweep(struct net_budget *budget, uint64_t now);
size_t net_budget_entries(struct net_budget *budget);

#endif
