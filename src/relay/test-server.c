/* What the tests of this room share; no test itself. */
#include "relay/test-server.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MOST 8192

struct guest {
	struct server *server;
	int descriptor;
	SSL *ssl;
	SSL_CTX *context;
	char buffer[LINE_MOST];
	size_t start, end;
	struct server_message message;
	bool over;
};

/* --- bytes ----------------------------------------------------------------------- */

static bool
is_stopping(struct server *server)
{
	pthread_mutex_lock(&server->lock);
	bool stopping = server->stopping;
	pthread_mutex_unlock(&server->lock);
	return stopping;
}

static ssize_t
receive(struct guest *guest, char *into, size_t room)
{
	if (guest->ssl)
		return SSL_read(guest->ssl, into, (int)room);
	for (;;) {
		struct pollfd wait = {guest->descriptor, POLLIN, 0};
		if (is_stopping(guest->server))
			return -1;
		if (poll(&wait, 1, 50) > 0)
			return recv(guest->descriptor, into, room, 0);
	}
}

static void
say(struct guest *guest, const char *text)
{
	char line[LINE_MOST];
	int length = snprintf(line, sizeof line, "%s\r\n", text);
	if (guest->ssl)
		SSL_write(guest->ssl, line, length);
	else
		(void)!send(guest->descriptor, line, (size_t)length, MSG_NOSIGNAL);
}

static bool
fill(struct guest *guest)
{
	if (guest->start > 0)
		memmove(guest->buffer, guest->buffer + guest->start,
			guest->end - guest->start);
	guest->end -= guest->start;
	guest->start = 0;
	ssize_t got = receive(guest, guest->buffer + guest->end, LINE_MOST - guest->end);
	if (got > 0)
		guest->end += (size_t)got;
	return got > 0;
}

/* A line with its end; absent: the client is gone. */
static struct slice
hear(struct guest *guest)
{
	for (;;) {
		struct slice have =
			slice_of(guest->buffer + guest->start, guest->end - guest->start);
		size_t end = slice_find_byte(have, '\n');
		if (end < have.length) {
			guest->start += end + 1;
			return slice_first(have, end + 1);
		}
		if (have.length == LINE_MOST || !fill(guest))
			return SLICE_NONE;
	}
}

/* --- what is said ---------------------------------------------------------------- */

static const struct server_rule *
rule_for(struct server *server, struct slice line)
{
	for (size_t i = 0; i < SERVER_RULES_MOST && server->rules[i].on; i++) {
		struct server_rule *rule = &server->rules[i];
		if (rule->times < 0 || !slice_starts_nocase(line, slice_of_text(rule->on)))
			continue;
		if (rule->times > 0 && --rule->times == 0)
			rule->times = -1;
		return rule;
	}
	return NULL;
}

/* Says what a rule wants, or the usual. False when the rule said something of its own. */
static bool
answer(struct guest *guest, struct slice line, const char *usual, enum server_deed *then)
{
	struct server *server = guest->server;
	pthread_mutex_lock(&server->lock);
	const struct server_rule *rule = rule_for(server, line);
	const char *reply = rule && rule->reply ? rule->reply : usual;
	*then = rule ? rule->then : SERVER_GOES_ON;
	if (rule && rule->after_ms)
		base_clock_advance(server->clock, rule->after_ms);
	pthread_mutex_unlock(&server->lock);
	if (*then != SERVER_SAYS_NOTHING && reply)
		say(guest, reply);
	if (*then == SERVER_HANGS_UP)
		guest->over = true;
	while (*then == SERVER_SAYS_NOTHING && !guest->over)
		guest->over = !fill(guest) || guest->end == LINE_MOST;
	while (*then == SERVER_NEVER_ENDS && !guest->over) {
		usleep(50 * 1000);
		guest->over = send(guest->descriptor, "250-and\r\n", 9, MSG_NOSIGNAL) < 0;
	}
	return reply == usual;
}

static void
say_offers(struct guest *guest, struct slice line)
{
	enum server_deed then;
	char reply[1024] = "250 server.test";
	struct slice rest = slice_of_text(guest->server->offers);
	if (!slice_empty(rest)) {
		size_t length = (size_t)snprintf(reply, sizeof reply, "250-server.test");
		while (!slice_absent(rest)) {
			struct slice offer = slice_cut(&rest, '\n');
			length += (size_t)snprintf(reply + length, sizeof reply - length,
				"\r\n250%s%.*s", slice_absent(rest) ? " " : "-",
				SLICE_ARG(offer));
		}
	}
	answer(guest, line,
		guest->server->offers ? reply : "500 5.5.1 what is that supposed to mean",
		&then);
}

