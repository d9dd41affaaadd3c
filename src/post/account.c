#include "post/account-internal.h"
#include "post/mailbox-internal.h"
#include "post/turn.h"

/* The table of accounts in memory, and their counts. */
struct post_accounts {
	pthread_mutex_t lock;
	struct map *by_id;
	struct post_account *newest, *oldest; /* idle ones */
	size_t idle;
};

struct post_accounts *
post_accounts_create(void)
{
	struct post_accounts *accounts = calloc(1, sizeof *accounts);
	ASSERT(accounts);
	pthread_mutex_init(&accounts->lock, NULL);
	accounts->by_id = map_create();
	return accounts;
}

static struct slice
key_of(const uint64_t *id)
{
	return slice_of(id, sizeof *id);
}

/* Takes over the space. */
static struct post_account *
account_create(struct post *post, uint64_t id, struct store_space *space)
{
	struct post_account *account = calloc(1, sizeof *account);
	ASSERT(account);
	account->post = post;
	account->id = id;
	account->space = space;
	account->under_way_end = &account->under_way;
	account->heads = map_create();
	pthread_mutex_init(&account->lock, NULL);
	pthread_mutex_init(&account->watching, NULL);
	pthread_mutex_init(&account->attaching, NULL);
	return account;
}

static void
account_destroy(struct post_account *account)
{
	post_publications_drop(account);
	ASSERT(!account->mailboxes && !account->news);
	post_account_forget_heads(account);
	map_destroy(account->heads);
	post_tree_drop(account->tree);
	post_tree_drop(account->tree_tip);
	store_space_close(account->space);
	pthread_mutex_destroy(&account->lock);
	pthread_mutex_destroy(&account->watching);
	pthread_mutex_destroy(&account->attaching);
	free(account);
}

struct post_account *
post_account_freeze(struct post *post, uint64_t id)
{
	return account_create(post, id, store_space_freeze(post->store, id));
}

void
post_account_thaw(struct post_account *frozen)
{
	account_destroy(frozen);
}

static void
idle_remove(struct post_accounts *accounts, struct post_account *account)
{
	*(account->newer ? &account->newer->older : &accounts->newest) = account->older;
	*(account->older ? &account->older->newer : &accounts->oldest) = account->newer;
	account->newer = account->older = NULL;
	accounts->idle--;
}

static void
idle_add(struct post_accounts *accounts, struct post_account *account)
{
	account->older = accounts->newest;
	*(accounts->newest ? &accounts->newest->newer : &accounts->oldest) = account;
	accounts->newest = account;
	accounts->idle++;
}

/* Takes the account that was idle for longest out of the table, when there are too many. */
static struct post_account *
idle_surplus(struct post_accounts *accounts)
{
	struct post_account *account = accounts->oldest;
	if (accounts->idle <= POST_ACCOUNTS_IDLE)
		return NULL;
	idle_remove(accounts, account);
	map_remove(accounts->by_id, key_of(&account->id));
	return account;
}

static void
take_reference(struct post_accounts *accounts, struct post_account *account)
{
	if (account->references++ == 0)
		idle_remove(accounts, account);
}

struct post_account *
post_account_get(struct post *post, uint64_t id)
{
	struct post_accounts *accounts = post->accounts;
	pthread_mutex_lock(&accounts->lock);
	struct post_account *account = map_get(accounts->by_id, key_of(&id));
	if (!account) {
		account = account_create(post, id, store_space_open(post->store, id));
		map_put(accounts->by_id, key_of(&id), account);
		idle_add(accounts, account);
	}
	take_reference(accounts, account);
	struct post_account *surplus = idle_surplus(accounts);
	pthread_mutex_unlock(&accounts->lock);
	if (surplus)
		account_destroy(surplus);
	return account;
}

struct post_account *
post_account_find_open(struct post *post, uint64_t id)
{
	struct post_accounts *accounts = post->accounts;
	pthread_mutex_lock(&accounts->lock);
	struct post_account *account = map_get(accounts->by_id, key_of(&id));
	if (account && account->references == 0)
		account = NULL;
	if (account)
		account->references++;
	pthread_mutex_unlock(&accounts->lock);
	return account;
}

enum base_failure
post_account_open(struct post *post, uint64_t id, struct post_account **account)
{
	struct post_account_limits limits;
	*account = NULL;
	enum base_failure failure = post_directory_limits(post, id, &limits);
	if (failure)
		return failure;
	*account = post_account_get(post, id);
	return BASE_OK;
}

struct post_account *
post_account_hold(struct post_account *account)
{
	struct post_accounts *accounts = account->post->accounts;
	pthread_mutex_lock(&accounts->lock);
	account->references++;
	pthread_mutex_unlock(&accounts->lock);
	return account;
}

void
post_account_close(struct post_account *account)
{
	if (!account)
		return;
	struct post_accounts *accounts = account->post->accounts;
	pthread_mutex_lock(&accounts->lock);
	ASSERT(account->references);
	if (--account->references == 0)
		idle_add(accounts, account);
	pthread_mutex_unlock(&accounts->lock);
}

void
post_account_release(struct post_account **account)
{
	post_account_close(*account);
	*account = NULL;
}

void
post_accounts_destroy(struct post_accounts *accounts)
{
	size_t position = 0;
	struct slice key;
	void *account;
	if (!accounts)
		return;
	while (map_next(accounts->by_id, &position, &key, &account))
		account_destroy(account);
	map_destroy(accounts->by_id);
	pthread_mutex_destroy(&accounts->lock);
	free(accounts);
}

uint64_t
post_account_id(const struct post_account *account)
{
	return account->id;
}

bool
post_account_lock_maildrop(struct post_account *account)
{
	struct post_accounts *accounts = account->post->accounts;
	pthread_mutex_lock(&accounts->lock);
	bool taken = !account->maildrop_locked;
	account->maildrop_locked = true;
	pthread_mutex_unlock(&accounts->lock);
	return taken;
}

void
post_account_unlock_maildrop(struct post_account *account)
{
	struct post_accounts *accounts = account->post->accounts;
	pthread_mutex_lock(&accounts->lock);
	account->maildrop_locked = false;
	pthread_mutex_unlock(&accounts->lock);
}
