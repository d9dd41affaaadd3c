#include "imap-client.h"

/*
 * A client that does nothing with the answers:
 *
 *	imap-ask PORT ADDRESS COMMAND...
 *
 * signs in, says each command when the one before is answered, and prints a line for each:
 * its milliseconds, the bytes and the lines of its answer.
 */
static void
count(void *argument, struct slice line)
{
	(void)line;
	++*(uint64_t *)argument;
}

static void
ask(struct client *client, const char *command)
{
	uint64_t lines = 0, before = client->received, began = client_now_us();
	client_ask(client, command, count, &lines);
	uint64_t taken = client_now_us() - began;
	printf("%.3f %llu %llu\n", (double)taken / 1000,
		(unsigned long long)(client->received - before), (unsigned long long)lines);
	fflush(stdout);
}

int
main(int words, char **word)
{
	uint32_t port;
	if (words < 4 || !slice_to_u32(slice_of_text(word[1]), &port))
		return 2;
	struct client client = client_dial((uint16_t)port);
	SCOPED(buffer_free) struct buffer login = buffer_with(1024);
	buffer_printf(&login, "LOGIN %s bench", word[2]);
	buffer_put_byte(&login, '\0');
	client_ask(&client, login.data, NULL, NULL);
	for (int i = 3; i < words; i++)
		ask(&client, word[i]);
	client_close(&client);
	return 0;
}
