/*
 * Random operations on two mailboxes, against a model that could not be simpler. The seed
 * is printed; TROIKA_SEED repeats a run.
 */
#include "base/test.h"
#include "post/due.h"
#include "post/post-internal.h"
#include "post/test-post.h"

#define MAILBOXES 2
#define UIDS_MOST 4000
#define STEPS     400
#define PINS      3

static const char *const NAMES[MAILBOXES] = {"INBOX", "Archive"};
static const char *const FLAGS[] = {"\\Seen", "\\Answered", "\\Flagged", "\\Deleted",
	"\\Draft", "$Junk", "red", "blue", "green", "$Forwarded", "later", "mine", "k1",
	"k2"};
#define FLAG_COUNT  (sizeof FLAGS / sizeof *FLAGS)
#define KEYWORDS    (((1u << FLAG_COUNT) - 1) & ~31u) /* as flags of a letter */
#define LITTLE_ROOM 5
#define KEEPER      1 /* UID of a letter that has all other keywords of a full table */

struct letter {
	bool there;
	unsigned flags;  /* by index of FLAGS */
	unsigned number; /* what stands in its body */
	uint64_t modseq;
	uint64_t gone; /* modseq of its expunging, 0: never */
};

struct model {
	struct letter letters[UIDS_MOST];
	uint32_t uid_next;
	uint64_t modseq;
};

struct pin {
	unsigned mailbox;
	struct post_view *view;
	struct model *model;
};

struct world {
	struct test_post test;
	struct post_account *account;
	struct post_mailbox *mailbox[MAILBOXES];
	struct model model[MAILBOXES];
	struct pin pins[PINS];
	unsigned room;    /* so many of KEYWORDS can be in use at once */
	unsigned letters; /* made so far */
	uint64_t random;
};

static uint32_t
pick(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return below ? (uint32_t)(world->random >> 11) % below : 0;
}

/* --- what is shown ------------------------------------------------------------------- */

static unsigned
flags_shown(const struct post_view *view, uint32_t uid)
{
	unsigned shown = 0;
	struct post_flags flags = post_view_flags(view, uid);
	for (unsigned i = 0; i < FLAG_COUNT; i++) {
		int number = post_view_flag_number(view, slice_of_text(FLAGS[i]));
		if (number >= 0 && post_flags_has(&flags, (unsigned)number))
			shown |= 1u << i;
	}
	return shown;
}

/* Flags whose names the table has. */
static unsigned
names_known(const struct post_view *view)
{
	unsigned known = 0;
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (post_view_flag_number(view, slice_of_text(FLAGS[i])) >= 0)
			known |= 1u << i;
	return known;
}

/* --- what is done -------------------------------------------------------------------- */

static struct post_incoming *
letter(struct world *world, unsigned number)
{
	char text[200];
	snprintf(text, sizeof text, "Subject: letter %u\r\n\r\nbody of %u\r\n", number,
		number);
	struct post_incoming *incoming = test_incoming(&world->test, text);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	return incoming;
}

static void
arrive(struct model *model, unsigned flags, unsigned number)
{
	model->letters[model->uid_next++] = (struct letter){
		.there = true, .flags = flags, .number = number, .modseq = model->modseq};
}

static size_t
names_of(unsigned flags, struct slice *names)
{
	size_t count = 0;
	for (unsigned i = 0; i < FLAG_COUNT; i++)
		if (flags >> i & 1)
			names[count++] = slice_of_text(FLAGS[i]);
	return count;
}

/* Some, or none. */
static unsigned
some_flags(struct world *world)
{
	unsigned flags = 0;
	for (uint32_t count = pick(world, 4); count; count--)
		flags |= 1u << pick(world, FLAG_COUNT);
	return flags;
}

/* Whether these keywords have room beside those that letters carry. */
static bool
fit(const struct world *world, const struct model *model, unsigned flags)
{
	for (uint32_t uid = 1; uid < model->uid_next; uid++)
		if (model->letters[uid].there)
			flags |= model->letters[uid].flags;
	return (unsigned)__builtin_popcount(flags & KEYWORDS) <= world->room;
}

