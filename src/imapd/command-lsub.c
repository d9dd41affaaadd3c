/* LSUB: RFC 3501 6.3.9. */
#include "imapd/listing.h"

/*
 * With "%" a name that is not subscribed, but has a subscribed child, is listed as
 * \Noselect (RFC 3501 6.3.9). told keeps each from coming twice.
 */
static void
add_parents(struct imapd_listing *listing, struct slice name, struct map *told)
{
	for (size_t end = 0; end < name.length; end++) {
		struct slice parent = slice_first(name, end);
		if (name.data[end] != POST_SEPARATOR || map_get(told, parent) ||
			!imapd_listing_matches(listing, parent))
			continue;
		map_put(told, parent, listing);
		imapd_listing_add(listing, parent, SLICE("\\Noselect"));
	}
}

static void
destroy_map(struct map **map)
{
	map_destroy(*map);
}

static void
add_subscribed(struct imapd_listing *listing, const struct slice *names, size_t count)
{
	SCOPED(destroy_map) struct map *told = map_create();
	for (size_t i = 0; i < count; i++)
		if (imapd_listing_matches(listing, names[i]) &&
			!map_put(told, names[i], listing))
			imapd_listing_add(listing, names[i], SLICE(""));
	if (slice_find_byte(listing->wanted.patterns[0], '%') ==
		listing->wanted.patterns[0].length)
		return;
	for (size_t i = 0; i < count; i++)
		if (!imapd_listing_matches(listing, names[i]))
			add_parents(listing, names[i], told);
}

/* How many names there are, if each brings its parents. */
static size_t
with_parents(const struct slice *names, size_t count)
{
	size_t all = count;
	for (size_t i = 0; i < count; i++)
		for (size_t at = 0; at < names[i].length; at++)
			all += names[i].data[at] == POST_SEPARATOR;
	return all;
}

/* Of mailboxes, and of names that are no mailbox (any more). */
static size_t
subscribed_names(struct imapd_listing *listing, struct post_account *account,
	struct slice **subscribed)
{
	struct post_mailbox_info *mailboxes;
	struct slice *gone;
	size_t count = post_mailboxes(account, listing->part, &mailboxes);
	size_t gone_count = post_subscriptions(account, listing->part, &gone);
	struct slice *names = ARENA_MANY(listing->part, struct slice, count + gone_count);
	size_t names_count = 0;
	for (size_t i = 0; i < count; i++)
		if (mailboxes[i].subscribed)
			names[names_count++] = mailboxes[i].name;
	for (size_t i = 0; i < gone_count; i++)
		names[names_count++] = gone[i];
	*subscribed = names;
	return names_count;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	(void)call;
	struct imapd_listing *listing = imapd_listing_begin(session, "LSUB", true);
	if (!listing)
		return imapd_unparsed(session);
	if (!listing->root) {
		struct slice *names;
		size_t count = subscribed_names(listing, session->account, &names);
		imapd_listing_make_room(listing, with_parents(names, count));
		add_subscribed(listing, names, count);
	}
	return imapd_listing_end(session, listing);
}

const struct imapd_command imapd_command_lsub = {
	.name = "LSUB",
	.states = IMAPD_ACCOUNT,
	.rfc = "3501 6.3.9",
	.purpose = "Lists names that are subscribed",
	.file = __FILE__,
	.run = run,
};
