/* Whose mailboxes one may see: RFC 2342, RFC 4314. */
#include "imapd/others.h"

struct slice
imapd_root_of(const struct post_account_info *info, struct arena *arena)
{
	return arena_printf(arena, "%s/%.*s/",
		info->shared ? POST_SHARED_ROOT : POST_OTHERS_ROOT,
		SLICE_ARG(info->address));
}

/* "a/" leads to "a/b/", and "a/b/" to what is below it. */
static bool
leads(struct slice level, struct slice root)
{
	struct slice named = slice_first(root, root.length - 1);
	if (level.length <= named.length)
		return slice_starts(named, level) &&
		       (level.length == named.length ||
			       named.data[level.length] == POST_SEPARATOR);
	return slice_starts(level, root);
}

static bool
lead_to_others(const struct slice *levels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_starts(levels[i], SLICE(POST_OTHERS_ROOT)) ||
			slice_starts(levels[i], SLICE(POST_SHARED_ROOT)))
			return true;
	return false;
}

static bool
any_leads(const struct slice *levels, size_t count, struct slice root)
{
	size_t at = 0;
	while (at < count && !leads(levels[at], root))
		at++;
	return at < count;
}

void
imapd_each_owner(struct imapd_session *session, const struct slice *levels, size_t count,
	void (*visit)(void *argument, struct post_account *owner, struct slice root),
	void *argument)
{
	struct post *post = session->context->post;
	uint64_t id = 0;
	/* Nothing is read for what is one's own. */
	if (!lead_to_others(levels, count))
		return;
	while ((id = post_sharer_after(session->account, id))) {
		SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
		struct post_account_info info;
		struct post_account *owner;
		if (post_account_by_id(post, id, arena, &info))
			continue;
		struct slice root = imapd_root_of(&info, arena);
		if (!any_leads(levels, count, root) || post_account_open(post, id, &owner))
			continue;
		visit(argument, owner, root);
		post_account_close(owner);
	}
}

void
imapd_each_subscription(struct imapd_session *session,
	void (*visit)(void *argument, struct slice name), void *argument)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice *names;
	size_t count = post_subscriptions(session->account, arena, &names);
	for (size_t i = 0; i < count; i++)
		visit(argument, names[i]);
}
