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
 *	cli_server_open    opens the store, makes net and everything on it; nothing serves
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
	struct net_helper *helper; /* NULL: programs of others are not run */
	struct net_resolver *resolver;
	struct post *post;
	struct door *door;
	struct relay *relay;
	struct admin admin;
	struct smtpd_context exchange, submission;
	struct imapd_texts *imap_texts;
	struct imapd_context imap;
	struct popd_context pop;
	struct httpd_context http;
	bool started;
	/* What the resolver's check said last; its errand's alone. */
	enum {
		CLI_RESOLVER_UNKNOWN,
		CLI_RESOLVER_FINE,
		CLI_RESOLVER_TROUBLED
	} resolver_state;
};

struct cli_server_settings {
	const struct base_config *config; /* outlives the server */
	struct base_log *log;
	struct net_blame *blame;           /* may be NULL */
	bool quiet;                        /* for one command: few threads */
	bool storeless;                    /* net alone, and what admin.h says */
	int helper;                        /* net_child_helper, or -1 */
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
/* Stops listening on one that was given; its sessions go on. */
void cli_server_unlisten(struct cli_server *server, int descriptor);
/* A connection of the control protocol; after the start. Takes the descriptor over. */
enum base_failure cli_server_adopt_control(
	struct cli_server *server, int descriptor, struct base_error *error) MUST_CHECK;
/* Without deliveries and chores: for a command while the server is stopped. */
enum base_failure cli_server_start_quietly(
	struct cli_server *server, struct base_error *error) MUST_CHECK;
enum base_failure cli_server_start(
	struct cli_server *server, struct base_error *error) MUST_CHECK;
void cli_server_close(struct cli_server *server); /* NULL is fine */

/* Looks whether answers of the DNS can be trusted: cli/resolver-health.c. */
void cli_server_watch_resolver(struct cli_server *server);

/* Paths and names that the configuration leaves to us; in the arena. */
struct slice cli_host_name(const struct base_config *config, struct arena *arena);
const char *cli_data_path(
	const struct base_config *config, struct arena *arena, const char *name);
const char *cli_control_path(const struct base_config *config, struct arena *arena);

#endif
