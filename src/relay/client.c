#include "relay/client.h"

#define OUT_MOST (RELAY_OUT_FULL + 128 * 1024) /* and one RCPT more, of any row */

static bool
is_cancelled(void *argument)
{
	const struct relay_client *client = argument;
	bool given_up = relay_patience_is_over(client->patience, !client->sent);
	return given_up || (client->sent ? relay_has_stopped(client->relay)
					 : relay_is_stopping(client->relay));
}

static const char *
why_it_failed(const struct relay_client *client, const char *why)
{
	return client->patience->leaving ? RELAY_SLOW_WHY : why;
}

enum base_failure
relay_client_flush(struct relay_client *client)
{
	ASSERT(!buffer_failed(&client->out));
	enum base_failure failure = net_stream_put(
		client->stream, buffer_slice(&client->out), RELAY_WAIT_COMMAND);
	buffer_clear(&client->out);
	return failure;
}

enum base_failure
relay_client_hear(struct relay_client *client, uint64_t within_ms)
{
	enum wire_smtp_reply_step step = WIRE_SMTP_REPLY_MORE;
	struct slice line;
	const struct base_clock *clock = client->relay->settings.clock;
	uint64_t until = base_clock_steady_ms(clock) + within_ms;
	wire_smtp_reply_reset(&client->reply);
	while (step == WIRE_SMTP_REPLY_MORE && !client->endless) {
		enum base_failure failure =
			net_stream_read_line(client->stream, within_ms, &line);
		if (failure)
			return failure;
		step = wire_smtp_reply_add(&client->reply, line);
		client->endless =
			step == WIRE_SMTP_REPLY_MORE &&
			(base_clock_steady_ms(clock) >= until || is_cancelled(client));
	}
	return step == WIRE_SMTP_REPLY_DONE ? BASE_OK : BASE_INVALID;
}

struct relay_verdict
relay_client_failure(struct relay_client *client, struct arena *arena)
{
	const char *why = net_stream_error(client->stream)->text;
	if (!why[0])
		why = client->endless ? "its answer has no end" : "it does not speak SMTP";
	return relay_verdict_own(arena, RELAY_POSTPONED, "4.4.2", "%.*s: %s",
		SLICE_ARG(client->label), why_it_failed(client, why));
}

static int
reply_class(const struct relay_client *client)
{
	return wire_smtp_reply_class(&client->reply);
}

/* A server that refuses us altogether may be one of several: it is never the last word. */
static bool
refused(struct relay_client *client, struct relay_verdict *why)
{
	relay_verdict_of_reply(&client->reply, client->server, client->arena, why);
	why->event = RELAY_POSTPONED;
	why->status[0] = '4';
	return false;
}

static bool
broken(struct relay_client *client, struct relay_verdict *why)
{
	*why = relay_client_failure(client, client->arena);
	return false;
}

/* --- hello ----------------------------------------------------------------------- */

static bool
ask(struct relay_client *client, const char *verb, struct slice argument,
	struct relay_verdict *why)
{
	buffer_put_text(&client->out, verb);
	buffer_put(&client->out, argument);
	buffer_put_text(&client->out, "\r\n");
	if (relay_client_flush(client) || relay_client_hear(client, RELAY_WAIT_COMMAND))
		return broken(client, why);
	return true;
}

/* RFC 5321 3.2: HELO to a server that does not know EHLO. */
static bool
say_hello(struct relay_client *client, struct relay_verdict *why)
{
	struct slice name = client->relay->settings.host_name;
	client->offers = (struct wire_smtp_offers){0};
	if (!ask(client, "EHLO ", name, why))
		return false;
	if (reply_class(client) == 2) {
		client->offers = wire_smtp_offers_parse(&client->reply);
		return true;
	}
	if (reply_class(client) != 5)
		return refused(client, why);
	if (!ask(client, "HELO ", name, why))
		return false;
	return reply_class(client) == 2 || refused(client, why);
}

/* The first word of a greeting is the server's name (RFC 5321 4.2). */
static bool
is_ourselves(const struct relay_client *client)
{
	struct slice rest = buffer_slice(&client->reply.text);
	struct slice name = slice_cut(&rest, '\n');
	return slice_equal_nocase(slice_cut(&name, ' '), client->relay->settings.host_name);
}

static bool
hear_greeting(struct relay_client *client, struct relay_verdict *why, bool *loop)
{
	if (relay_client_hear(client, RELAY_WAIT_GREETING))
		return broken(client, why);
	if (reply_class(client) != 2)
		return refused(client, why);
	*loop = client->peer->from_mx && is_ourselves(client);
	if (*loop)
		*why = relay_verdict_own(client->arena, RELAY_POSTPONED, "4.4.6",
			"%.*s is this server itself", SLICE_ARG(client->label));
	return !*loop;
}

/* --- TLS ------------------------------------------------------------------------- */

enum securing { SECURED, CLEAR, NOT_SECURED };

static enum securing
handshake(struct relay_client *client, struct relay_verdict *why)
{
	const struct relay_peer *peer = client->peer;
	const struct slice names[] = {peer->name, peer->domain};
	const struct net_tls_wish wish = {.server_name = peer->name,
		.names = names,
		.name_count = slice_empty(peer->domain) ? 1 : 2,
		.check = peer->check,
		.records = peer->records,
		.record_count = peer->record_count};
	if (net_stream_start_tls(
		    client->stream, client->relay->tls, &wish, RELAY_WAIT_HANDSHAKE)) {
		broken(client, why);
		snprintf(why->status, sizeof why->status, "4.7.5");
		return NOT_SECURED;
	}
	const struct net_tls_facts *facts = net_stream_tls(client->stream);
	client->tls = arena_printf(client->arena, "%.*s %.*s %s", SLICE_ARG(facts->version),
		SLICE_ARG(facts->cipher), net_tls_verdict_name(facts->verdict));
	return SECURED;
}