/* --- messages -------------------------------------------------------------------- */

static void
free_message(struct server_message *message)
{
	free(message->from);
	free(message->data);
	for (size_t i = 0; i < message->to_count; i++)
		free(message->to[i]);
	*message = (struct server_message){0};
}

static char *
text_after(struct slice line, size_t start)
{
	struct slice text = slice_trim(slice_from(line, start));
	return strndup(text.data, text.length);
}

static void
keep_message(struct guest *guest, struct buffer *data)
{
	struct server *server = guest->server;
	guest->message.data = data->data;
	guest->message.data_length = data->length;
	guest->message.secured = guest->ssl != NULL;
	pthread_mutex_lock(&server->lock);
	ASSERT(server->message_count < SERVER_MESSAGES_MOST);
	server->messages[server->message_count++] = guest->message;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
	guest->message = (struct server_message){0};
	*data = (struct buffer){0};
}

static void
note(struct server *server, struct slice line)
{
	pthread_mutex_lock(&server->lock);
	buffer_put(&server->commands, slice_trim(line));
	buffer_put_byte(&server->commands, '\n');
	pthread_mutex_unlock(&server->lock);
}

static void
end_data(struct guest *guest, struct buffer *data)
{
	enum server_deed then;
	note(guest->server, SLICE("END"));
	const char *usual =
		guest->message.to_count ? "250 2.0.0 taken" : "554 5.5.1 for nobody";
	if (answer(guest, SLICE("END"), usual, &then) && then != SERVER_SAYS_NOTHING &&
		guest->message.to_count)
		keep_message(guest, data);
	free_message(&guest->message);
}

static void
take_data(struct guest *guest, bool breaks)
{
	SCOPED(buffer_free) struct buffer data = buffer_with(64 * 1024 * 1024);
	struct slice line;
	while (!slice_absent(line = hear(guest))) {
		if (slice_equal(line, SLICE(".\r\n"))) {
			end_data(guest, &data);
			return;
		}
		if (breaks)
			break;
		buffer_put(&data, slice_from(line, slice_starts(line, SLICE("."))));
	}
	guest->over = true;
}

static void
take_chunk(struct guest *guest, struct slice line)
{
	SCOPED(buffer_free) struct buffer data = buffer_with(64 * 1024 * 1024);
	uint32_t left;
	struct slice words = slice_from(line, 5);
	ASSERT(slice_to_u32(slice_cut(&words, ' '), &left));
	while (left > 0) {
		if (guest->start == guest->end && !fill(guest)) {
			guest->over = true;
			return;
		}
		size_t part =
			guest->end - guest->start < left ? guest->end - guest->start : left;
		buffer_put(&data, slice_of(guest->buffer + guest->start, part));
		guest->start += part;
		left -= (uint32_t)part;
	}
	end_data(guest, &data);
}

/* --- commands -------------------------------------------------------------------- */

static void
secure(struct guest *guest)
{
	struct server *server = guest->server;
	guest->context = SSL_CTX_new(TLS_server_method());
	if (server->chain_pem) {
		BIO *chain = BIO_new_mem_buf(server->chain_pem, -1);
		BIO *key = BIO_new_mem_buf(server->key_pem, -1);
		X509 *certificate = PEM_read_bio_X509(chain, NULL, NULL, NULL);
		EVP_PKEY *pair = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
		SSL_CTX_use_certificate(guest->context, certificate);
		SSL_CTX_use_PrivateKey(guest->context, pair);
		X509_free(certificate);
		EVP_PKEY_free(pair);
		BIO_free(chain);
		BIO_free(key);
	}
	guest->ssl = SSL_new(guest->context);
	SSL_set_fd(guest->ssl, guest->descriptor);
	guest->over = SSL_accept(guest->ssl) != 1;
}