static void
append_some(struct world *world, unsigned m)
{
	struct post_incoming *incoming[20];
	struct post_append appends[20] = {0};
	struct slice names[20][FLAG_COUNT];
	unsigned flags[20], all = 0;
	size_t count = 1 + pick(world, 20);
	struct base_error error = {0};
	struct model *model = &world->model[m];
	for (size_t i = 0; i < count; i++) {
		flags[i] = pick(world, 3) ? 0 : some_flags(world);
		all |= flags[i];
		incoming[i] = letter(world, world->letters + (unsigned)i);
		appends[i].flags = names[i];
		appends[i].flag_count = names_of(flags[i], names[i]);
	}
	bool fits = fit(world, model, all);
	struct base_ticket *ticket =
		post_append_messages(world->mailbox[m], incoming, appends, count, &error);
	model->modseq += fits;
	if (fits)
		test_done(ticket);
	else
		assert_true(!ticket && error.failure == BASE_TOO_LARGE);
	for (size_t i = 0; i < count; i++) {
		post_incoming_destroy(incoming[i]);
		if (!fits)
			continue;
		assert_int_equal(appends[i].uid, model->uid_next);
		arrive(model, flags[i], world->letters++);
	}
}

static void
deliver_one(struct world *world)
{
	struct post_incoming *incoming = letter(world, world->letters);
	struct post_delivery *delivery = post_delivery_create(incoming, SLICE(""));
	struct post_delivery_target target = {.account = post_account_id(world->account),
		.delivered_to = SLICE("anna@troika.test")};
	assert_int_equal(post_delivery_local(delivery, &target), BASE_OK);
	test_done(post_delivery_submit(&delivery, NULL));
	post_incoming_destroy(incoming);
	world->model[0].modseq++;
	arrive(&world->model[0], 0, world->letters++);
}

static struct post_uids *
some_uids(struct world *world, const struct model *model)
{
	struct post_uids *uids = post_uids_create();
	uint32_t first = 1 + pick(world, model->uid_next), length = pick(world, 60);
	switch (pick(world, 3)) {
	case 0:
		post_uids_add_range(uids, first, first + length);
		break;
	case 1:
		for (uint32_t i = 0; i < length; i++)
			post_uids_add(uids, 1 + pick(world, model->uid_next + 3));
		break;
	default:
		post_uids_add(uids, first);
	}
	post_uids_remove(uids, KEEPER);
	return uids;
}

static unsigned
flags_after(unsigned before, unsigned named, enum post_flag_action action)
{
	if (action == POST_FLAGS_ADD)
		return before | named;
	return action == POST_FLAGS_REMOVE ? before & ~named : named;
}

/* Those that the change is about. */
static bool
is_wanted(const struct letter *at, bool among, const struct post_flag_change *change)
{
	return at->there && among &&
	       (!change->conditional || at->modseq <= change->unchanged_since);
}

/* False when it is refused, as it should be. */
static bool
submit_flags(struct world *world, unsigned m, const struct post_uids *uids, unsigned named,
	struct post_flag_change *change)
{
	const struct model *model = &world->model[m];
	struct base_error error = {0};
	bool some = false;
	for (uint32_t uid = 1; uid < model->uid_next; uid++)
		some = some ||
		       is_wanted(&model->letters[uid], post_uids_has(uids, uid), change);
	bool fits =
		!some || change->action == POST_FLAGS_REMOVE || fit(world, model, named);
	struct base_ticket *ticket =
		post_flags_change(world->mailbox[m], uids, change, &error);
	if (fits)
		test_done(ticket);
	else
		assert_true(!ticket && error.failure == BASE_TOO_LARGE);
	return fits;
}

static void
change_flags(struct world *world, unsigned m)
{
	struct model *model = &world->model[m];
	struct slice names[FLAG_COUNT];
	unsigned named = some_flags(world);
	SCOPED(post_uids_release) struct post_uids *uids = some_uids(world, model);
	struct post_flag_change change = {
		.action = (enum post_flag_action)pick(world, 3), .names = names};
	if (pick(world, 4) == 0) { /* so that keywords go out of use */
		change.action = POST_FLAGS_REMOVE;
		post_uids_add_range(uids, KEEPER + 1, model->uid_next);
	}
	change.count = names_of(named, names);
	change.conditional = pick(world, 4) == 0;
	if (change.conditional)
		change.unchanged_since = 1 + pick(world, (uint32_t)model->modseq);
	if (!submit_flags(world, m, uids, named, &change))
		return;
	bool any = change.modseq > model->modseq;
	for (uint32_t uid = 1; uid < model->uid_next; uid++) {
		struct letter *at = &model->letters[uid];
		bool wanted = at->there && post_uids_has(uids, uid);
		bool refused =
			wanted && change.conditional && at->modseq > change.unchanged_since;
		assert_int_equal(post_uids_has(change.conflicts, uid), refused);
		unsigned after = flags_after(at->flags, named, change.action);
		if (!wanted || refused || after == at->flags)
			continue;
		assert_true(any);
		at->flags = after;
		at->modseq = model->modseq + 1;
	}
	model->modseq = change.modseq;
	post_uids_destroy(change.conflicts);
}

