#include "cli/waiting.h"
#include <fcntl.h>
#include <unistd.h>

struct cli_waiting {
	struct net *net;
	struct base_clock *clock;
};

static const struct {
	struct slice protocol, words;
} answers[] = {
	{SLICE_INIT("smtp"),
		SLICE_INIT("421 4.3.2 The store can't be opened now, try again later\r\n")},
	{SLICE_INIT("submission"),
		SLICE_INIT("421 4.3.2 The store can't be opened now, try again later\r\n")},
	{SLICE_INIT("imap"),
		SLICE_INIT("* BYE [UNAVAILABLE] The store can't be opened now\r\n")},
	{SLICE_INIT("pop3"),
		SLICE_INIT("-ERR [SYS/TEMP] The store can't be opened now\r\n")},
	{SLICE_INIT("metrics"),
		SLICE_INIT(
			"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n")},
};

static enum net_next
greet(struct net_session *session, const struct net_event *event)
{
	const struct slice *words = net_owner(session);
	(void)event;
	net_put(session, *words);
	return NET_CLOSE;
}

static void
closed(struct net_session *session)
{
	(void)session;
}

static const struct net_protocol protocol = {
	.name = "waiting", .session_size = 1, .greet = greet, .closed = closed};

/* TLS ports are left alone: without a certificate nothing can be said there. */
static void
listen_one(struct net *net, const struct net_handed_listener *handed)
{
	struct slice tls = handed->name;
	struct slice name = slice_cut(&tls, ' ');
	if (handed->descriptor < 0 || slice_equal(tls, SLICE("implicit")))
		return;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		if (!slice_equal(name, answers[i].protocol))
			continue;
		union {
			const void *kept;
			void *handed;
		} owner = {.kept = &answers[i].words};
		int copy = fcntl(handed->descriptor, F_DUPFD_CLOEXEC, 0);
		if (copy >= 0 && net_listen(net,
					 &(struct net_listener_settings){.name = "waiting",
						 .descriptor = copy,
						 .protocol = &protocol,
						 .owner = owner.handed},
					 NULL))
			return;
	}
}

struct cli_waiting *
cli_waiting_begin(const struct net_handover *handover, struct base_log *log)
{
	struct cli_waiting *waiting = calloc(1, sizeof *waiting);
	ASSERT(waiting);
	waiting->clock = base_clock_create();
	if (net_create(
		    &(struct net_settings){
			    .workers = 2, .clock = waiting->clock, .log = log},
		    &waiting->net, NULL)) {
		cli_waiting_end(waiting);
		return NULL;
	}
	for (size_t i = 0; i < handover->listener_count; i++)
		listen_one(waiting->net, &handover->listeners[i]);
	if (net_start(waiting->net, NULL))
		LOG(log, BASE_LOG_ERROR, "serve.not-waiting");
	return waiting;
}

void
cli_waiting_end(struct cli_waiting *waiting)
{
	if (!waiting)
		return;
	if (waiting->net) {
		net_stop(waiting->net);
		net_destroy(waiting->net);
	}
	base_clock_destroy(waiting->clock);
	free(waiting);
}
