#include "post/directory-internal.h"

/*
 * Removing an account takes three commits or more: the tombstone (its row says "removing":
 * nobody finds it any more, the name stays taken), the erasing of its mail in steps, and
 * the end of its row. After a crash the tombstone is found and the chores go on.
 */
struct post_removal {
	struct post_removal *next;
	struct post_directory *directory;
	uint64_t id;
	struct slice key;
	struct arena *arena; /* holds this */
	struct base_ticket *ticket;
	bool durable; /* the tombstone is */
	bool at_work;
};

static struct post_removal *
removal_add(struct post_directory *directory, uint64_t id, struct slice key, bool durable)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_removal *removal = ARENA_NEW(arena, struct post_removal);
	removal->directory = directory;
	removal->id = id;
	removal->key = arena_copy(arena, key);
	removal->arena = arena;
	removal->ticket = base_ticket_create();
	removal->durable = durable;
	pthread_mutex_lock(&directory->removal_lock);
	removal->next = directory->removals;
	directory->removals = removal;
	pthread_mutex_unlock(&directory->removal_lock);
	return removal;
}

static void
removal_end(struct post_removal *removal, enum base_failure outcome)
{
	struct post_directory *directory = removal->directory;
	pthread_mutex_lock(&directory->removal_lock);
	struct post_removal **at = &directory->removals;
	while (*at != removal)
		at = &(*at)->next;
	*at = removal->next;
	pthread_mutex_unlock(&directory->removal_lock);
	base_ticket_complete(removal->ticket, outcome);
	base_ticket_drop(removal->ticket);
	arena_destroy(removal->arena);
}

static void
tombstone_made(void *argument, enum base_failure outcome)
{
	struct post_removal *removal = argument;
	struct post_directory *directory = removal->directory;
	if (outcome == BASE_OK) {
		pthread_mutex_lock(&directory->removal_lock);
		removal->durable = true;
		pthread_mutex_unlock(&directory->removal_lock);
	} else {
		removal_end(removal, outcome);
	}
	post_directory_leave(directory);
}

struct base_ticket *
post_removal_begin(
	struct post *post, uint64_t id, struct slice key, struct base_ticket *tombstone)
{
	struct post_removal *removal = removal_add(post->directory, id, key, false);
	struct base_ticket *ticket = base_ticket_hold(removal->ticket);
	post_directory_enter(post->directory);
	base_ticket_then(tombstone, tombstone_made, removal);
	base_ticket_drop(tombstone);
	return ticket;
}

void
post_removal_resume(struct post_directory *directory, uint64_t id, struct slice key)
{
	removal_add(directory, id, key, true);
}

void
post_removals_cancel(struct post_directory *directory)
{
	while (directory->removals)
		removal_end(directory->removals, BASE_CANCELLED);
}

/* --- chores --------------------------------------------------------------------------- */

static void
row_ended(void *argument, enum base_failure outcome)
{
	struct post_removal *removal = argument;
	struct post_directory *directory = removal->directory;
	removal_end(removal, outcome);
	post_directory_leave(directory);
}

/* What it shared, and what was shared with it. */
static void
delete_shares(struct post_directory_change *change, uint64_t id)
{
	struct post_share *shares;
	struct post_directory *directory = change->post->directory;
	post_directory_read_lock(directory);
	size_t count = post_table_shares_of(directory->table, id, change->arena, &shares);
	post_directory_unlock(directory);
	for (size_t i = 0; i < count; i++)
		post_directory_delete_share(change, &shares[i]);
}

/* True when the commit is under way; then the removal ends itself. */
static bool
end_row(struct post *post, struct post_removal *removal)
{
	struct base_error error;
	SCOPED(post_directory_change_release)
	struct post_directory_change *change = post_directory_begin(post, &error);
	if (!change || post_directory_count_member(change, post_key_domain(removal->key),
			       -1, &error) != BASE_OK)
		return false;
	post_directory_delete(change, POST_ROW_ACCOUNT, removal->key);
	delete_shares(change, removal->id);
	SCOPED(base_ticket_release)
	struct base_ticket *ticket = post_directory_submit(&change);
	post_directory_enter(post->directory);
	base_ticket_then(ticket, row_ended, removal);
	return true;
}

/* The first with an id below that can be worked on, now taken; ids make a round finite. */
static struct post_removal *
take_work(struct post_directory *directory, uint64_t below)
{
	struct post_removal *found = NULL;
	pthread_mutex_lock(&directory->removal_lock);
	for (struct post_removal *each = directory->removals; each; each = each->next)
		if (each->durable && !each->at_work && each->id < below &&
			(!found || each->id > found->id))
			found = each;
	if (found)
		found->at_work = true;
	pthread_mutex_unlock(&directory->removal_lock);
	return found;
}

static void
put_back(struct post_removal *removal)
{
	struct post_directory *directory = removal->directory;
	pthread_mutex_lock(&directory->removal_lock);
	removal->at_work = false;
	pthread_mutex_unlock(&directory->removal_lock);
}

void
post_directory_chores(struct post *post)
{
	uint64_t below = UINT64_MAX;
	struct post_removal *removal;
	while ((removal = take_work(post->directory, below))) {
		bool finished = false;
		below = removal->id;
		enum base_failure failure =
			post_account_erase(post, removal->id, &finished);
		if (failure != BASE_OK || !finished || !end_row(post, removal))
			put_back(removal);
	}
}
