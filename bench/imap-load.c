#include "imap-client.h"
#include "imap-mix.h"
#include <sys/epoll.h>

/*
 * Sessions that each say a command as soon as the one before is answered:
 *
 *	imap-load PORT SESSIONS ACCOUNTS SECONDS
 *
 * Session n signs in as (n mod ACCOUNTS + 1)box@bench.test and opens INBOX. Says "ready"
 * when all have, begins with its input's end of a line, and prints in the end one line for
 * all and one for each kind: its name, commands, refused ones, milliseconds in the middle
 * and at worst; then an empty line. The sessions stay until its input has ended.
 */
enum { SESSIONS_MOST = 10000, EVENTS = 64 };

struct session {
	struct client client;
	struct mix_dice dice;
	enum mix_kind kind;
	uint32_t exists;
	uint64_t said_us;
	bool waits;
};

struct tally {
	uint64_t count, refused, all_us, worst_us;
};

struct load {
	struct session *sessions;
	uint32_t count, accounts, waiting;
	uint64_t until_us;
	struct tally tallies[MIX_KINDS];
};

/* --- one session -----------------------------------------------------------------------
 */

/* "* 12 EXISTS", "* 7 EXPUNGE" */
static void
note_numbers(void *argument, struct slice line)
{
	struct session *session = argument;
	uint32_t number;
	if (!slice_starts(line, SLICE("* ")))
		return;
	struct slice rest = slice_from(line, 2);
	struct slice digits = slice_cut(&rest, ' ');
	if (slice_equal(rest, SLICE("EXISTS"))) {
		if (slice_to_u32(digits, &number))
			session->exists = number;
	} else if (slice_equal(rest, SLICE("EXPUNGE")) && session->exists) {
		session->exists--;
	}
}

static void
dial(struct session *session, uint16_t port, uint32_t number, uint32_t accounts)
{
	SCOPED(buffer_free) struct buffer login = buffer_with(1024);
	buffer_printf(&login, "LOGIN %ubox@bench.test bench", number % accounts + 1);
	buffer_put_byte(&login, '\0');
	session->client = client_dial(port);
	session->dice = mix_dice(number + 1);
	client_ask(&session->client, login.data, NULL, NULL);
	client_ask(&session->client, "SELECT INBOX", note_numbers, session);
}

static void
say_next(struct session *session)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(64 * 1024);
	session->kind =
		session->kind == MIX_DELETE ? MIX_EXPUNGE : mix_draw(&session->dice);
	if (!session->exists)
		session->kind = MIX_APPEND;
	mix_put(session->kind, &session->dice, session->exists, &text);
	session->said_us = client_now_us();
	session->waits = true;
	client_say(&session->client, buffer_slice(&text));
}

/* --- all of them -----------------------------------------------------------------------
 */

struct hearing {
	struct load *load;
	struct session *session;
};

static void
answered(struct load *load, struct session *session, struct slice line)
{
	uint64_t now = client_now_us(), taken = now - session->said_us;
	struct tally *tally = &load->tallies[session->kind];
	if (slice_starts(line, SLICE("x BAD")))
		client_fail("%s: %.*s", mix_names[session->kind], SLICE_ARG(line));
	tally->count++;
	tally->refused += !slice_starts(line, SLICE("x OK"));
	tally->all_us += taken;
	if (taken > tally->worst_us)
		tally->worst_us = taken;
	session->waits = false;
	if (now < load->until_us)
		say_next(session);
	else
		load->waiting--;
}

static void
heard(void *argument, struct slice line)
{
	struct hearing *hearing = argument;
	struct session *session = hearing->session;
	if (slice_starts(line, SLICE("x ")))
		answered(hearing->load, session, line);
	else if (slice_starts(line, SLICE("+ ")) && session->kind == MIX_IDLE)
		client_say(&session->client, SLICE("DONE\r\n"));
	else
		note_numbers(session, line);
}

static void
work(struct load *load, uint32_t seconds)
{
	int set = epoll_create1(EPOLL_CLOEXEC);
	load->until_us = client_now_us() + seconds * (uint64_t)1000000;
	load->waiting = load->count;
	for (uint32_t i = 0; i < load->count; i++) {
		struct epoll_event event = {
			.events = EPOLLIN, .data.ptr = &load->sessions[i]};
		epoll_ctl(set, EPOLL_CTL_ADD, load->sessions[i].client.descriptor, &event);
		say_next(&load->sessions[i]);
	}
	while (load->waiting) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(set, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			struct hearing hearing = {load, events[i].data.ptr};
			if (!client_hear(&hearing.session->client, heard, &hearing))
				client_fail("%s: closed", mix_names[hearing.session->kind]);
		}
	}
}

static void
print(const char *name, const struct tally *tally)
{
	double middle = tally->count ? (double)tally->all_us / (double)tally->count : 0;
	printf("%s %llu %llu %.3f %.3f\n", name, (unsigned long long)tally->count,
		(unsigned long long)tally->refused, middle / 1000,
		(double)tally->worst_us / 1000);
}

static void
print_all(const struct load *load)
{
	struct tally all = {0};
	for (size_t i = 0; i < MIX_KINDS; i++) {
		all.count += load->tallies[i].count;
		all.refused += load->tallies[i].refused;
		all.all_us += load->tallies[i].all_us;
		if (load->tallies[i].worst_us > all.worst_us)
			all.worst_us = load->tallies[i].worst_us;
	}
	print("all", &all);
	for (size_t i = 0; i < MIX_KINDS; i++)
		print(mix_names[i], &load->tallies[i]);
	puts("");
	fflush(stdout);
}

int
main(int words, char **word)
{
	uint32_t numbers[4] = {0};
	for (int i = 0; i < 4; i++)
		if (words != 5 || !slice_to_u32(slice_of_text(word[i + 1]), &numbers[i]))
			return 2;
	if (!numbers[1] || numbers[1] > SESSIONS_MOST || !numbers[2])
		return 2;
	struct load load = {.count = numbers[1], .accounts = numbers[2]};
	load.sessions = calloc(load.count, sizeof *load.sessions);
	if (!load.sessions)
		client_fail("no memory");
	for (uint32_t i = 0; i < load.count; i++)
		dial(&load.sessions[i], (uint16_t)numbers[0], i, load.accounts);
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		return 1;
	work(&load, numbers[3]);
	print_all(&load);
	while (getchar() != EOF)
		;
	for (uint32_t i = 0; i < load.count; i++)
		client_close(&load.sessions[i].client);
	free(load.sessions);
	return 0;
}