#define DELETED 8u

static void
take_out(struct model *model, uint32_t uid)
{
	model->letters[uid].there = false;
	model->letters[uid].gone = model->modseq;
}

static void
expunge(struct world *world, unsigned m)
{
	struct model *model = &world->model[m];
	bool only_deleted = pick(world, 4) != 0;
	SCOPED(post_uids_release) struct post_uids *uids = some_uids(world, model);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	test_done(post_expunge(world->mailbox[m], uids, only_deleted, &expunged, NULL));
	model->modseq += !post_uids_empty(expunged);
	for (uint32_t uid = 1; uid < model->uid_next; uid++) {
		const struct letter *at = &model->letters[uid];
		bool goes = at->there && post_uids_has(uids, uid) &&
			    (!only_deleted || at->flags & DELETED);
		assert_int_equal(post_uids_has(expunged, uid), goes);
		if (goes)
			take_out(model, uid);
	}
}

/* Keywords of what was copied for which the target had no room. */
static unsigned
lost_on_the_way(struct world *world, const struct model *source, unsigned to,
	const struct post_copied *copied)
{
	unsigned all = 0, lost = 0;
	SCOPED(post_view_release)
	struct post_view *view = post_view_newest(world->mailbox[to]);
	for (size_t i = 0; i < copied->count; i++) {
		unsigned had = source->letters[copied->source[i]].flags;
		all |= had;
		lost |= had & ~flags_shown(view, copied->target[i]);
	}
	assert_int_equal(lost & ~KEYWORDS, 0);
	assert_true(!lost || !fit(world, &world->model[to], all));
	for (unsigned bit = lost; bit; bit &= bit - 1)
		assert_false(fit(world, &world->model[to], (all & ~lost) | (bit & -bit)));
	return lost;
}

static void
copy(struct world *world, unsigned m)
{
	unsigned to = pick(world, 4) ? 1 - m : m;
	bool move = pick(world, 2);
	struct model *source = &world->model[m], *target = &world->model[to];
	struct post_copied copied;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_uids_release) struct post_uids *uids = some_uids(world, source);
	test_done(post_copy(
		world->mailbox[m], uids, world->mailbox[to], move, arena, &copied, NULL));
	size_t count = 0;
	uint32_t end = source->uid_next;
	unsigned lost = lost_on_the_way(world, source, to, &copied);
	if (copied.count) {
		target->modseq++;
		source->modseq += move && source != target;
	}
	for (uint32_t uid = 1; uid < end; uid++) {
		const struct letter *at = &source->letters[uid];
		if (!at->there || !post_uids_has(uids, uid))
			continue;
		assert_true(count < copied.count);
		assert_int_equal(copied.source[count], uid);
		assert_int_equal(copied.target[count++], target->uid_next);
		arrive(target, at->flags & ~lost, at->number);
		if (move)
			take_out(source, uid);
	}
	assert_int_equal(count, copied.count);
}

static void
reopen(struct world *world)
{
	for (int i = 0; i < PINS; i++) {
		post_view_release(&world->pins[i].view);
		free(world->pins[i].model);
		world->pins[i].model = NULL;
	}
	for (unsigned m = 0; m < MAILBOXES; m++)
		post_mailbox_close(world->mailbox[m]);
	post_account_close(world->account);
	if (pick(world, 2))
		test_post_reopen(&world->test);
	world->account = test_account(&world->test, "anna@troika.test");
	for (unsigned m = 0; m < MAILBOXES; m++)
		world->mailbox[m] = test_open(world->account, NAMES[m]);
}

static void
chores(struct world *world)
{
	post_due_note(world->test.post->due, post_account_id(world->account), 1);
	post_due_note(world->test.post->due, post_account_id(world->account), 2);
	post_chores(world->test.post);
	base_clock_advance(world->test.clock, 1000);
}

/* --- what is compared ---------------------------------------------------------------- */

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
		assert_int_equal(flags_shown(view, uid), at->flags);
		assert_int_equal(post_view_modseq_of(view, uid), at->modseq);
	}
	assert_int_equal(post_view_count(view), count);
	assert_int_equal(post_view_uid_next(view), model->uid_next);
	assert_int_equal(post_view_modseq(view), model->modseq);
}

