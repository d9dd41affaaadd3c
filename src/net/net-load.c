#include "net/test-echo.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Peers for net-echo:
 *
 *	net-load PORT TLS-PORT PARKED TRICKLERS DEAF TALKERS SECONDS
 *
 * opens PARKED sessions under TLS that say nothing more, TRICKLERS that send a byte a
 * second, DEAF ones that ask for much and never read, and TALKERS that say a line and wait
 * for it, for SECONDS. Says "parked", "talked N" (lines a second), and "done" when its
 * input has ended.
 */
struct load {
	uint16_t port, tls_port;
	size_t parked, tricklers, deaf, talkers;
	unsigned seconds;
	struct peer *tricklers_peers;
	atomic_bool stop;
};

static struct peer
greeted(uint16_t port, bool tls)
{
	struct peer peer;
	peer_dial(&peer, port);
	if (tls && !peer_secure(&peer, "echo.test"))
		abort();
	peer_expect(&peer, "hello");
	return peer;
}

static void
say(const char *what, unsigned long long number)
{
	printf("%s %llu\n", what, number);
	fflush(stdout);
}

static void *
trickle(void *argument)
{
	struct load *load = argument;
	while (!load->stop) {
		for (size_t i = 0; i < load->tricklers; i++)
			peer_send(&load->tricklers_peers[i], SLICE("t"));
		sleep(1);
	}
	return NULL;
}

static double
now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char question[] = "a line of about forty bytes, as commands are\r\n";

/* Reads what is there; true when a whole answer came. */
static bool
has_answered(const struct peer *peer, size_t *got)
{
	char block[256];
	ssize_t count = recv(peer->descriptor, block, sizeof block, 0);
	if (count <= 0)
		abort();
	*got += (size_t)count;
	if (*got < sizeof question - 1)
		return false;
	*got = 0;
	return true;
}

static unsigned long long
talk(struct load *load, struct peer *peers)
{
	int set = epoll_create1(EPOLL_CLOEXEC);
	size_t *got = calloc(load->talkers, sizeof *got);
	for (size_t i = 0; i < load->talkers; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u64 = i};
		epoll_ctl(set, EPOLL_CTL_ADD, peers[i].descriptor, &event);
		peer_send(&peers[i], slice_of(question, sizeof question - 1));
	}
	unsigned long long lines = 0;
	double until = now_s() + load->seconds;
	while (now_s() < until) {
		struct epoll_event events[64];
		int count = epoll_wait(set, events, 64, 1000);
		for (int i = 0; i < count; i++) {
			size_t index = events[i].data.u64;
			if (!has_answered(&peers[index], &got[index]))
				continue;
			lines++;
			peer_send(&peers[index], slice_of(question, sizeof question - 1));
		}
	}
	close(set);
	free(got);
	return lines / load->seconds;
}

static void
open_parked(const struct load *load)
{
	for (size_t i = 0; i < load->parked; i++)
		greeted(load->tls_port, true);
	for (size_t i = 0; i < load->deaf; i++) {
		struct peer peer = greeted(load->port, false);
		peer_say(&peer, i % 2 ? "BIG 1000000000" : "MANY 1000000");
	}
	say("parked", load->parked);
}

static void
run(struct load *load)
{
	open_parked(load);
	load->tricklers_peers = calloc(load->tricklers + 1, sizeof *load->tricklers_peers);
	struct peer *talkers = calloc(load->talkers + 1, sizeof *talkers);
	for (size_t i = 0; i < load->tricklers; i++)
		load->tricklers_peers[i] = greeted(load->port, false);
	for (size_t i = 0; i < load->talkers; i++)
		talkers[i] = greeted(load->port, false);
	pthread_t trickler;
	pthread_create(&trickler, NULL, trickle, load);
	if (load->seconds)
		say("talked", talk(load, talkers));
	while (getchar() != EOF)
		;
	load->stop = true;
	pthread_join(trickler, NULL);
	free(load->tricklers_peers);
	free(talkers);
	say("done", 0);
}

int
main(int count, char **words)
{
	uint32_t numbers[7] = {0};
	for (int i = 0; i < 7 && i + 1 < count; i++)
		if (!slice_to_u32(slice_of_text(words[i + 1]), &numbers[i]))
			return 2;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	run(&(struct load){.port = (uint16_t)numbers[0],
		.tls_port = (uint16_t)numbers[1],
		.parked = numbers[2],
		.tricklers = numbers[3],
		.deaf = numbers[4],
		.talkers = numbers[5],
		.seconds = numbers[6]});
	return 0;
}
