#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "base/base.h"

/*
 * Every key of troika.conf: what a machine is (names, listeners, paths, limits). What
 * people change daily (domains, accounts, routes) is state in the store.
 */
extern const struct base_config_key *const cli_keys[];

/* A plain user's own, below the home folder, comes first where it is there. */
#define CLI_CONFIG_DEFAULT "/etc/troika/troika.conf"
#define CLI_CONFIG_AT_HOME "/.config/troika/troika.conf"

/*
 * The names of keys in which two configurations differ, but for listeners and certificates:
 * what a reload does not bring into force.
 */
void cli_keys_changed(
	const struct base_config *a, const struct base_config *b, struct buffer *names);

#endif
