#ifndef CLI_CERTIFICATES_H
#define CLI_CERTIFICATES_H

#include "net/net.h"
#include "net/parent.h"

/*
 * The certificates of the child: those that the parent read, or, without any in the
 * configuration, a self-signed one that a first start makes in the data folder. That one
 * the child reads itself: the parent, who may be root, opens nothing that the child can
 * replace.
 */
struct cli_certificates {
	const struct base_config *config;
	const struct net_child *child;
	struct base_log *log;
	struct base_clock *clock;
	struct slice host_name;
};

enum base_failure cli_certificates_set(const struct cli_certificates *certificates,
	struct net *net, struct base_error *error) MUST_CHECK;
/* The self-signed one, whatever the configuration says. */
enum base_failure cli_certificates_set_own(const struct cli_certificates *certificates,
	struct net *net, struct base_error *error) MUST_CHECK;

#endif
