/*
 * Random operations on two mailboxes, against a model that could not be simpler. The seed
 * is printed; TROIKA_SEED repeats a run.
 */
#include "post/test-model.h"
#include "post/due.h"

#define STEPS       400
#define KEYWORDS    (((1u << FLAGS) - 1) & ~31u) /* as flags of a letter */
#define LITTLE_ROOM 5
#define KEEPER      1 /* UID of a letter that has all other keywords of a full table */

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
	for (unsigned i = 0; i < FLAGS; i++)
		if (flags >> i & 1)
			names[count++] = slice_of_text(model_flags[i]);
	return count;
}

/* Some, or none. */
static unsigned
some_flags(struct world *world)
{
	unsigned flags = 0;
	for (uint32_t count = model_pick(world, 4); count; count--)
		flags |= 1u << model_pick(world, FLAGS);
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
	struct slice names[20][FLAGS];
	unsigned flags[20], all = 0;
	size_t count = 1 + model_pick(world, 20);
	struct base_error error = {0};
	struct model *model = &world->model[m];
	for (size_t i = 0; i < count; i++) {
		flags[i] = model_pick(world, 3) ? 0 : some_flags(world);
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
	uint32_t first = 1 + model_pick(world, model->uid_next),
		 length = model_pick(world, 60);
	switch (model_pick(world, 3)) {
	case 0:
		post_uids_add_range(uids, first, first + length);
		break;
	case 1:
		for (uint32_t i = 0; i < length; i++)
			post_uids_add(uids, 1 + model_pick(world, model->uid_next + 3));
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
	struct slice names[FLAGS];
	unsigned named = some_flags(world);
	SCOPED(post_uids_release) struct post_uids *uids = some_uids(world, model);
	struct post_flag_change change = {
		.action = (enum post_flag_action)model_pick(world, 3), .names = names};
	if (model_pick(world, 4) == 0) { /* so that keywords go out of use */
		change.action = POST_FLAGS_REMOVE;
		post_uids_add_range(uids, KEEPER + 1, model->uid_next);
	}
	change.count = names_of(named, names);
	change.conditional = model_pick(world, 4) == 0;
	if (change.conditional)
		change.unchanged_since = 1 + model_pick(world, (uint32_t)model->modseq);
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
	bool only_deleted = model_pick(world, 4) != 0;
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
		lost |= had & ~model_flags_shown(view, copied->target[i]);
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
	unsigned to = model_pick(world, 4) ? 1 - m : m;
	bool move = model_pick(world, 2);
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
	if (model_pick(world, 2))
		test_post_reopen(&world->test);
	world->account = test_account(&world->test, "anna@troika.test");
	for (unsigned m = 0; m < MAILBOXES; m++)
		world->mailbox[m] = test_open(world->account, model_mailboxes[m]);
}

static void
chores(struct world *world)
{
	post_due_note(world->test.post->due, post_account_id(world->account), 1);
	post_due_note(world->test.post->due, post_account_id(world->account), 2);
	post_chores(world->test.post);
	base_clock_advance(world->test.clock, 1000);
}

static void
pin_one(struct world *world)
{
	struct pin *pin = &world->pins[model_pick(world, PINS)];
	unsigned m = model_pick(world, MAILBOXES);
	post_view_release(&pin->view);
	free(pin->model);
	pin->mailbox = m;
	pin->view = post_view_newest(world->mailbox[m]);
	pin->model = malloc(sizeof *pin->model);
	*pin->model = world->model[m];
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
	unsigned m = model_pick(world, MAILBOXES);
	if (world->model[m].uid_next > UIDS_MOST - 200)
		return;
	switch (model_pick(world, 12)) {
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
		if (model_pick(world, 4) == 0)
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
	world->test.keep_expunged_ms = model_pick(world, 2) ? 20000 : 0;
	world->room = model_pick(world, 3) ? LITTLE_ROOM : FLAGS;
	test_post_start(&world->test);
	world->account = test_account(&world->test, "anna@troika.test");
	for (unsigned m = 0; m < MAILBOXES; m++) {
		world->mailbox[m] = test_open(world->account, model_mailboxes[m]);
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
		model_compare_all(world);
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
