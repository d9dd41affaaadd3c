/* Which mailboxes ESEARCH looks into: RFC 7377 2.1, one's own and those that others share.
 */
#include "imapd/others.h"
#include "imapd/rights.h"
#include "imapd/searching.h"

/* Names of what others share, at once; whoever shares with more people is searched less. */
enum { OTHERS_MOST = 5000 };

struct gathering {
	struct imapd_session *session;
	struct arena *arena;
	const struct wire_imap_multisearch *wanted;
	struct map *known; /* names of others' mailboxes */
	struct slice *names;
	size_t count, room;
};

static void
add(struct gathering *gathering, struct slice name)
{
	if (gathering->count == gathering->room) {
		gathering->room = gathering->room ? 2 * gathering->room : 64;
		struct slice *moved =
			ARENA_MANY(gathering->arena, struct slice, gathering->room);
		for (size_t i = 0; i < gathering->count; i++)
			moved[i] = gathering->names[i];
		gathering->names = moved;
	}
	gathering->names[gathering->count++] = arena_copy(gathering->arena, name);
}

/* Each once, however many sources name it. */
static void
add_anothers(struct gathering *gathering, struct slice name)
{
	if (map_count(gathering->known) >= OTHERS_MOST || map_get(gathering->known, name))
		return;
	map_put(gathering->known, name, gathering);
	add(gathering, name);
}

static bool
is_below(struct slice name, struct slice above, bool directly)
{
	if (!slice_starts(name, above) || name.length <= above.length ||
		name.data[above.length] != POST_SEPARATOR)
		return false;
	struct slice rest = slice_from(name, above.length + 1);
	return !directly || slice_find_byte(rest, POST_SEPARATOR) == rest.length;
}

static bool
names_subtree(const struct wire_imap_source *source)
{
	return source->kind == WIRE_IMAP_SOURCE_SUBTREE ||
	       source->kind == WIRE_IMAP_SOURCE_SUBTREE_ONE;
}

static bool
is_in_subtree(const struct wire_imap_source *source, struct slice name)
{
	struct slice top = imapd_mailbox_name(source->name);
	return slice_equal(name, top) ||
	       is_below(name, top, source->kind == WIRE_IMAP_SOURCE_SUBTREE_ONE);
}

/* --- one's own --------------------------------------------------------------------------
 */

static bool
is_source(const struct imapd_session *session, const struct wire_imap_source *source,
	const struct post_mailbox_info *info)
{
	switch (source->kind) {
	case WIRE_IMAP_SOURCE_SELECTED:
		return imapd_is_selected_mailbox(session, session->account_id, info->id);
	case WIRE_IMAP_SOURCE_INBOXES:
		return slice_equal(info->name, SLICE("INBOX"));
	case WIRE_IMAP_SOURCE_PERSONAL:
		return true;
	case WIRE_IMAP_SOURCE_SUBSCRIBED:
		return info->subscribed;
	case WIRE_IMAP_SOURCE_SUBTREE:
	case WIRE_IMAP_SOURCE_SUBTREE_ONE:
		return is_in_subtree(source, info->name);
	case WIRE_IMAP_SOURCE_MAILBOX:
		return slice_equal(info->name, imapd_mailbox_name(source->name));
	}
	return false;
}

static void
gather_own(struct gathering *gathering)
{
	const struct wire_imap_multisearch *wanted = gathering->wanted;
	struct post_mailbox_info *infos;
	size_t count =
		post_mailboxes(gathering->session->account, gathering->arena, &infos);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; infos[i].selectable && j < wanted->count; j++) {
			if (!is_source(gathering->session, &wanted->sources[j], &infos[i]))
				continue;
			add(gathering, infos[i].name);
			break;
		}
}

/* --- of others --------------------------------------------------------------------------
 */

