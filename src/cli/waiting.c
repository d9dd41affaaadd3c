#include "cli/waiting.h"
#include <fcntl.h>
#include <unistd.h>

struct cli_waiting {
	struct net *net;
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

static const struct slice *
words_for(struct slice name)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (slice_equal(name, answers[i].protocol))
			return &answers[i].words;
	return NULL;
}

static void
listen_one(struct net *net, const struct cli_port *port)
{
	struct slice tls = slice_of_text(port->word);
	union {
		const void *kept;
		void *handed;
	} owner = {.kept = words_for(slice_cut(&tls, ' '))};
	int copy = owner.kept ? fcntl(port->descriptor, F_DUPFD_CLOEXEC, 0) : -1;
	struct net_listener_settings listener = {.name = "waiting",
		.descriptor = copy,
		.implicit_tls = slice_equal(tls, SLICE("implicit")),
		.protocol = &protocol,
		.owner = owner.handed};
	if (copy >= 0 && net_listen(net, &listener, NULL))
		return; /* there are more ports than listeners: some stay silent */
}

static bool
begin(struct cli_waiting *waiting, const struct cli_ports *ports,
	const struct cli_certificates *certificates)
{
	struct base_log *log = certificates->log;
	struct base_error error = {0};
	if (net_create(&(struct net_settings){.workers = 2,
			       .clock = certificates->clock,
			       .log = log,
			       .stop_grace_ms = 1000},
		    &waiting->net, &error))
		return false;
	if (cli_certificates_set(certificates, waiting->net, &error))
		LOG(log, BASE_LOG_ERROR, "serve.certificates-refused",
			LOG_STRING("why", error.text));
	for (size_t i = 0; i < ports->count; i++)
		listen_one(waiting->net, &ports->all[i]);
	return net_start(waiting->net, &error) == BASE_OK;
}

struct cli_waiting *
cli_waiting_begin(
	const struct cli_ports *ports, const struct cli_certificates *certificates)
{
	struct cli_waiting *waiting = calloc(1, sizeof *waiting);
	ASSERT(waiting);
	if (begin(waiting, ports, certificates))
		return waiting;
	LOG(certificates->log, BASE_LOG_ERROR, "serve.not-waiting");
	cli_waiting_end(waiting);
	return NULL;
}

void
cli_waiting_end(struct cli_waiting *waiting)
{
	if (!waiting)
		return;
	net_destroy(waiting->net);
	free(waiting);
}
