#include "post/flags.h"
#include "post/uids-internal.h"

void
post_flagging_begin(struct post_flagging *flagging, struct post_turn *turn,
	struct post_touched *touched, struct post_mailbox *mailbox)
{
	*flagging = (struct post_flagging){
		.turn = turn, .touched = touched, .mailbox = mailbox};
}

void
post_flagging_release(struct post_flagging *flagging)
{
	post_view_let(flagging->tip);
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++)
		post_uids_destroy(flagging->arrived[i]);
}

const struct post_view *
post_flagging_tip(struct post_flagging *flagging)
{
	if (!flagging->tip)
		flagging->tip = post_mailbox_tip(flagging->mailbox);
	return flagging->tip;
}

/* A keyword is an atom (RFC 3501 9): no blanks, no specials, ASCII. */
static bool
is_keyword(struct slice name)
{
	if (slice_empty(name) || name.length > POST_KEYWORD_MOST)
		return false;
	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~' ||
			strchr("(){%*\"\\]", name.data[i]))
			return false;
	return true;
}

static int
number_among_new(const struct post_flagging *flagging, struct slice name)
{
	const struct post_change *change = flagging->touched->change;
	for (size_t i = 0; change && i < change->keyword_count; i++)
		if (slice_equal_nocase(change->keywords[i].name, name))
			return (int)(POST_KEYWORD_FIRST + change->keywords[i].index);
	return -1;
}

static int
number_now(struct post_flagging *flagging, struct slice name)
{
	int number = number_among_new(flagging, name);
	if (number >= 0)
		return number;
	number = post_view_flag_number(post_flagging_tip(flagging), name);
	return number >= 0 && post_flags_has(&flagging->reused, (unsigned)number) ? -1
										  : number;
}

bool
post_flagging_meant(const struct post_flagging *flagging, unsigned number, uint64_t modseq)
{
	const struct post_keywords *keywords = flagging->tip->keywords;
	unsigned index = number - POST_KEYWORD_FIRST;
	return index < keywords->count && keywords->list[index].since <= modseq &&
	       !post_flags_has(&flagging->reused, number);
}

/*
 * A place for a new keyword, -1: none. In a full table that of a keyword that no message
 * carries, nor this turn names; of those, the one that has had its number the longest.
 */
static int
find_index(const struct post_flagging *flagging)
{
	const struct post_view *tip = flagging->tip;
	const struct post_keywords *keywords = tip->keywords;
	int found = -1;
	if (keywords->count + flagging->appended < POST_KEYWORDS_MOST)
		return (int)(keywords->count + flagging->appended);
	for (unsigned i = 0; i < keywords->count; i++) {
		unsigned number = POST_KEYWORD_FIRST + i;
		if (tip->flagged[number] || post_flags_has(&flagging->taken, number))
			continue;
		if (found < 0 || keywords->list[i].since < keywords->list[found].since)
			found = (int)i;
	}
	return found;
}

static enum base_failure
create_keyword(struct post_flagging *flagging, struct slice name, int *number,
	struct base_error *error)
{
	if (!is_keyword(name))
		return base_fail(error, BASE_INVALID, "not a keyword");
	int index = find_index(flagging);
	if (index < 0)
		return base_fail(error, BASE_TOO_LARGE,
			"the mailbox's messages have %d keywords already",
			POST_KEYWORDS_MOST);
	post_change_add_keyword(
		post_turn_change(flagging->turn, flagging->touched), (unsigned)index, name);
	*number = POST_KEYWORD_FIRST + index;
	if ((unsigned)index < flagging->tip->keywords->count)
		post_flags_set(&flagging->reused, (unsigned)*number);
	else
		flagging->appended++;
	return BASE_OK;
}

void
post_flagging_keep(struct post_flagging *flagging, const struct slice *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int number = number_now(flagging, names[i]);
		if (number >= 0)
			post_flags_set(&flagging->taken, (unsigned)number);
	}
}

enum base_failure
post_flagging_numbers(struct post_flagging *flagging, const struct slice *names,
	size_t count, bool create, struct post_flags *flags, struct base_error *error)
{
	*flags = (struct post_flags){{0}};
	post_flagging_keep(flagging, names, count);
	for (size_t i = 0; i < count; i++) {
		if (slice_equal_nocase(names[i], SLICE("\\Recent")))
			continue;
		int number = number_now(flagging, names[i]);
		enum base_failure failure = BASE_OK;
		if (number < 0 && create)
			failure = create_keyword(flagging, names[i], &number, error);
		if (failure)
			return failure;
		if (number < 0)
			continue;
		post_flags_set(flags, (unsigned)number);
		post_flags_set(&flagging->taken, (unsigned)number);
	}
	return BASE_OK;
}

void
post_flagging_arrived_as(
	struct post_flagging *flagging, uint32_t uid, const struct post_flags *flags)
{
	struct post_head *head = &flagging->touched->head;
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		if (!post_flags_has(flags, i))
			continue;
		if (!flagging->arrived[i])
			flagging->arrived[i] = post_uids_create();
		post_uids_add(flagging->arrived[i], uid);
	}
	head->unseen -= post_flags_has(flags, POST_SEEN);
	head->deleted += post_flags_has(flags, POST_DELETED);
}

enum base_failure
post_flagging_arrived(struct post_flagging *flagging, uint32_t uid,
	const struct slice *names, size_t count, struct base_error *error)
{
	struct post_flags flags;
	enum base_failure failure =
		post_flagging_numbers(flagging, names, count, true, &flags, error);
	if (!failure)
		post_flagging_arrived_as(flagging, uid, &flags);
	return failure;
}

void
post_flagging_end(struct post_flagging *flagging)
{
	static const struct post_flags none;
	for (unsigned i = 0; i < POST_FLAG_NUMBERS; i++) {
		struct post_flags set = {{0}};
		if (!flagging->arrived[i])
			continue;
		post_flags_set(&set, i);
		post_change_add_group(post_turn_change(flagging->turn, flagging->touched),
			flagging->arrived[i], &set, &none);
		flagging->arrived[i] = NULL;
	}
}