static void
obey(struct guest *guest, struct slice line)
{
	static const struct slice MAIL = SLICE_INIT("MAIL FROM:"),
				  RCPT = SLICE_INIT("RCPT TO:");
	struct server_message *message = &guest->message;
	enum server_deed then;
	if (slice_starts_nocase(line, SLICE("EHLO"))) {
		say_offers(guest, line);
	} else if (slice_starts_nocase(line, MAIL)) {
		if (answer(guest, line, "250 2.1.0 sender fine", &then)) {
			free_message(message);
			message->from = text_after(line, MAIL.length);
		}
	} else if (slice_starts_nocase(line, RCPT)) {
		if (answer(guest, line,
			    message->from ? "250 2.1.5 recipient fine" : "503 no", &then) &&
			message->from && message->to_count < SERVER_RECIPIENTS_MOST)
			message->to[message->to_count++] = text_after(line, RCPT.length);
	} else if (slice_starts_nocase(line, SLICE("DATA"))) {
		if (answer(guest, line, message->from ? "354 go on" : "503 no", &then) &&
			message->from)
			take_data(guest, then == SERVER_BREAKS_DATA);
	} else if (slice_starts_nocase(line, SLICE("BDAT"))) {
		take_chunk(guest, line);
	} else if (slice_starts_nocase(line, SLICE("STARTTLS"))) {
		if (answer(guest, line, "220 2.0.0 go on", &then) && !guest->over)
			secure(guest);
	} else {
		if (slice_starts_nocase(line, SLICE("RSET")))
			free_message(message);
		answer(guest, line, "250 2.0.0 fine", &then);
		guest->over |= slice_starts_nocase(line, SLICE("QUIT"));
	}
}

static void *
serve(void *argument)
{
	struct guest *guest = argument;
	struct server *server = guest->server;
	enum server_deed then;
	struct slice line;
	if (server->implicit_tls)
		secure(guest);
	if (!guest->over)
		answer(guest, SLICE("GREETING"), "220 server.test ready", &then);
	while (!guest->over && !slice_absent(line = hear(guest))) {
		note(server, line);
		obey(guest, line);
	}
	free_message(&guest->message);
	SSL_free(guest->ssl);
	SSL_CTX_free(guest->context);
	close(guest->descriptor);
	free(guest);
	pthread_mutex_lock(&server->lock);
	server->open--;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

static void *
listen_on(void *argument)
{
	struct server *server = argument;
	for (;;) {
		struct pollfd wait = {server->listener, POLLIN, 0};
		if (is_stopping(server))
			return NULL;
		if (poll(&wait, 1, 50) <= 0)
			continue;
		struct guest *guest = calloc(1, sizeof *guest);
		ASSERT(guest);
		guest->server = server;
		guest->descriptor = accept(server->listener, NULL, NULL);
		pthread_mutex_lock(&server->lock);
		server->connections++;
		server->open++;
		pthread_cond_broadcast(&server->changed);
		pthread_mutex_unlock(&server->lock);
		pthread_t thread;
		ASSERT(pthread_create(&thread, NULL, serve, guest) == 0);
		pthread_detach(thread);
	}
}

/* --- the server ------------------------------------------------------------------ */

void
server_start(struct server *server)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(server->port)};
	socklen_t length = sizeof address;
	int on = 1;
	server->commands = buffer_with(64 * 1024 * 1024);
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, server->address ? server->address : "127.0.0.1",
		&address.sin_addr);
	setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	ASSERT(bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0);
	ASSERT(listen(server->listener, 128) == 0);
	getsockname(server->listener, (struct sockaddr *)&address, &length);
	server->port = ntohs(address.sin_port);
	ASSERT(pthread_create(&server->thread, NULL, listen_on, server) == 0);
}

void
server_stop(struct server *server)
{
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->thread, NULL);
	close(server->listener);
	pthread_mutex_lock(&server->lock);
	while (server->open > 0)
		pthread_cond_wait(&server->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
	for (size_t i = 0; i < server->message_count; i++)
		free_message(&server->messages[i]);
	buffer_free(&server->commands);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->lock);
}

void
server_await(struct server *server, size_t messages)
{
	pthread_mutex_lock(&server->lock);
	while (server->message_count < messages)
		pthread_cond_wait(&server->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

void
server_await_connections(struct server *server, size_t connections)
{
	pthread_mutex_lock(&server->lock);
	while (server->connections < connections)
		pthread_cond_wait(&server->changed, &server->lock);
	pthread_mutex_unlock(&server->lock);
}

size_t
server_open_connections(struct server *server)
{
	pthread_mutex_lock(&server->lock);
	size_t connections = server->open;
	pthread_mutex_unlock(&server->lock);
	return connections;
}

size_t
server_heard(struct server *server, const char *start)
{
	size_t count = 0;
	pthread_mutex_lock(&server->lock);
	struct slice rest = buffer_slice(&server->commands);
	while (!slice_empty(rest))
		count += slice_starts_nocase(slice_cut(&rest, '\n'), slice_of_text(start));
	pthread_mutex_unlock(&server->lock);
	return count;
}
