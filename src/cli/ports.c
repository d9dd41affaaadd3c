#include "cli/ports.h"
#include <fcntl.h>
#include <unistd.h>

/* --- what was handed over ------------------------------------------------------------- */

static struct cli_port *
find(struct cli_ports *ports, const struct net_address *address)
{
	char wanted[NET_ADDRESS_TEXT_MOST], had[NET_ADDRESS_TEXT_MOST];
	for (size_t i = 0; i < ports->count; i++)
		if (slice_equal(net_address_text_port(address, wanted),
			    net_address_text_port(&ports->all[i].address, had)))
			return &ports->all[i];
	return NULL;
}

static void
unlisten(struct cli_port *port, struct cli_server *server)
{
	if (server && port->listening >= 0)
		cli_server_unlisten(server, port->listening);
	port->listening = -1;
}

/* An address may have got another protocol. */
static void
take_one(struct cli_ports *ports, const struct net_handed_listener *handed,
	struct cli_server *server)
{
	char word[CLI_PORT_WORD_MOST];
	struct cli_port *port = find(ports, &handed->address);
	snprintf(word, sizeof word, "%.*s", SLICE_ARG(handed->name));
	if (!port) {
		if (handed->descriptor < 0 || ports->count == NET_PLAN_LISTENERS_MOST)
			return;
		port = &ports->all[ports->count++];
		*port = (struct cli_port){
			.address = handed->address, .descriptor = -1, .listening = -1};
	}
	if (strcmp(port->word, word) != 0)
		unlisten(port, server);
	snprintf(port->word, sizeof port->word, "%s", word);
	/* A port that was closed and is back comes with a descriptor of its own. */
	if (handed->descriptor >= 0) {
		unlisten(port, server);
		scoped_close(&port->descriptor);
		port->descriptor = handed->descriptor;
	}
	port->seen = true;
}

void
cli_ports_take(struct cli_ports *ports, const struct net_handover *handover,
	struct cli_server *server)
{
	size_t kept = 0;
	for (size_t i = 0; i < ports->count; i++)
		ports->all[i].seen = false;
	for (size_t i = 0; i < handover->listener_count; i++)
		take_one(ports, &handover->listeners[i], server);
	for (size_t i = 0; i < ports->count; i++) {
		struct cli_port *port = &ports->all[i];
		if (port->seen) {
			ports->all[kept++] = *port;
			continue;
		}
		unlisten(port, server);
		scoped_close(&port->descriptor);
	}
	ports->count = kept;
}

/* --- listening ------------------------------------------------------------------------ */

static void
listen_one(struct cli_port *port, struct cli_server *server, struct base_log *log)
{
	struct base_error error = {0};
	char address[NET_ADDRESS_TEXT_MOST];
	struct slice text = net_address_text_port(&port->address, address);
	int copy = fcntl(port->descriptor, F_DUPFD_CLOEXEC, 0);
	enum base_failure failure =
		copy < 0 ? base_fail(&error, BASE_UNAVAILABLE, "no descriptor left")
			 : cli_server_listen(
				   server, slice_of_text(port->word), copy, &error);
	if (failure) {
		LOG(log, BASE_LOG_ERROR, "serve.not-listening",
			LOG_STRING("what", port->word), LOG_TEXT("address", text),
			LOG_STRING("why", error.text));
		return;
	}
	port->listening = copy;
	LOG(log, BASE_LOG_INFO, "serve.listens", LOG_STRING("what", port->word),
		LOG_TEXT("address", text));
}

void
cli_ports_listen(struct cli_ports *ports, struct cli_server *server, struct base_log *log)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->all[i].listening < 0)
			listen_one(&ports->all[i], server, log);
}
