#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include "base/config.h"
#include "net/net.h"

/* Values of the configuration that mean more than their type says. */

enum base_failure cli_clear_networks(const struct base_config *config, struct arena *arena,
	struct net_network **networks, size_t *count, struct base_error *error) MUST_CHECK;
enum base_failure cli_resolver_servers(const struct base_config *config,
	struct arena *arena, struct net_address **servers, size_t *count,
	struct base_error *error) MUST_CHECK;

/*
 * All that can be known without serving: the values above, listeners, the user, and, where
 * we may read them, whether certificates and keys are whole and belong together.
 */
enum base_failure cli_config_check(
	const struct base_config *config, struct base_error *error) MUST_CHECK;

#endif
