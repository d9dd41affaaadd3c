/*
 * For tests of crashes: mail that arrives and goes, and its index.
 *
 *	post-search-load FOLDER work    rounds of arrivals, removals and chores
 *	post-search-load FOLDER check   what is there holds together: the index finds what
 *	                                reading finds; exit code 1 and a sentence if not
 */
#include "post/mailbox-internal.h"
#include "post/must.h"
#include "post/search-keep.h"
#include "post/search-tidy.h"

#define ROUNDS  6
#define LETTERS (SEARCH_WAITING + 8)

static const char *const NEEDLES[] = {"tea", "ea ti", "time 1", "letter 12", "e", "of the",
	"\xd1\x87\xd0\xb0\xd0\xb9", "zz"};

struct load {
	struct base_clock *clock;
	struct store *store;
	struct post *post;
	struct post_account *account;
	struct post_mailbox *mailbox;
};

static void
open_all(struct load *load, const char *folder)
{
	struct base_error error = {0};
	struct store_settings store = {.folder = folder, .clock = load->clock};
	must(store_open(&store, &load->store, &error), error.text);
	struct post_settings post = {.store = load->store,
		.clock = load->clock,
		.host_name = SLICE("mail.troika.test")};
	must(post_open(&post, &load->post, &error), error.text);
}

static bool
open_account(struct load *load, bool make)
{
	struct post_account_info info;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice name = SLICE("anna@troika.test");
	if (make && post_account_find(load->post, name, arena, &info)) {
		struct base_ticket *domain =
			post_domain_add(load->post, SLICE("troika.test"), NULL);
		if (domain) /* NULL: it was killed behind this */
			must_be_done(domain, "domain");
		must_be_done(post_account_add(load->post, name, SLICE("secret"), NULL),
			"account");
	}
	if (post_account_find(load->post, name, arena, &info))
		return false;
	must(post_account_open(load->post, info.id, &load->account), "open");
	must(post_mailbox_open(load->account, SLICE("INBOX"), &load->mailbox), "INBOX");
	return true;
}

static void
append(struct load *load, int round)
{
	struct post_incoming *incoming[LETTERS];
	struct post_append appends[LETTERS] = {0};
	for (int i = 0; i < LETTERS; i++) {
		SCOPED(buffer_free) struct buffer text = buffer_with(SIZE_MAX);
		buffer_printf(&text,
			"Subject: letter %d of round %d\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n\r\n"
			"Tea time %d of the \xd1\x87\xd0\xb0\xd0\xb9 %x\r\n",
			i, round, i * round, (unsigned)i * 2654435761u);
		incoming[i] = post_incoming_create(load->post);
		must(post_incoming_add(incoming[i], buffer_slice(&text)), "add");
		must(post_incoming_seal(incoming[i]), "seal");
	}
	must_be_done(post_append_messages(load->mailbox, incoming, appends, LETTERS, NULL),
		"append");
	for (int i = 0; i < LETTERS; i++)
		post_incoming_destroy(incoming[i]);
}

static void
expunge_third(struct load *load)
{
	struct post_view *view = post_view_newest(load->mailbox);
	struct post_uids *uids = post_uids_create();
	for (uint32_t uid = 0; (uid = post_uids_next(post_view_uids(view), uid));)
		if (uid % 3 == 0)
			post_uids_add(uids, uid);
	post_view_drop(view);
	if (!post_uids_empty(uids))
		must_be_done(
			post_expunge(load->mailbox, uids, false, NULL, NULL), "expunge");
	post_uids_destroy(uids);
	base_clock_advance(load->clock, 1);
}

static void
work(struct load *load)
{
	for (int round = 1; round <= ROUNDS; round++) {
		append(load, round);
		post_chores(load->post);
		expunge_third(load);
		post_chores(load->post);
	}
}

static struct post_uids *
search(struct post_view *view, const char *needle)
{
	struct post_uids *found;
	struct post_query query = {.kind = POST_QUERY_TEXT, .text = slice_of_text(needle)};
	struct post_search *search = post_search_begin(view, &query);
	while (post_search_step(search))
		continue;
	must(post_search_end(search, &found), "search");
	return found;
}

static void
spoil(struct load *load)
{
	struct store_turn *turn;
	struct post_key key = search_key_state();
	must(store_begin(load->account->space, STORE_CHANGE, &turn), "turn");
	store_put(turn, post_key_slice(&key), SLICE("spoilt"));
	must_be_done(store_submit(&turn), "commit");
}

/* With the index, and once more when it can't be read. */
static bool
compare(struct load *load)
{
	enum { COUNT = sizeof NEEDLES / sizeof *NEEDLES };
	struct post_uids *with[COUNT];
	struct post_view *view = post_view_newest(load->mailbox);
	bool same = true;
	for (size_t i = 0; i < COUNT; i++)
		with[i] = search(view, NEEDLES[i]);
	spoil(load);
	for (size_t i = 0; i < COUNT; i++) {
		struct post_uids *without = search(view, NEEDLES[i]);
		if (!post_uids_equal(with[i], without))
			printf("%s: %u with the index, %u without\n", NEEDLES[i],
				post_uids_count(with[i]), post_uids_count(without));
		same = same && post_uids_equal(with[i], without);
		post_uids_destroy(without);
		post_uids_destroy(with[i]);
	}
	post_view_drop(view);
	return same;
}

static void
print_problem(void *argument, const char *sentence)
{
	(void)argument;
	printf("%s\n", sentence);
}

static bool
check(struct load *load)
{
	struct post_verdict verdict;
	must(post_check(load->post, print_problem, NULL, &verdict), "check");
	if (verdict.problems)
		return false;
	post_chores(load->post);
	return compare(load);
}

int
main(int count, char **arguments)
{
	struct load load = {.clock = base_clock_create()};
	bool fits = true;
	if (count < 3)
		return 2;
	bool works = strcmp(arguments[2], "work") == 0;
	open_all(&load, arguments[1]);
	if (open_account(&load, works)) {
		if (works)
			work(&load);
		else
			fits = check(&load);
		post_mailbox_close(load.mailbox);
		post_account_close(load.account);
	}
	post_close(load.post);
	store_close(load.store);
	base_clock_destroy(load.clock);
	return fits ? EXIT_SUCCESS : EXIT_FAILURE;
}
