#include "net/budget.h"
#include <pthread.h>

struct net_budget_entry {
	uint32_t count;
	uint64_t tokens; /* thousandths of a connection */
	uint64_t filled_at;
	struct net_budget_member *members; /* of an account */
	size_t key_length;
	char key[]; /* a letter for the kind, then the address's bytes or the account */
};

struct net_budget {
	pthread_mutex_t lock;
	struct net_budgets most;
	struct map *entries;
	uint32_t sessions;
};

#define KEY_MOST 9 /* of an address */

const char *
net_admission_name(enum net_admission admission)
{
	static const char *const names[NET_ADMISSIONS] = {
		"admitted", "address", "network", "rate", "sessions", "descriptors"};
	return names[admission];
}

struct net_budget *
net_budget_create(const struct net_budgets *budgets)
{
	struct net_budget *budget = calloc(1, sizeof *budget);
	ASSERT(budget);
	ASSERT(pthread_mutex_init(&budget->lock, NULL) == 0);
	budget->most = *budgets;
	budget->entries = map_create();
	return budget;
}

void
net_budget_destroy(struct net_budget *budget)
{
	size_t position = 0;
	struct slice key;
	void *entry;
	while (map_next(budget->entries, &position, &key, &entry))
		free(entry);
	map_destroy(budget->entries);
	pthread_mutex_destroy(&budget->lock);
	free(budget);
}

/* --- entries, under the lock ------------------------------------------------------------
 */

static uint64_t
bucket_size(const struct net_budget *budget)
{
	return (uint64_t)budget->most.connections_per_second * NET_BUDGET_BURST_S * 1000;
}

static void
fill_bucket(const struct net_budget *budget, struct net_budget_entry *entry, uint64_t now)
{
	entry->tokens += (now - entry->filled_at) * budget->most.connections_per_second;
	if (entry->tokens > bucket_size(budget))
		entry->tokens = bucket_size(budget);
	entry->filled_at = now;
}

static struct net_budget_entry *
find_or_add(struct net_budget *budget, struct slice key, uint64_t now)
{
	struct net_budget_entry *entry = map_get(budget->entries, key);
	if (entry)
		return entry;
	entry = calloc(1, sizeof *entry + key.length);
	ASSERT(entry);
	entry->tokens = bucket_size(budget);
	entry->filled_at = now;
	entry->key_length = key.length;
	memcpy(entry->key, key.data, key.length);
	map_put(budget->entries, key, entry);
	return entry;
}

static void
forget(struct net_budget *budget, struct net_budget_entry *entry)
{
	map_remove(budget->entries, slice_of(entry->key, entry->key_length));
	free(entry);
}

static bool
is_forgettable(const struct net_budget *budget, const struct net_budget_entry *entry)
{
	return entry->count == 0 && entry->tokens >= bucket_size(budget);
}

static void
leave(struct net_budget *budget, struct net_budget_entry *entry)
{
	if (!entry)
		return;
	ASSERT(entry->count > 0);
	entry->count--;
	if (is_forgettable(budget, entry))
		forget(budget, entry);
}

static void
sweep(struct net_budget *budget, uint64_t now)
{
	size_t position = 0;
	struct slice key;
	void *value;
	while (map_next(budget->entries, &position, &key, &value)) {
		struct net_budget_entry *entry = value;
		fill_bucket(budget, entry, now);
		if (is_forgettable(budget, entry))
			forget(budget, entry);
	}
}

/* --- connections ------------------------------------------------------------------------
 */

static bool
is_over(uint32_t count, uint32_t most)
{
	return most > 0 && count >= most;
}

/* The key of the peer's address, or (network) of the network around it. */
static struct slice
peer_key(const struct net_address *peer, bool network, char into[KEY_MOST])
{
	uint8_t bytes[8];
	struct slice address = net_address_key(peer, bytes);
	if (network)
		address = slice_first(address, address.length == 8 ? 6 : 3);
	into[0] = network ? 'n' : 'a';
	memcpy(into + 1, address.data, address.length);
	return slice_of(into, address.length + 1);
}

static enum net_admission
check_peer(struct net_budget *budget, struct net_budget_entry *address,
	struct net_budget_entry *network, uint64_t now)
{
	const struct net_budgets *most = &budget->most;
	if (is_over(address->count, most->connections_per_address))
		return NET_OVER_ADDRESS;
	if (is_over(network->count, most->connections_per_network))
		return NET_OVER_NETWORK;
	fill_bucket(budget, address, now);
	if (most->connections_per_second == 0)
		return NET_ADMITTED;
	if (address->tokens < 1000)
		return NET_OVER_RATE;
	address->tokens -= 1000;
	return NET_ADMITTED;
}

