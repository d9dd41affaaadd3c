#include "post/test-model.h"

/* What the two mailboxes show, held against the model. */

const char *const model_mailboxes[MAILBOXES] = {"INBOX", "Archive"};
const char *const model_flags[FLAGS] = {"\\Seen", "\\Answered", "\\Flagged", "\\Deleted",
	"\\Draft", "$Junk", "red", "blue", "green", "$Forwarded", "later", "mine", "k1",
	"k2"};

uint32_t
model_pick(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return below ? (uint32_t)(world->random >> 11) % below : 0;
}

unsigned
model_flags_shown(const struct post_view *view, uint32_t uid)
{
	unsigned shown = 0;
	struct post_flags flags = post_view_flags(view, uid);
	for (unsigned i = 0; i < FLAGS; i++) {
		int number = post_view_flag_number(view, slice_of_text(model_flags[i]));
		if (number >= 0 && post_flags_has(&flags, (unsigned)number))
			shown |= 1u << i;
	}
	return shown;
}

/* Flags whose names the table has. */
unsigned
model_names_known(const struct post_view *view)
{
	unsigned known = 0;
	for (unsigned i = 0; i < FLAGS; i++)
		if (post_view_flag_number(view, slice_of_text(model_flags[i])) >= 0)
			known |= 1u << i;
	return known;
}

static void
compare_view(const struct post_view *view, const struct model *model)
{
	uint32_t count = 0;
	for (uint32_t uid = 1; uid < model->uid_next; uid++) {
		const struct letter *at = &model->letters[uid];
		assert_int_equal(post_uids_has(post_view_uids(view), uid), at->there);
		if (!at->there)
			continue;
		assert_int_equal(post_view_sequence(view, uid), ++count);
		assert_int_equal(post_view_uid(view, count), uid);
		assert_int_equal(model_flags_shown(view, uid), at->flags);
		assert_int_equal(post_view_modseq_of(view, uid), at->modseq);
	}
	assert_int_equal(post_view_count(view), count);
	assert_int_equal(post_view_uid_next(view), model->uid_next);
	assert_int_equal(post_view_modseq(view), model->modseq);
}

static void
compare_since(struct world *world, const struct post_view *view, const struct model *model)
{
	uint64_t since = model_pick(world, (uint32_t)model->modseq + 2);
	SCOPED(post_uids_release) struct post_uids *vanished = NULL;
	SCOPED(post_uids_release)
	struct post_uids *changed = post_view_changed_since(view, since);
	assert_int_equal(post_view_vanished_since(view, since, &vanished), BASE_OK);
	for (uint32_t uid = 1; uid < model->uid_next; uid++) {
		const struct letter *at = &model->letters[uid];
		assert_int_equal(
			post_uids_has(changed, uid), at->there && at->modseq > since);
		if (at->there)
			assert_false(post_uids_has(vanished, uid));
		else if (at->gone > since)
			assert_true(post_uids_has(vanished, uid));
	}
}

static void
compare_status(struct world *world, unsigned m)
{
	struct post_status status;
	const struct model *model = &world->model[m];
	uint32_t messages = 0, unseen = 0, deleted = 0;
	for (uint32_t uid = 1; uid < model->uid_next; uid++) {
		const struct letter *at = &model->letters[uid];
		messages += at->there;
		unseen += at->there && !(at->flags & SEEN);
		deleted += at->there && at->flags & DELETED;
	}
	assert_int_equal(post_mailbox_status(world->account,
				 slice_of_text(model_mailboxes[m]), &status),
		BASE_OK);
	assert_int_equal(status.messages, messages);
	assert_int_equal(status.unseen, unseen);
	assert_int_equal(status.deleted, deleted);
	assert_int_equal(status.uid_next, model->uid_next);
	assert_int_equal(status.highest_modseq, model->modseq);
}

/* A message that a view shows can be read, whatever became of it. */
static void
read_one(struct world *world, const struct post_view *view, const struct model *model)
{
	struct post_message message;
	struct slice bytes;
	char body[64];
	uint32_t uid = post_view_uid(view, 1 + model_pick(world, post_view_count(view)));
	if (!uid)
		return;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	assert_int_equal(post_message_read(view, uid, arena, &message), BASE_OK);
	assert_int_equal(
		post_message_bytes(view, &message, 0, UINT64_MAX, arena, 10000, &bytes),
		BASE_OK);
	snprintf(body, sizeof body, "body of %u\r\n", model->letters[uid].number);
	assert_true(slice_ends(bytes, slice_of_text(body)));
}

/* What differs is told by the names of flags, whatever their numbers mean by now. */
static void
compare_pin(struct world *world, const struct pin *pin)
{
	const struct model *now = &world->model[pin->mailbox];
	struct post_difference difference;
	SCOPED(post_view_release)
	struct post_view *newest = post_view_newest(world->mailbox[pin->mailbox]);
	SCOPED(post_view_release)
	struct post_view *joined = post_view_join(pin->view, newest);
	post_view_compare(pin->view, newest, &difference);
	for (uint32_t uid = 1; uid < now->uid_next; uid++) {
		const struct letter *then = &pin->model->letters[uid];
		const struct letter *at = &now->letters[uid];
		bool before = uid < pin->model->uid_next && then->there;
		assert_int_equal(post_uids_has(difference.flagged, uid),
			before && at->there && then->flags != at->flags);
		assert_int_equal(
			post_uids_has(post_view_uids(joined), uid), before || at->there);
		if (at->there)
			assert_int_equal(model_flags_shown(joined, uid), at->flags);
		else if (before)
			assert_int_equal(model_flags_shown(joined, uid),
				then->flags & model_names_known(newest));
	}
	post_difference_clear(&difference);
}

void
model_compare_all(struct world *world)
{
	for (unsigned m = 0; m < MAILBOXES; m++) {
		SCOPED(post_view_release)
		struct post_view *view = post_view_newest(world->mailbox[m]);
		compare_view(view, &world->model[m]);
		compare_since(world, view, &world->model[m]);
		read_one(world, view, &world->model[m]);
		compare_status(world, m);
	}
	for (int i = 0; i < PINS; i++)
		if (world->pins[i].view) {
			compare_view(world->pins[i].view, world->pins[i].model);
			read_one(world, world->pins[i].view, world->pins[i].model);
			compare_pin(world, &world->pins[i]);
		}
}
