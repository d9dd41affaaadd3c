#include "cli/values.h"
#include "base/file.h"
#include "cli/plan.h"
#include "net/certificate.h"
#include <pwd.h>
#include <unistd.h>

enum { FILE_MOST = 1024 * 1024 };

enum base_failure
cli_clear_networks(const struct base_config *config, struct arena *arena,
	struct net_network **networks, size_t *count, struct base_error *error)
{
	struct slice *texts;
	*count = base_config_texts(config, "clear_networks", 0, arena, &texts);
	*networks = ARENA_MANY(arena, struct net_network, *count);
	for (size_t i = 0; i < *count; i++)
		if (!net_network_parse(texts[i], &(*networks)[i]))
			return base_config_fail(config, "clear_networks", 0, error,
				"\"%.*s\" is no network; write it as 192.0.2.0/24 or "
				"2001:db8::/32",
				SLICE_ARG(texts[i]));
	return BASE_OK;
}

/* "192.0.2.53", "192.0.2.53:5353", "::1", "[::1]:5353" */
static bool
parse_server(struct slice text, struct net_address *server)
{
	enum { PORT_OF_THE_DNS = 53 };
	uint32_t port;
	size_t colon = slice_find_last_byte(text, ':');
	if (net_address_parse(text, PORT_OF_THE_DNS, server))
		return true;
	return colon < text.length && slice_to_u32(slice_from(text, colon + 1), &port) &&
	       port > 0 && port <= UINT16_MAX &&
	       net_address_parse(slice_first(text, colon), (uint16_t)port, server);
}

enum base_failure
cli_resolver_servers(const struct base_config *config, struct arena *arena,
	struct net_address **servers, size_t *count, struct base_error *error)
{
	struct slice *texts;
	*count = base_config_texts(config, "resolver.servers", 0, arena, &texts);
	*servers = ARENA_MANY(arena, struct net_address, *count);
	for (size_t i = 0; i < *count; i++)
		if (!parse_server(texts[i], &(*servers)[i]))
			return base_config_fail(config, "resolver.servers", 0, error,
				"\"%.*s\" is no address", SLICE_ARG(texts[i]));
	return BASE_OK;
}

/* --- without serving ------------------------------------------------------------------ */

static enum base_failure
check_user(const struct base_config *config, struct arena *arena, struct base_error *error)
{
	const char *user = arena_text(arena, base_config_text(config, "user", 0));
	if (!*user || getpwnam(user))
		return BASE_OK;
	return base_config_fail(config, "user", 0, error,
		"there is no user \"%s\"; \"adduser --system --group %s\" makes one", user,
		user);
}

static enum base_failure
read_file(struct slice path, struct arena *arena, struct slice *text,
	struct base_error *error)
{
	SCOPED(buffer_free) struct buffer read = buffer_with(FILE_MOST);
	enum base_failure failure = base_file_read(arena_text(arena, path), &read, error);
	*text = failure ? SLICE_NONE : arena_copy(arena, buffer_slice(&read));
	return failure;
}

static enum base_failure
read_certificates(const struct base_config *config, struct arena *arena,
	struct net_certificate *certificates, size_t count, struct base_error *error)
{
	enum base_failure failure = BASE_OK;
	for (size_t i = 0; i < count && !failure; i++) {
		struct net_certificate *each = &certificates[i];
		each->name = base_config_text(config, "tls[].chain", i);
		failure = read_file(each->name, arena, &each->chain, error);
		if (!failure)
			failure = read_file(base_config_text(config, "tls[].key", i), arena,
				&each->key, error);
	}
	return failure;
}

static enum base_failure
try_certificates(
	const struct net_certificate *certificates, size_t count, struct base_error *error)
{
	struct net *net = NULL;
	struct base_clock *clock = base_clock_create();
	struct base_log *log =
		base_log_create(STDERR_FILENO, BASE_LOG_KEY_VALUE, BASE_LOG_ERROR);
	enum base_failure failure =
		net_create(&(struct net_settings){.workers = 1, .clock = clock, .log = log},
			&net, error);
	if (!failure)
		failure = net_set_certificates(net, certificates, count, error);
	net_destroy(net);
	base_log_destroy(log);
	base_clock_destroy(clock);
	return failure;
}

/* Keys are root's: whoever may not read them still wants to know about the rest. */
static enum base_failure
check_certificates(
	const struct base_config *config, struct arena *arena, struct base_error *error)
{
	size_t count = base_config_count(config, "tls");
	struct net_certificate *certificates =
		ARENA_MANY(arena, struct net_certificate, count);
	enum base_failure failure =
		read_certificates(config, arena, certificates, count, error);
	if (failure == BASE_DENIED && geteuid() != 0)
		return BASE_OK;
	if (!failure && count)
		failure = try_certificates(certificates, count, error);
	return failure;
}

enum base_failure
cli_config_check(const struct base_config *config, struct base_error *error)
{
	struct net_plan plan;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	enum base_failure failure = cli_plan_make(config, arena, &plan, error);
	if (!failure)
		failure = check_user(config, arena, error);
	if (!failure)
		failure = check_certificates(config, arena, error);
	return failure;
}