static enum securing
no_tls(struct relay_client *client, struct relay_verdict *why)
{
	if (!client->peer->must_secure)
		return CLEAR;
	*why = relay_verdict_own(client->arena, RELAY_POSTPONED, "4.7.4",
		"%.*s offers no encryption, which is required", SLICE_ARG(client->label));
	return NOT_SECURED;
}

/* RFC 3207 4. */
static enum securing
start_tls(struct relay_client *client, struct relay_verdict *why)
{
	if (!relay_client_offers(client, WIRE_OFFERS_STARTTLS))
		return no_tls(client, why);
	if (!ask(client, "STARTTLS", SLICE(""), why))
		return NOT_SECURED;
	if (reply_class(client) != 2)
		return no_tls(client, why);
	enum securing secured = handshake(client, why);
	if (secured == SECURED && !say_hello(client, why))
		return NOT_SECURED;
	return secured;
}

/* --- together -------------------------------------------------------------------- */

static bool
dial(struct relay_client *client, struct relay_verdict *why)
{
	struct relay *relay = client->relay;
	struct base_error error = {0};
	const struct net_stream_settings settings = {.clock = relay->settings.clock,
		.cancelled = is_cancelled,
		.cancel_argument = client,
		.least_rate = RELAY_LEAST_RATE};
	if (net_stream_dial(&settings, &client->peer->address, NULL, RELAY_WAIT_CONNECT,
		    &client->stream, &error) == BASE_OK)
		return true;
	*why = relay_verdict_own(client->arena, RELAY_POSTPONED, "4.4.1", "%.*s: %s",
		SLICE_ARG(client->label), why_it_failed(client, error.text));
	return false;
}

static struct relay_client *
client_new(
	struct relay_patience *patience, const struct relay_peer *peer, struct arena *arena)
{
	struct relay_client *client = ARENA_NEW(arena, struct relay_client);
	char text[NET_ADDRESS_TEXT_MOST];
	*client = (struct relay_client){.relay = patience->relay,
		.patience = patience,
		.arena = arena,
		.peer = peer,
		.out = buffer_with(OUT_MOST)};
	wire_smtp_reply_init(&client->reply);
	client->server = slice_empty(peer->name)
				 ? arena_copy(arena, net_address_text(&peer->address, text))
				 : peer->name;
	struct slice at = net_address_text_port(&peer->address, text);
	client->label = slice_empty(peer->name)
				? arena_copy(arena, at)
				: arena_printf(arena, "%.*s [%.*s]", SLICE_ARG(peer->name),
					  SLICE_ARG(at));
	client->tls = SLICE("");
	return client;
}

static void
client_free(struct relay_client *client)
{
	net_stream_close(client->stream);
	wire_smtp_reply_free(&client->reply);
	buffer_free(&client->out);
}

/* clear: without STARTTLS, as the handshake failed before. */
static bool
open_once(struct relay_client *client, bool clear, struct relay_verdict *why, bool *loop)
{
	const struct relay_peer *peer = client->peer;
	if (!dial(client, why) ||
		(peer->implicit_tls && handshake(client, why) != SECURED) ||
		!hear_greeting(client, why, loop) || !say_hello(client, why))
		return false;
	if (clear || peer->implicit_tls)
		return true;
	return start_tls(client, why) != NOT_SECURED;
}

/*
 * Opportunistic TLS (RFC 7435): what can't be encrypted goes in the clear, unless somebody
 * injects answers.
 */
static bool
may_go_clear(const struct relay_client *client)
{
	return client->stream && !client->peer->must_secure &&
	       net_stream_tls(client->stream)->verdict == NET_TLS_FAILED &&
	       net_stream_error(client->stream)->failure == BASE_UNAVAILABLE;
}

struct relay_client *
relay_client_open(struct relay_patience *patience, const struct relay_peer *peer,
	struct arena *arena, struct relay_verdict *why, bool *loop)
{
	struct relay_client *client = client_new(patience, peer, arena);
	*loop = false;
	bool opened = open_once(client, false, why, loop);
	if (!opened && may_go_clear(client)) {
		LOG(patience->relay->settings.log, BASE_LOG_WARN, "relay.tls-failed",
			LOG_TEXT("server", client->label), LOG_TEXT("why", why->text));
		client_free(client);
		client = client_new(patience, peer, arena);
		opened = open_once(client, true, why, loop);
	}
	if (opened)
		return client;
	client_free(client);
	return NULL;
}

/* The answer to QUIT interests nobody, but it is polite to wait for it. */
static void
say_quit(struct relay_client *client)
{
	if (net_stream_put(client->stream, SLICE("QUIT\r\n"), RELAY_WAIT_QUIT))
		return;
	if (relay_client_hear(client, RELAY_WAIT_QUIT))
		return;
}

void
relay_client_close(struct relay_client *client)
{
	if (!client)
		return;
	if (net_stream_error(client->stream)->failure == BASE_OK)
		say_quit(client);
	client_free(client);
}