static enum net_admission
enter_peer(struct net_budget *budget, const struct net_address *peer, uint64_t now,
	struct net_budget_entry **address, struct net_budget_entry **network)
{
	char key[KEY_MOST];
	if (map_count(budget->entries) + 2 > NET_BUDGET_ENTRIES_MOST)
		return NET_OVER_SESSIONS;
	*address = find_or_add(budget, peer_key(peer, false, key), now);
	*network = find_or_add(budget, peer_key(peer, true, key), now);
	/* Counted in either case: the caller leaves again when it is refused. */
	enum net_admission admission = check_peer(budget, *address, *network, now);
	(*address)->count++;
	(*network)->count++;
	return admission;
}

enum net_admission
net_budget_enter(struct net_budget *budget, const struct net_address *peer, uint64_t now,
	struct net_budget_entry **address, struct net_budget_entry **network)
{
	uint8_t bytes[8];
	bool has_network = net_address_key(peer, bytes).length > 0;
	*address = *network = NULL;
	pthread_mutex_lock(&budget->lock);
	enum net_admission admission = NET_ADMITTED;
	if (has_network && is_over(budget->sessions, budget->most.sessions))
		admission = NET_OVER_SESSIONS;
	else if (has_network)
		admission = enter_peer(budget, peer, now, address, network);
	if (admission == NET_ADMITTED) {
		budget->sessions++;
	} else {
		leave(budget, *address);
		leave(budget, *network);
	}
	pthread_mutex_unlock(&budget->lock);
	return admission;
}

void
net_budget_leave(struct net_budget *budget, struct net_budget_entry *address,
	struct net_budget_entry *network)
{
	pthread_mutex_lock(&budget->lock);
	ASSERT(budget->sessions > 0);
	budget->sessions--;
	leave(budget, address);
	leave(budget, network);
	pthread_mutex_unlock(&budget->lock);
}

/* --- accounts ---------------------------------------------------------------------------
 */

static struct slice
account_key(struct slice account, char **key)
{
	*key = malloc(account.length + 1);
	ASSERT(*key);
	**key = 'u';
	if (account.length)
		memcpy(*key + 1, account.data, account.length);
	return slice_of(*key, account.length + 1);
}

/* Under the lock. */
static void
add_member(struct net_budget_entry *entry, struct net_budget_member *member)
{
	entry->count++;
	member->entry = entry;
	member->next = entry->members;
	member->link = &entry->members;
	if (member->next)
		member->next->link = &member->next;
	entry->members = member;
}

/* Under the lock. */
static void
remove_member(struct net_budget *budget, struct net_budget_member *member)
{
	if (!member->entry)
		return;
	*member->link = member->next;
	if (member->next)
		member->next->link = member->link;
	leave(budget, member->entry);
	member->entry = NULL;
}

bool
net_budget_enter_account(struct net_budget *budget, struct slice account, uint32_t most,
	struct net_budget_member *member)
{
	char *key;
	pthread_mutex_lock(&budget->lock);
	struct net_budget_entry *entry = find_or_add(budget, account_key(account, &key), 0);
	bool admitted = entry == member->entry || !is_over(entry->count, most);
	if (admitted && entry != member->entry) {
		remove_member(budget, member);
		add_member(entry, member);
	}
	pthread_mutex_unlock(&budget->lock);
	free(key);
	return admitted;
}

void
net_budget_leave_account(struct net_budget *budget, struct net_budget_member *member)
{
	if (!member->entry)
		return;
	pthread_mutex_lock(&budget->lock);
	remove_member(budget, member);
	pthread_mutex_unlock(&budget->lock);
}

void
net_budget_dismiss(struct net_budget *budget, struct slice account)
{
	char *key;
	pthread_mutex_lock(&budget->lock);
	const struct net_budget_entry *entry =
		map_get(budget->entries, account_key(account, &key));
	for (const struct net_budget_member *at = entry ? entry->members : NULL; at;
		at = at->next)
		net_dismiss(at->handle);
	pthread_mutex_unlock(&budget->lock);
	free(key);
}

void
net_budget_sweep(struct net_budget *budget, uint64_t now)
{
	pthread_mutex_lock(&budget->lock);
	sweep(budget, now);
	pthread_mutex_unlock(&budget->lock);
}

size_t
net_budget_entries(struct net_budget *budget)
{
	pthread_mutex_lock(&budget->lock);
	size_t count = map_count(budget->entries);
	pthread_mutex_unlock(&budget->lock);
	return count;
}
