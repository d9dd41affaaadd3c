#include "post/feed.h"
#include "post/uids-internal.h"

struct post_change *
post_change_create(uint32_t mailbox, uint64_t modseq, int64_t time_ms)
{
	struct post_change *change = calloc(1, sizeof *change);
	ASSERT(change);
	atomic_init(&change->references, 1);
	change->mailbox = mailbox;
	change->modseq = modseq;
	change->time_ms = time_ms;
	return change;
}

struct post_change *
post_change_hold(struct post_change *change)
{
	atomic_fetch_add_explicit(&change->references, 1, memory_order_relaxed);
	return change;
}

static void
groups_free(struct post_flag_group *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		post_uids_destroy(groups[i].uids);
	free(groups);
}

void
post_change_drop(struct post_change *change)
{
	if (!change ||
		atomic_fetch_sub_explicit(&change->references, 1, memory_order_acq_rel) > 1)
		return;
	groups_free(change->groups, change->group_count);
	for (size_t i = 0; i < change->keyword_count; i++)
		free((void *)(uintptr_t)change->keywords[i].name.data);
	free(change->keywords);
	post_uids_destroy(change->expunged);
	free(change);
}

void
post_change_release(struct post_change **change)
{
	post_change_drop(*change);
	*change = NULL;
}

static void
groups_add(struct post_flag_group **groups, size_t *count, struct post_flag_group group)
{
	*groups = reallocarray(*groups, *count + 1, sizeof group);
	ASSERT(*groups);
	(*groups)[(*count)++] = group;
}

void
post_change_add_group(struct post_change *change, struct post_uids *uids,
	const struct post_flags *set, const struct post_flags *clear)
{
	struct post_flag_group group = {uids, *set, *clear};
	groups_add(&change->groups, &change->group_count, group);
}

void
post_change_add_keyword(struct post_change *change, unsigned index, struct slice name)
{
	char *copy = malloc(name.length + 1);
	ASSERT(copy);
	memcpy(copy, name.data, name.length);
	change->keywords = reallocarray(
		change->keywords, change->keyword_count + 1, sizeof *change->keywords);
	ASSERT(change->keywords);
	change->keywords[change->keyword_count++] =
		(struct post_new_keyword){index, slice_of(copy, name.length)};
}

/*
 * Rows of format 2 have more flags in a group, and names keywords by their place. What
 * needs neither is written as format 1, as before.
 */
enum { WITH_MORE = 2, FEW_WORDS = 2 };

static unsigned
words_of(uint8_t format)
{
	return format == WITH_MORE ? POST_FLAG_WORDS : FEW_WORDS;
}

static void
put_flags(struct buffer *into, const struct post_flags *flags, uint8_t format)
{
	for (unsigned i = 0; i < words_of(format); i++)
		buffer_put_varint(into, flags->words[i]);
}

static bool
take_flags(struct slice *rest, struct post_flags *flags, uint8_t format)
{
	*flags = (struct post_flags){{0}};
	bool taken = true;
	for (unsigned i = 0; taken && i < words_of(format); i++)
		taken = take_varint(rest, &flags->words[i]);
	return taken;
}

static bool
has_many(const struct post_flags *flags)
{
	uint64_t more = 0;
	for (unsigned i = FEW_WORDS; i < POST_FLAG_WORDS; i++)
		more |= flags->words[i];
	return more;
}

static bool
groups_have_many(const struct post_flag_group *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (has_many(&groups[i].set) || has_many(&groups[i].clear))
			return true;
	return false;
}

static void
put_groups(struct buffer *into, const struct post_flag_group *groups, size_t count,
	uint8_t format)
{
	buffer_put_varint(into, count);
	for (size_t i = 0; i < count; i++) {
		put_flags(into, &groups[i].set, format);
		put_flags(into, &groups[i].clear, format);
		post_uids_pack(groups[i].uids, into);
	}
}

static bool
take_format(struct slice *rest, uint8_t *format)
{
	return take_byte(rest, format) && *format >= POST_RECORD_FORMAT &&
	       *format <= WITH_MORE;
}

static bool
take_groups(
	struct slice *rest, uint8_t format, struct post_flag_group **groups, size_t *count)
{
	uint64_t wanted;
	if (!take_varint(rest, &wanted) || wanted > POST_GROUPS_MOST)
		return false;
	for (uint64_t i = 0; i < wanted; i++) {
		struct post_flag_group group;
		if (!take_flags(rest, &group.set, format) ||
			!take_flags(rest, &group.clear, format) ||
			!post_uids_take(rest, &group.uids))
			return false;
		groups_add(groups, count, group);
	}
	return true;
}

static uint8_t
format_of_change(const struct post_change *change)
{
	for (size_t i = 0; i < change->keyword_count; i++)
		if (change->keywords[i].index != POST_KEYWORD_NEXT)
			return WITH_MORE;
	return groups_have_many(change->groups, change->group_count) ? WITH_MORE
								     : POST_RECORD_FORMAT;
}

/* Its index and one more; 0: the next. */
static void
put_keywords(struct buffer *into, const struct post_change *change, uint8_t format)
{
	buffer_put_varint(into, change->keyword_count);
	for (size_t i = 0; i < change->keyword_count; i++) {
		const struct post_new_keyword *keyword = &change->keywords[i];
		if (format == WITH_MORE)
			buffer_put_varint(into, keyword->index == POST_KEYWORD_NEXT
							? 0
							: keyword->index + 1);
		buffer_put_sized(into, keyword->name);
	}
}

