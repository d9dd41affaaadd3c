#include "cli/plan.h"
#include "cli/attachments.h"
#include "cli/server.h"
#include "cli/values.h"
#include "wire/address.h"

struct planned {
	const char *protocol, *tls;
	uint16_t port;
	const char *address;
};

/* The metrics port is for this machine alone, unless the configuration says otherwise. */
static const struct planned usual[] = {
	{"smtp", "starttls", 25, "*"},
	{"submission", "starttls", 587, "*"},
	{"submission", "implicit", 465, "*"},
	{"imap", "starttls", 143, "*"},
	{"imap", "implicit", 993, "*"},
	{"pop3", "starttls", 110, "*"},
	{"pop3", "implicit", 995, "*"},
	{"metrics", "none", 9464, "127.0.0.1"},
};

static void
add(struct net_plan *plan, struct net_plan_listener *listeners, struct slice word,
	const struct net_address *address)
{
	listeners[plan->listener_count++] =
		(struct net_plan_listener){.name = word, .address = *address};
}

/* "*" is both kinds of address; a socket of each, as IPv6's is for IPv6 only. */
static enum base_failure
add_addresses(struct net_plan *plan, struct net_plan_listener *listeners, struct slice word,
	struct slice address, uint16_t port)
{
	static const struct slice every[] = {SLICE_INIT("0.0.0.0"), SLICE_INIT("::")};
	struct net_address parsed;
	if (!slice_equal(address, SLICE("*"))) {
		if (!net_address_parse(address, port, &parsed))
			return BASE_INVALID;
		add(plan, listeners, word, &parsed);
		return BASE_OK;
	}
	for (size_t i = 0; i < 2; i++)
		if (net_address_parse(every[i], port, &parsed))
			add(plan, listeners, word, &parsed);
	return BASE_OK;
}

static void
add_usual(struct arena *arena, struct net_plan *plan, struct net_plan_listener *listeners)
{
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		struct slice word = cli_listener_word(arena,
			slice_of_text(usual[i].protocol), slice_of_text(usual[i].tls));
		enum base_failure failure = add_addresses(plan, listeners, word,
			slice_of_text(usual[i].address), usual[i].port);
		ASSERT(failure == BASE_OK);
	}
}

/* The kernel lets "every address" and one of them have a port only in turn. */
static bool
collide(const struct net_address *one, const struct net_address *other)
{
	char text[NET_ADDRESS_TEXT_MOST], others[NET_ADDRESS_TEXT_MOST];
	struct slice name = net_address_text(one, text);
	struct slice name_of_other = net_address_text(other, others);
	struct slice every = net_address_is_v6(one) ? SLICE("::") : SLICE("0.0.0.0");
	return net_address_port(one) == net_address_port(other) &&
	       net_address_is_v6(one) == net_address_is_v6(other) &&
	       (slice_equal(name, name_of_other) || slice_equal(name, every) ||
		       slice_equal(name_of_other, every));
}

static bool
is_taken(const struct net_plan *plan, size_t before)
{
	for (size_t i = before; i < plan->listener_count; i++)
		for (size_t had = 0; had < before; had++)
			if (collide(&plan->listeners[i].address,
				    &plan->listeners[had].address))
				return true;
	return false;
}

static enum base_failure
add_configured(const struct base_config *config, size_t index, struct arena *arena,
	struct net_plan *plan, struct net_plan_listener *listeners,
	struct base_error *error)
{
	struct slice address = base_config_text(config, "listener[].address", index);
	int64_t port = base_config_number(config, "listener[].port", index);
	size_t before = plan->listener_count;
	if (!base_config_has(config, "listener[].protocol", index))
		return base_config_fail(config, "listener[].protocol", index, error,
			"a listener needs a protocol");
	if (!base_config_has(config, "listener[].port", index))
		return base_config_fail(
			config, "listener[].port", index, error, "a listener needs a port");
	struct slice word = cli_listener_word(arena,
		base_config_text(config, "listener[].protocol", index),
		base_config_text(config, "listener[].tls", index));
	if (add_addresses(plan, listeners, word, address, (uint16_t)port))
		return base_config_fail(config, "listener[].address", index, error,
			"\"%.*s\" is no address of IPv4 or IPv6, nor \"*\"",
			SLICE_ARG(address));
	if (is_taken(plan, before))
		return base_config_fail(config, "listener[].port", index, error,
			"another listener has port %lld already", (long long)port);
	return BASE_OK;
}

