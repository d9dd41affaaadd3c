#ifndef BENCH_IMAP_CLIENT_H
#define BENCH_IMAP_CLIENT_H

#include "base/buffer.h"

/*
 * One IMAP connection of a load program: bytes out, answers' lines in. It knows no more of
 * IMAP than where a line ends and how long a literal is, so that it costs next to nothing
 * beside a server. Whatever the network does wrong ends the program with a sentence.
 */
struct client {
	int descriptor;
	struct buffer in; /* of a line that has not ended yet */
	size_t literal;   /* bytes of one that are still to come, and are thrown away */
	uint64_t received;
};

/* A line without its end; a literal's bytes are not among them. */
typedef void client_line(void *argument, struct slice line);

struct client client_dial(uint16_t port); /* 127.0.0.1, blocking; greeted */
void client_close(struct client *client);
void client_say(struct client *client, struct slice bytes);

/* Reads once, and calls `line` for each that ended; false: the server closed. */
bool client_hear(struct client *client, client_line *line, void *argument);

/* Says "x COMMAND" and hears until its answer, which must be OK; `line` may be NULL. */
void client_ask(
	struct client *client, const char *command, client_line *line, void *argument);

uint64_t client_now_us(void);
_Noreturn void client_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
