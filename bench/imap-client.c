#include "imap-client.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024, LINE_MOST = 64 * 1024 * 1024 };

void
client_fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

uint64_t
client_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct client
connect_to(uint16_t port)
{
	struct client client = {
		.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
		.in = buffer_with(LINE_MOST)};
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int one = 1;
	setsockopt(client.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(client.descriptor, (struct sockaddr *)&address, sizeof address))
		client_fail("port %u: %s", port, strerror(errno));
	return client;
}

void
client_close(struct client *client)
{
	close(client->descriptor);
	buffer_free(&client->in);
}

void
client_say(struct client *client, struct slice bytes)
{
	while (bytes.length) {
		ssize_t count =
			send(client->descriptor, bytes.data, bytes.length, MSG_NOSIGNAL);
		if (count < 0)
			client_fail("send: %s", strerror(errno));
		bytes = slice_from(bytes, (size_t)count);
	}
}

/* What "... {123}" or "... ~{123}" promises; 0 where it promises nothing. */
static size_t
promised(struct slice line)
{
	uint64_t size = 0;
	if (!line.length || line.data[line.length - 1] != '}')
		return 0;
	size_t start = slice_find_last_byte(line, '{');
	struct slice digits = slice_part(line, start + 1, line.length - start - 2);
	return slice_to_u64(digits, &size) ? size : 0;
}

static void
end_line(struct client *client, struct slice line, client_line *heard, void *argument)
{
	if (line.length && line.data[line.length - 1] == '\r')
		line.length--;
	client->literal = promised(line);
	if (heard)
		heard(argument, line);
}

static void
feed(struct client *client, struct slice bytes, client_line *heard, void *argument)
{
	while (bytes.length) {
		size_t gone =
			bytes.length < client->literal ? bytes.length : client->literal;
		client->literal -= gone;
		bytes = slice_from(bytes, gone);
		size_t end = slice_find_byte(bytes, '\n');
		if (end == bytes.length) {
			if (!buffer_put(&client->in, bytes))
				client_fail("a line without an end");
			return;
		}
		struct slice line = slice_first(bytes, end);
		if (client->in.length) {
			buffer_put(&client->in, line);
			line = buffer_slice(&client->in);
		}
		end_line(client, line, heard, argument);
		buffer_clear(&client->in);
		bytes = slice_from(bytes, end + 1);
	}
}

bool
client_hear(struct client *client, client_line *line, void *argument)
{
	static char block[BLOCK];
	ssize_t count = recv(client->descriptor, block, sizeof block, 0);
	if (count < 0)
		client_fail("recv: %s", strerror(errno));
	client->received += (uint64_t)count;
	feed(client, slice_of(block, (size_t)count), line, argument);
	return count;
}

struct asking {
	client_line *line;
	void *argument;
	const char *command;
	bool done;
};

static void
asked(void *argument, struct slice line)
{
	struct asking *asking = argument;
	if (!slice_starts(line, SLICE("x "))) {
		if (asking->line)
			asking->line(asking->argument, line);
		return;
	}
	asking->done = true;
	if (!slice_starts(line, SLICE("x OK")))
		client_fail("%s: %.*s", asking->command, SLICE_ARG(line));
}

void
client_ask(struct client *client, const char *command, client_line *line, void *argument)
{
	struct asking asking = {line, argument, command, false};
	SCOPED(buffer_free) struct buffer text = buffer_with(1024 * 1024);
	buffer_printf(&text, "x %s\r\n", command);
	client_say(client, buffer_slice(&text));
	while (!asking.done)
		if (!client_hear(client, asked, &asking))
			client_fail("%s: closed", command);
}

static void
greeted(void *argument, struct slice line)
{
	bool *ready = argument;
	if (!slice_starts(line, SLICE("* OK")))
		client_fail("no greeting: %.*s", SLICE_ARG(line));
	*ready = true;
}

/* Who speaks before the greeting is sent away. */
struct client
client_dial(uint16_t port)
{
	struct client client = connect_to(port);
	bool ready = false;
	while (!ready)
		if (!client_hear(&client, greeted, &ready))
			client_fail("closed without a greeting");
	return client;
}