/* Whether it may be searched is asked when it is opened. */
static void
add_named(void *argument, struct slice written)
{
	struct gathering *gathering = argument;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_place place;
	if (imapd_place(gathering->session, written, IMAPD_READS, arena, &place) ||
		place.owner == POST_OWN)
		return;
	struct slice parts[] = {place.root, place.name};
	add_anothers(gathering, arena_join(arena, parts, 2));
}

static bool
is_in_a_subtree(const struct wire_imap_multisearch *wanted, struct slice name)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (names_subtree(&wanted->sources[i]) &&
			is_in_subtree(&wanted->sources[i], name))
			return true;
	return false;
}

static void
add_shown(void *argument, struct post_account *owner, struct slice root)
{
	struct gathering *gathering = argument;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_shown *shown;
	size_t count =
		post_mailboxes_shown(owner, gathering->session->account_id, arena, &shown);
	for (size_t i = 0; i < count; i++) {
		struct slice parts[] = {root, shown[i].name};
		struct slice name = arena_join(arena, parts, 2);
		if (is_in_a_subtree(gathering->wanted, name))
			add_anothers(gathering, name);
	}
}

/* In one walk over those who share, however many subtrees there are. */
static void
add_subtrees(struct gathering *gathering)
{
	const struct wire_imap_multisearch *wanted = gathering->wanted;
	struct slice *levels = ARENA_MANY(gathering->arena, struct slice, wanted->count);
	size_t count = 0;
	for (size_t i = 0; i < wanted->count; i++)
		if (names_subtree(&wanted->sources[i]))
			levels[count++] = imapd_mailbox_name(wanted->sources[i].name);
	imapd_each_owner(gathering->session, levels, count, add_shown, gathering);
}

/* By its number: it may have another name since it was selected. */
static void
add_selected(struct gathering *gathering)
{
	const struct imapd_session *session = gathering->session;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const struct post_mailbox *mailbox = session->selected->mailbox;
	uint64_t id = post_mailbox_account_id(mailbox);
	struct post_account_info info;
	struct post_mailbox_info found;
	struct post_account *owner;
	struct post_tree *names;
	if (id == session->account_id ||
		post_account_by_id(session->context->post, id, arena, &info) ||
		post_account_open(session->context->post, id, &owner))
		return;
	if (!post_names_now(owner, &names)) {
		struct slice parts[] = {imapd_root_of(&info, arena), SLICE("")};
		if (post_names_by_id(names, post_mailbox_id(mailbox), arena, &found)) {
			parts[1] = found.name;
			add_anothers(gathering, arena_join(arena, parts, 2));
		}
		post_names_drop(names);
	}
	post_account_close(owner);
}

/* A thousand times the same would be walked a thousand times. */
static bool
is_named_before(const struct wire_imap_multisearch *wanted, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (wanted->sources[i].kind == wanted->sources[at].kind &&
			slice_equal(wanted->sources[i].name, wanted->sources[at].name))
			return true;
	return false;
}

static void
gather_others(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->wanted->count; i++) {
		const struct wire_imap_source *source = &gathering->wanted->sources[i];
		if (is_named_before(gathering->wanted, i))
			continue;
		switch (source->kind) {
		case WIRE_IMAP_SOURCE_SELECTED:
			add_selected(gathering);
			break;
		case WIRE_IMAP_SOURCE_SUBSCRIBED:
			imapd_each_subscription(gathering->session, add_named, gathering);
			break;
		case WIRE_IMAP_SOURCE_MAILBOX:
			add_named(gathering, source->name);
			break;
		default:
			break;
		}
	}
	add_subtrees(gathering);
}

size_t
imapd_search_sources(struct imapd_session *session,
	const struct wire_imap_multisearch *wanted, struct arena *arena,
	struct slice **names)
{
	struct gathering gathering = {.session = session,
		.arena = arena,
		.wanted = wanted,
		.known = map_create()};
	gather_own(&gathering);
	gather_others(&gathering);
	map_destroy(gathering.known);
	*names = gathering.names;
	return gathering.count;
}