static enum base_failure
plan_listeners(const struct base_config *config, struct arena *arena, struct net_plan *plan,
	struct base_error *error)
{
	size_t count = base_config_count(config, "listener");
	size_t room = 2 * (count ? count : sizeof usual / sizeof *usual);
	struct net_plan_listener *listeners =
		ARENA_MANY(arena, struct net_plan_listener, room);
	enum base_failure failure = BASE_OK;
	plan->listeners = listeners;
	if (room > NET_PLAN_LISTENERS_MOST)
		return base_fail(error, BASE_INVALID, "more than %d listeners",
			NET_PLAN_LISTENERS_MOST / 2);
	if (count == 0)
		add_usual(arena, plan, listeners);
	for (size_t i = 0; i < count && !failure; i++)
		failure = add_configured(config, i, arena, plan, listeners, error);
	return failure;
}

static void
add_file(struct net_plan *plan, struct net_plan_file *files, struct slice name,
	struct slice path)
{
	files[plan->file_count++] = (struct net_plan_file){.name = name, .path = path};
}

/* The plan outlives the configuration that it was made from. */
static struct slice
copied(const struct base_config *config, const char *key, size_t index, struct arena *arena)
{
	return arena_copy(arena, base_config_text(config, key, index));
}

static enum base_failure
plan_files(const struct base_config *config, struct arena *arena, struct net_plan *plan,
	struct base_error *error)
{
	size_t count = base_config_count(config, "tls");
	struct net_plan_file *files =
		ARENA_MANY(arena, struct net_plan_file, 2 * count + 2);
	plan->files = files;
	for (size_t i = 0; i < count; i++) {
		if (!base_config_has(config, "tls[].chain", i) ||
			!base_config_has(config, "tls[].key", i))
			return base_config_fail(config, "tls[].chain", i, error,
				"a certificate needs both chain and key");
		add_file(plan, files, arena_printf(arena, "chain:%zu", i),
			copied(config, "tls[].chain", i, arena));
		add_file(plan, files, arena_printf(arena, "key:%zu", i),
			copied(config, "tls[].key", i, arena));
	}
	return BASE_OK;
}

/* Others refuse mail of a server whose name is none (RFC 5321 4.1.1.1). */
static enum base_failure
check_host_name(
	const struct base_config *config, struct arena *arena, struct base_error *error)
{
	struct slice name = base_config_text(config, "host_name", 0), canonical;
	if (!base_config_has(config, "host_name", 0))
		return BASE_OK;
	if (wire_domain_canonical(arena, name, &canonical))
		return base_config_fail(config, "host_name", 0, error,
			"\"%.*s\" is no name of a host; one looks like mail.example.org",
			SLICE_ARG(name));
	if (slice_equal_nocase(name, canonical))
		return BASE_OK;
	return base_config_fail(config, "host_name", 0, error, "write \"%.*s\" as \"%.*s\"",
		SLICE_ARG(name), SLICE_ARG(canonical));
}

/* Commands and the server are begun in different folders. */
static enum base_failure
check_data(const struct base_config *config, struct base_error *error)
{
	struct slice folder = base_config_text(config, "data", 0);
	if (slice_starts(folder, SLICE("/")))
		return BASE_OK;
	return base_config_fail(config, "data", 0, error,
		"\"%.*s\" does not begin with \"/\": it is to mean the same folder from "
		"everywhere",
		SLICE_ARG(folder));
}

/* What a child would stumble over only when it starts. */
static enum base_failure
check_values(
	const struct base_config *config, struct arena *arena, struct base_error *error)
{
	struct net_network *networks;
	struct net_address *servers;
	size_t count;
	enum base_failure failure = check_host_name(config, arena, error);
	if (!failure)
		failure = check_data(config, error);
	if (!failure)
		failure = cli_clear_networks(config, arena, &networks, &count, error);
	return failure ? failure
		       : cli_resolver_servers(config, arena, &servers, &count, error);
}

enum base_failure
cli_plan_make(const struct base_config *config, struct arena *arena, struct net_plan *plan,
	struct base_error *error)
{
	*plan = (struct net_plan){.user = copied(config, "user", 0, arena),
		.folder = copied(config, "data", 0, arena)};
	if (base_config_switch(config, "search.attachments", 0))
		plan->programs = cli_attachment_programs(&plan->program_count);
	enum base_failure failure = check_values(config, arena, error);
	if (!failure)
		failure = plan_listeners(config, arena, plan, error);
	return failure ? failure : plan_files(config, arena, plan, error);
}