bool
post_change_pack(const struct post_change *change, struct buffer *into)
{
	uint8_t format = format_of_change(change);
	uint32_t arrived = change->arrived_first
				   ? change->arrived_last - change->arrived_first + 1
				   : 0;
	buffer_put_byte(into, (char)format);
	post_put_signed(into, change->time_ms);
	buffer_put_varint(into, change->arrived_first);
	buffer_put_varint(into, arrived);
	put_keywords(into, change, format);
	put_groups(into, change->groups, change->group_count, format);
	if (change->expunged)
		post_uids_pack(change->expunged, into);
	return !buffer_failed(into);
}

static bool
take_arrived(struct slice *rest, struct post_change *change)
{
	uint32_t count;
	if (!post_take_u32(rest, &change->arrived_first) || !post_take_u32(rest, &count))
		return false;
	if (!change->arrived_first != !count || count > UINT32_MAX - change->arrived_first)
		return false;
	change->arrived_last = count ? change->arrived_first + count - 1 : 0;
	return true;
}

static bool
take_keywords(struct slice *rest, uint8_t format, struct post_change *change)
{
	uint64_t count, index = 0;
	struct slice name;
	if (!take_varint(rest, &count) || count > POST_KEYWORDS_MOST)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (format == WITH_MORE &&
			(!take_varint(rest, &index) || index > POST_KEYWORDS_MOST))
			return false;
		if (!take_sized(rest, &name) || slice_empty(name))
			return false;
		post_change_add_keyword(
			change, index ? (unsigned)index - 1 : POST_KEYWORD_NEXT, name);
	}
	return true;
}

enum base_failure
post_change_unpack(struct slice value, uint32_t mailbox, uint64_t modseq,
	struct post_change **unpacked)
{
	SCOPED(post_change_release)
	struct post_change *change = post_change_create(mailbox, modseq, 0);
	uint8_t format;
	bool fits = take_format(&value, &format) &&
		    post_take_signed(&value, &change->time_ms) &&
		    take_arrived(&value, change) && take_keywords(&value, format, change) &&
		    take_groups(&value, format, &change->groups, &change->group_count) &&
		    (slice_empty(value) || post_uids_unpack(value, &change->expunged));
	*unpacked = fits ? change : NULL;
	if (!fits)
		return BASE_DAMAGED;
	change = NULL;
	return BASE_OK;
}

void
post_expunged_clear(struct post_expunged *expunged)
{
	post_uids_destroy(expunged->uids);
	groups_free(expunged->groups, expunged->group_count);
	for (size_t i = 0; i < expunged->keyword_count; i++)
		post_uids_destroy(expunged->keywords[i].uids);
	free(expunged->keywords);
	*expunged = (struct post_expunged){0};
}

void
post_expunged_add_group(struct post_expunged *expunged, struct post_uids *uids,
	const struct post_flags *set)
{
	struct post_flag_group group = {.uids = uids, .set = *set};
	groups_add(&expunged->groups, &expunged->group_count, group);
}

void
post_expunged_add_keyword(
	struct post_expunged *expunged, struct post_uids *uids, struct slice name)
{
	size_t more = expunged->keyword_count + 1;
	expunged->keywords =
		reallocarray(expunged->keywords, more, sizeof *expunged->keywords);
	ASSERT(expunged->keywords);
	expunged->keywords[expunged->keyword_count++] =
		(struct post_had_keyword){name, uids};
}

static bool
take_had_keywords(struct slice *rest, struct post_expunged *expunged)
{
	uint64_t count;
	struct slice name;
	struct post_uids *uids;
	if (!take_varint(rest, &count) || count > POST_KEYWORDS_MOST)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (!take_sized(rest, &name) || slice_empty(name) ||
			!post_uids_take(rest, &uids))
			return false;
		post_expunged_add_keyword(expunged, uids, name);
	}
	return true;
}

bool
post_expunged_pack(const struct post_expunged *expunged, struct buffer *into)
{
	bool more = expunged->keyword_count ||
		    groups_have_many(expunged->groups, expunged->group_count);
	uint8_t format = more ? WITH_MORE : POST_RECORD_FORMAT;
	buffer_put_byte(into, (char)format);
	post_put_signed(into, expunged->time_ms);
	buffer_put_byte(into, expunged->moved);
	put_groups(into, expunged->groups, expunged->group_count, format);
	if (more)
		buffer_put_varint(into, expunged->keyword_count);
	for (size_t i = 0; i < expunged->keyword_count; i++) {
		buffer_put_sized(into, expunged->keywords[i].name);
		post_uids_pack(expunged->keywords[i].uids, into);
	}
	return post_uids_pack(expunged->uids, into);
}

enum base_failure
post_expunged_unpack(struct slice value, struct post_expunged *unpacked)
{
	uint8_t moved, format;
	SCOPED(post_expunged_clear) struct post_expunged expunged = {0};
	bool fits = take_format(&value, &format) &&
		    post_take_signed(&value, &expunged.time_ms) &&
		    take_byte(&value, &moved) && moved <= 1 &&
		    take_groups(&value, format, &expunged.groups, &expunged.group_count) &&
		    (format < WITH_MORE || take_had_keywords(&value, &expunged)) &&
		    post_uids_unpack(value, &expunged.uids);
	if (!fits)
		return BASE_DAMAGED;
	expunged.moved = moved;
	*unpacked = expunged;
	expunged = (struct post_expunged){0};
	return BASE_OK;
}
