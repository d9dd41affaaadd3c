#include "net/test-echo.h"
#include <stdio.h>
#include <sys/resource.h>

/*
 * A server of the echo protocol, to be loaded and measured (tests/test_net_load.py,
 * net-load.c): says "ready PORT TLS-PORT" and serves until its input ends. Takes the
 * number of workers as an argument.
 */
int
main(int count, char **words)
{
	struct echo_server server;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	uint32_t workers = 0;
	if (count > 1 && !slice_to_u32(slice_of_text(words[1]), &workers))
		return 2;
	echo_start(
		&server, (struct net_settings){.workers = workers, .stop_grace_ms = 1000});
	printf("ready %u %u\n", server.port, server.tls_port);
	fflush(stdout);
	while (getchar() != EOF)
		;
	echo_stop(&server);
	return 0;
}