static void
compare_since(struct world *world, const struct post_view *view, const struct model *model)
{
	uint64_t since = pick(world, (uint32_t)model->modseq + 2);
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
		unseen += at->there && !(at->flags & 1);
		deleted += at->there && at->flags & DELETED;
	}
	assert_int_equal(
		post_mailbox_status(world->account, slice_of_text(NAMES[m]), &status),
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
	uint32_t uid = post_view_uid(view, 1 + pick(world, post_view_count(view)));
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
			assert_int_equal(flags_shown(joined, uid), at->flags);
		else if (before)
			assert_int_equal(flags_shown(joined, uid),
				then->flags & names_known(newest));
	}
	post_difference_clear(&difference);
}

static void
pin_one(struct world *world)
{
	struct pin *pin = &world->pins[pick(world, PINS)];
	unsigned m = pick(world, MAILBOXES);
	post_view_release(&pin->view);
	free(pin->model);
	pin->mailbox = m;
	pin->view = post_view_newest(world->mailbox[m]);
	pin->model = malloc(sizeof *pin->model);
	*pin->model = world->model[m];
}

static void
compare_all(struct world *world)
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

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	print_error("%s\n", sentence);
}

static void
check(struct world *world)
{
	struct post_verdict verdict;
	assert_int_equal(
		post_check(world->test.post, print_problem, NULL, &verdict), BASE_OK);
	assert_int_equal(verdict.problems, 0);
}

static void
one_step(struct world *world)
{
	unsigned m = pick(world, MAILBOXES);
	if (world->model[m].uid_next > UIDS_MOST - 200)
		return;
	switch (pick(world, 12)) {
	case 0:
	case 1:
		append_some(world, m);
		break;
	case 2:
		deliver_one(world);
		break;
	case 3:
	case 4:
	case 5:
		change_flags(world, m);
		break;
	case 6:
		expunge(world, m);
		break;
	case 7:
	case 8:
		copy(world, m);
		break;
	case 9:
		pin_one(world);
		break;
	case 10:
		chores(world);
		break;
	default:
		if (pick(world, 4) == 0)
			reopen(world);
	}
}

/* A letter that nobody changes, with so many keywords that few others have room. */
static void
append_keeper(struct world *world, unsigned m)
{
	struct slice names[POST_KEYWORDS_MOST];
	char texts[POST_KEYWORDS_MOST][16];
	struct post_incoming *incoming = letter(world, world->letters);
	struct post_append append = {.flags = names};
	for (unsigned i = 0; i < POST_KEYWORDS_MOST - world->room; i++) {
		snprintf(texts[i], sizeof texts[i], "key%u", i);
		names[append.flag_count++] = slice_of_text(texts[i]);
	}
	test_done(post_append_messages(world->mailbox[m], &incoming, &append, 1, NULL));
	post_incoming_destroy(incoming);
	world->model[m].modseq++;
	arrive(&world->model[m], 0, world->letters++);
}

static void
start(struct world *world, uint64_t seed)
{
	world->random = seed;
	world->test.keep_expunged_ms = pick(world, 2) ? 20000 : 0;
	world->room = pick(world, 3) ? LITTLE_ROOM : FLAG_COUNT;
	test_post_start(&world->test);
	world->account = test_account(&world->test, "anna@troika.test");
	for (unsigned m = 0; m < MAILBOXES; m++) {
		world->mailbox[m] = test_open(world->account, NAMES[m]);
		world->model[m].uid_next = 1;
		world->model[m].modseq = 1;
		append_keeper(world, m);
	}
}

static void
stop(struct world *world)
{
	for (int i = 0; i < PINS; i++) {
		post_view_drop(world->pins[i].view);
		free(world->pins[i].model);
	}
	for (unsigned m = 0; m < MAILBOXES; m++)
		post_mailbox_close(world->mailbox[m]);
	post_account_close(world->account);
	test_post_stop(&world->test);
}

static void
behaves_like_the_model(void **state)
{
	const char *given = getenv("TROIKA_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : base_random_u64() >> 1;
	struct world *world = calloc(1, sizeof *world);
	(void)state;
	print_message("TROIKA_SEED=%llu\n", (unsigned long long)seed);
	start(world, seed | 1);
	for (int step = 0; step < STEPS; step++) {
		one_step(world);
		compare_all(world);
		if (step % 50 == 49)
			check(world);
	}
	stop(world);
	free(world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(behaves_like_the_model)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
