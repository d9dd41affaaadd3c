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
	for (unsigned i = 0; i < flagging->keywords_new; i++)
		if (slice_equal_nocase(change->keywords[i], name))
			return (int)(POST_KEYWORD_FIRST + flagging->tip->keywords->count +
				     i);
	return -1;
}

static enum base_failure
create_keyword(struct post_flagging *flagging, struct slice name, int *number,
	struct base_error *error)
{
	unsigned count = flagging->tip->keywords->count + flagging->keywords_new;
	if (!is_keyword(name))
		return base_fail(error, BASE_INVALID, "not a keyword");
	if (count == POST_KEYWORDS_MOST)
		return base_fail(error, BASE_TOO_LARGE,
			"the mailbox has %d keywords already", POST_KEYWORDS_MOST);
	post_change_add_keyword(post_turn_change(flagging->turn, flagging->touched), name);
	flagging->keywords_new++;
	*number = (int)(POST_KEYWORD_FIRST + count);
	return BASE_OK;
}

enum base_failure
post_flagging_numbers(struct post_flagging *flagging, const struct slice *names,
	size_t count, bool create, struct post_flags *flags, struct base_error *error)
{
	*flags = (struct post_flags){{0}};
	for (size_t i = 0; i < count; i++) {
		if (slice_equal_nocase(names[i], SLICE("\\Recent")))
			continue;
		int number = post_view_flag_number(post_flagging_tip(flagging), names[i]);
		if (number < 0)
			number = number_among_new(flagging, names[i]);
		enum base_failure failure = BASE_OK;
		if (number < 0 && create)
			failure = create_keyword(flagging, names[i], &number, error);
		if (failure)
			return failure;
		if (number >= 0)
			post_flags_set(flags, (unsigned)number);
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
