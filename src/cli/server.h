#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "admin/admin.h"
#include "httpd/httpd.h"
#include "imapd/imapd.h"
#include "popd/popd.h"
#include "smtpd/smtpd.h"

/*
 * All rooms put together from a configuration: by the server's child, and by a command
 * while the server is stopped (then without listeners).
 *
 *	cli_server_open    opens the store, makes net and everything on it; no thread serves
 *yet cli_server_listen  one listener more, by its configuration's words cli_server_start
 *sessions and deliveries begin cli_server_close   stops, waits, closes all
 */
struct cli_server {
	const struct base_config *config;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	struct arena *arena; /* names and paths, as long as the server */
	struct store *store;
	struct net *net;
	struct net_resolver *resolver;
	struct post *post;
	struct door *door;
	struct relay *relay;
	struct admin admin;
	struct smtpd_context exchange, submission;
	struct imapd_context imap;
	struct popd_context pop;
	struct httpd_context http;
	bool started;
};

struct cli_server_settings {
	const struct base_config *config; /* outlives the server */
	struct base_log *log;
	struct net_blame *blame;           /* may be NULL */
	void (*on_broken)(void *argument); /* the store can't go on; may be NULL */
	void *on_broken_argument;
};

enum base_failure cli_server_open(const struct cli_server_settings *settings,
	struct cli_server **server, struct base_error *error) MUST_CHECK;

/* What a listener is, as the parent and the child tell one another: "imap implicit". */
struct slice cli_listener_word(
	struct arena *arena, struct slice protocol, struct slice tls);
/* Takes the descriptor over, on failure too. */
enum base_failure cli_server_listen(struct cli_server *server, struct slice word,
	int descriptor, struct base_error *error) MUST_CHECK;
/* Without deliveries and chores: for a command while the server is stopped. */
enum base_failure cli_server_start_quietly(
	struct cli_server *server, struct base_error *error) MUST_CHECK;
enum base_failure cli_server_start(
	struct cli_server *server, struct base_error *error) MUST_CHECK;
void cli_server_close(struct cli_server *server); /* NULL is fine */

/* Paths and names that the configuration leaves to us; in the arena. */
struct slice cli_host_name(const struct base_config *config, struct arena *arena);
const char *cli_data_path(
	const struct base_config *config, struct arena *arena, const char *name);
const char *cli_control_path(const struct base_config *config, struct arena *arena);

#endif
