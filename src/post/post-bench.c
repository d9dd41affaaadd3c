/*
 * What the room costs, without protocols: deliveries by many threads, then one large
 * mailbox. post-bench FOLDER [THREADS ACCOUNTS MESSAGES BYTES]
 */
#include "post/must.h"
#include "post/post.h"
#include <pthread.h>
#include <sys/resource.h>

struct bench {
	struct base_clock *clock;
	struct store *store;
	struct post *post;
	uint64_t first_account;
	size_t threads, accounts, messages, bytes;
	char *text;
};

struct deliverer {
	struct bench *bench;
	pthread_t thread;
	size_t messages;
	uint64_t seed, cpu_us;
};

static uint64_t
cpu_us(int who)
{
	struct rusage usage;
	getrusage(who, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* --- deliveries ---------------------------------------------------------------------- */

static struct post_incoming *
take_in(struct bench *bench, uint64_t number)
{
	char header[200];
	struct post_incoming *incoming = post_incoming_create(bench->post);
	snprintf(header, sizeof header,
		"From: Boris <boris@example.org>\r\nTo: anna@troika.test\r\n"
		"Subject: letter %llu\r\nMessage-ID: <%llu@example.org>\r\n\r\n",
		(unsigned long long)number, (unsigned long long)number);
	must(post_incoming_add(incoming, slice_of_text(header)), "add");
	for (size_t at = 0; at < bench->bytes; at += 4096)
		must(post_incoming_add(incoming,
			     slice_part(slice_of(bench->text, bench->bytes), at, 4096)),
			"add");
	post_incoming_set_trace(incoming, SLICE("Received: by mail.troika.test\r\n"));
	must(post_incoming_seal(incoming), "seal");
	return incoming;
}

static void
deliver_one(struct bench *bench, uint64_t number, uint64_t account)
{
	struct post_incoming *incoming = take_in(bench, number);
	struct post_delivery *delivery =
		post_delivery_create(incoming, SLICE("boris@example.org"));
	struct post_delivery_target target = {
		.account = account, .delivered_to = SLICE("anna@troika.test")};
	must(post_delivery_local(delivery, &target), "local");
	must_be_done(post_delivery_submit(&delivery, NULL), "delivery");
	post_incoming_destroy(incoming);
}

static void *
deliver(void *argument)
{
	struct deliverer *deliverer = argument;
	struct bench *bench = deliverer->bench;
	uint64_t random = deliverer->seed * 0x9E3779B97F4A7C15u + 1;
	for (size_t i = 0; i < deliverer->messages; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		deliver_one(bench, random,
			bench->first_account + (random >> 33) % bench->accounts);
	}
	deliverer->cpu_us = cpu_us(RUSAGE_THREAD);
	return NULL;
}

static void
bench_deliveries(struct bench *bench)
{
	struct deliverer *deliverers = calloc(bench->threads, sizeof *deliverers);
	uint64_t start = base_clock_steady_ms(bench->clock), cpu = cpu_us(RUSAGE_SELF);
	uint64_t threads_cpu = 0;
	for (size_t i = 0; i < bench->threads; i++) {
		deliverers[i] = (struct deliverer){.bench = bench,
			.messages = bench->messages / bench->threads,
			.seed = i + 1};
		pthread_create(&deliverers[i].thread, NULL, deliver, &deliverers[i]);
	}
	for (size_t i = 0; i < bench->threads; i++) {
		pthread_join(deliverers[i].thread, NULL);
		threads_cpu += deliverers[i].cpu_us;
	}
	uint64_t ms = base_clock_steady_ms(bench->clock) - start + 1;
	printf("deliveries: %zu of %zu bytes in %llu ms, %llu/s; CPU per 1,000: %.3f s, of "
	       "it "
	       "%.3f s on the deliverers' threads\n",
		bench->messages, bench->bytes, (unsigned long long)ms,
		(unsigned long long)(bench->messages * 1000 / ms),
		(double)(cpu_us(RUSAGE_SELF) - cpu) / 1000 / (double)bench->messages,
		(double)threads_cpu / 1000 / (double)bench->messages);
	free(deliverers);
}

/* --- one large mailbox --------------------------------------------------------------- */

static void
say(struct bench *bench, const char *what, uint64_t start_ms, size_t count)
{
	uint64_t ms = base_clock_steady_ms(bench->clock) - start_ms;
	printf("%s: %llu ms", what, (unsigned long long)ms);
	if (count)
		printf(", %llu/s", (unsigned long long)(count * 1000 / (ms + 1)));
	printf("\n");
}

#define APPENDS 64

static void
import(struct bench *bench, struct post_mailbox *mailbox, size_t count)
{
	uint64_t start = base_clock_steady_ms(bench->clock);
	struct base_ticket *before = NULL;
	for (size_t i = 0; i < count; i += APPENDS) {
		struct post_incoming *incoming[APPENDS];
		struct post_append appends[APPENDS] = {0};
		for (size_t n = 0; n < APPENDS; n++)
			incoming[n] = take_in(bench, i + n);
		struct base_ticket *ticket =
			post_append_messages(mailbox, incoming, appends, APPENDS, NULL);
		for (size_t n = 0; n < APPENDS; n++)
			post_incoming_destroy(incoming[n]);
		if (before)
			must_be_done(before, "append");
		before = ticket;
	}
	must_be_done(before, "append");
	say(bench, "import", start, count);
}

static void
store_flag(struct bench *bench, struct post_mailbox *mailbox, const char *flag)
{
	uint64_t start = base_clock_steady_ms(bench->clock);
	struct slice name = slice_of_text(flag);
	struct post_flag_change change = {
		.action = POST_FLAGS_ADD, .names = &name, .count = 1};
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	must_be_done(
		post_flags_change(mailbox, post_view_uids(view), &change, NULL), "flags");
	post_uids_destroy(change.conflicts);
	struct post_view *after = post_view_newest(mailbox);
	say(bench, "STORE on all, and the new generation", start, 0);
	post_view_release(&after);
}

static void
search_for(struct bench *bench, struct post_mailbox *mailbox,
	const struct post_query *query, const char *what)
{
	uint64_t start = base_clock_steady_ms(bench->clock);
	struct post_uids *found;
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	struct post_search *search = post_search_begin(view, query);
	while (post_search_step(search))
		continue;
	must(post_search_end(search, &found), "search");
	say(bench, what, start, post_view_count(view));
	post_uids_destroy(found);
}

static void
read_all(struct bench *bench, struct post_mailbox *mailbox)
{
	uint64_t start = base_clock_steady_ms(bench->clock);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	for (uint32_t uid = 0; (uid = post_uids_next(post_view_uids(view), uid));) {
		struct post_message message;
		arena_reset(arena);
		must(post_message_read(view, uid, arena, &message), "read");
	}
	say(bench, "records of all, one by one", start, post_view_count(view));
}

static void
bench_mailbox(struct bench *bench, size_t count)
{
	struct post_account *account;
	struct post_mailbox *mailbox;
	struct post_query size = {.kind = POST_QUERY_LARGER, .number = 1};
	struct post_query subject = {.kind = POST_QUERY_HEADER,
		.name = SLICE("subject"),
		.text = SLICE("letter 77")};
	struct post_query body = {.kind = POST_QUERY_BODY, .text = SLICE("not there")};
	must(post_account_open(bench->post, bench->first_account, &account), "account");
	must(post_mailbox_open(account, SLICE("Archive"), &mailbox), "open");
	import(bench, mailbox, count);
	store_flag(bench, mailbox, "\\Seen");
	store_flag(bench, mailbox, "$Junk");
	read_all(bench, mailbox);
	search_for(bench, mailbox, &size, "search by size");
	search_for(bench, mailbox, &subject, "search by subject");
	search_for(bench, mailbox, &body, "search by body");
	post_mailbox_close(mailbox);
	uint64_t start = base_clock_steady_ms(bench->clock);
	must(post_mailbox_open(account, SLICE("Archive"), &mailbox), "open");
	say(bench, "opening again", start, 0);
	post_mailbox_close(mailbox);
	post_account_close(account);
}

/* --- start --------------------------------------------------------------------------- */

static void
open_bench(struct bench *bench, const char *folder)
{
	struct base_error error = {0};
	bench->clock = base_clock_create();
	struct store_settings store = {.folder = folder, .clock = bench->clock};
	must(store_open(&store, &bench->store, &error), error.text);
	struct post_settings post = {.store = bench->store,
		.clock = bench->clock,
		.host_name = SLICE("mail.troika.test")};
	must(post_open(&post, &bench->post, &error), error.text);
}

static void
add_accounts(struct bench *bench)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	struct base_ticket *ticket =
		post_domain_add(bench->post, SLICE("troika.test"), NULL);
	must_be_done(ticket, "domain");
	for (size_t i = 0; i < bench->accounts; i++) {
		struct slice address = arena_printf(arena, "user%zu@troika.test", i);
		struct base_ticket *added =
			post_account_add(bench->post, address, SLICE("x"), NULL);
		if (i + 1 == bench->accounts)
			must_be_done(added, "account");
		else
			base_ticket_drop(added);
	}
	must(post_account_find(bench->post, SLICE("user0@troika.test"), arena, &info),
		"find");
	bench->first_account = info.id;
}

static size_t
number(char **arguments, int count, int index, size_t fallback)
{
	return index < count ? (size_t)strtoull(arguments[index], NULL, 10) : fallback;
}

int
main(int count, char **arguments)
{
	struct bench bench = {0};
	if (count < 2)
		return EXIT_FAILURE;
	open_bench(&bench, arguments[1]);
	bench.threads = number(arguments, count, 2, 20);
	bench.accounts = number(arguments, count, 3, 1000);
	bench.messages = number(arguments, count, 4, 20000);
	bench.bytes = number(arguments, count, 5, 12288);
	bench.text = malloc(bench.bytes + 1);
	for (size_t i = 0; i < bench.bytes; i++)
		bench.text[i] = i % 72 == 70   ? '\r'
				: i % 72 == 71 ? '\n'
					       : (char)('a' + i * 7 % 26);
	add_accounts(&bench);
	bench_deliveries(&bench);
	bench_mailbox(&bench, bench.messages);
	post_close(bench.post);
	store_close(bench.store);
	base_clock_destroy(bench.clock);
	free(bench.text);
	return EXIT_SUCCESS;
}
