#include "cli/certificates.h"
#include "cli/server.h"
#include "net/certificate.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 64 * 1024, OWN_SECONDS = 10 * 365 * 24 * 3600 };

#define OWN_CHAIN "self-signed-chain.pem"
#define OWN_KEY   "self-signed-key.pem"

/* --- self-signed -----------------------------------------------------------------------
 */

static struct slice
read_own(const struct cli_certificates *certificates, struct arena *arena, const char *name)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(FILE_MOST);
	const char *path = cli_data_path(certificates->config, arena, name);
	if (base_file_read(path, &text, NULL))
		return SLICE_NONE;
	return arena_copy(arena, buffer_slice(&text));
}

static void
keep_own(const struct cli_certificates *certificates, struct arena *arena, const char *name,
	struct slice text)
{
	const char *path = cli_data_path(certificates->config, arena, name);
	unlink(path);
	SCOPED(scoped_close)
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0 || write(file, text.data, text.length) != (ssize_t)text.length)
		LOG(certificates->log, BASE_LOG_WARN, "serve.not-kept",
			LOG_STRING("file", path));
}

static enum base_failure
make_own(const struct cli_certificates *certificates, struct arena *arena,
	struct net_certificate *made, struct base_error *error)
{
	int64_t now = base_clock_wall_ms(certificates->clock) / 1000;
	enum base_failure failure = net_certificate_self_signed(&certificates->host_name, 1,
		(struct net_certificate_times){now - 3600, now + OWN_SECONDS}, arena,
		&made->chain, &made->key, error);
	if (failure)
		return failure;
	keep_own(certificates, arena, OWN_CHAIN, made->chain);
	keep_own(certificates, arena, OWN_KEY, made->key);
	LOG(certificates->log, BASE_LOG_WARN, "serve.self-signed",
		LOG_TEXT("name", certificates->host_name),
		LOG_STRING("hint",
			"name a certificate in the group tls of the configuration"));
	return BASE_OK;
}

/* The one of an earlier start, if it is whole. */
enum base_failure
cli_certificates_set_own(const struct cli_certificates *certificates, struct net *net,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct net_certificate own = {.name = SLICE(OWN_CHAIN),
		.chain = read_own(certificates, arena, OWN_CHAIN),
		.key = read_own(certificates, arena, OWN_KEY)};
	if (!slice_absent(own.chain) && !slice_absent(own.key) &&
		net_set_certificates(net, &own, 1, NULL) == BASE_OK)
		return BASE_OK;
	enum base_failure failure = make_own(certificates, arena, &own, error);
	return failure ? failure : net_set_certificates(net, &own, 1, error);
}

/* --- the configuration's ----------------------------------------------------------------
 */

enum base_failure
cli_certificates_set(const struct cli_certificates *certificates, struct net *net,
	struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct net_certificate handed[NET_PLAN_FILES_MOST / 2];
	size_t count = 0;
	for (; count < NET_PLAN_FILES_MOST / 2; count++) {
		struct net_certificate *each = &handed[count];
		each->name = arena_printf(arena, "chain:%zu", count);
		each->chain = net_child_file(certificates->child, each->name);
		each->key = net_child_file(
			certificates->child, arena_printf(arena, "key:%zu", count));
		if (slice_absent(each->chain) || slice_absent(each->key))
			break;
		/* For messages: as the configuration spells it. */
		if (count < base_config_count(certificates->config, "tls"))
			each->name = base_config_text(
				certificates->config, "tls[].chain", count);
	}
	if (count == 0)
		return cli_certificates_set_own(certificates, net, error);
	return net_set_certificates(net, handed, count, error);
}
