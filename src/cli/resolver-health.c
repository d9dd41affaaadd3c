/*
 * DANE needs answers that are validated by DNSSEC. Behind name servers that drop the
 * signatures every signed answer is bogus, and all mail would wait: unless the
 * configuration insists (resolver.validate), answers are then taken as they are, and said
 * so, loudly. It is looked at again and again, as name servers change.
 */
#include "cli/server.h"

enum { CHECK_PERIOD_MS = 5 * 60 * 1000, CHECK_WITHIN_MS = 20 * 1000 };

static void
say_trouble(
	struct cli_server *server, const char *event, const char *why, const char *means)
{
	if (server->resolver_state != CLI_RESOLVER_TROUBLED)
		LOG(server->log, BASE_LOG_WARN, event, LOG_STRING("why", why),
			LOG_STRING("means", means));
	server->resolver_state = CLI_RESOLVER_TROUBLED;
}

static void
say_fine(struct cli_server *server)
{
	if (server->resolver_state != CLI_RESOLVER_FINE)
		LOG(server->log, BASE_LOG_INFO, "serve.resolver-validates");
	server->resolver_state = CLI_RESOLVER_FINE;
}

static enum base_failure
check_run(void *argument, struct arena *moved)
{
	struct cli_server *server = argument;
	struct base_error why = {0};
	bool insists = base_config_has(server->config, "resolver.validate", 0);
	(void)moved;
	switch (net_resolver_check(server->resolver, CHECK_WITHIN_MS, &why)) {
	case NET_RESOLVER_VALIDATES:
		net_resolver_trust(server->resolver, false);
		say_fine(server);
		break;
	case NET_RESOLVER_DOES_NOT_VALIDATE:
		net_resolver_trust(server->resolver, !insists);
		say_trouble(server, "serve.resolver-does-not-validate", why.text,
			insists ? "mail to signed domains waits, as resolver.validate "
				  "insists"
				: "mail goes out, without DANE; name other name servers "
				  "in resolver.servers");
		break;
	case NET_RESOLVER_UNREACHABLE:
		if (!net_stopping(server->net))
			say_trouble(server, "serve.resolver-unreachable", why.text,
				"mail to other servers waits");
		break;
	}
	return BASE_OK;
}

static void
start_check(void *argument)
{
	struct cli_server *server = argument;
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_ticket *ticket =
		net_errand(server->net, NET_LANE_DIRECTORY, check_run, server, arena);
	if (!ticket)
		arena_destroy(arena);
	base_ticket_drop(ticket);
}

void
cli_server_watch_resolver(struct cli_server *server)
{
	if (!base_config_switch(server->config, "resolver.validate", 0))
		return;
	net_every(server->net, CHECK_PERIOD_MS, start_check, server);
	start_check(server);
}
