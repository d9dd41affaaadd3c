#include "cli/server.h"
#include <netdb.h>
#include <unistd.h>

/* The machine's full name, where its name alone has no domain. */
static struct slice
full_name(const char *name, struct arena *arena)
{
	struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	struct slice full = slice_of_text(name);
	if (!strchr(name, '.') && getaddrinfo(name, NULL, &hints, &found) == 0 &&
		found->ai_canonname)
		full = slice_of_text(found->ai_canonname);
	struct slice copy = arena_copy(arena, full);
	if (found)
		freeaddrinfo(found);
	return copy;
}

struct slice
cli_host_name(const struct base_config *config, struct arena *arena)
{
	char name[256] = "localhost";
	if (base_config_has(config, "host_name", 0))
		return base_config_text(config, "host_name", 0);
	gethostname(name, sizeof name - 1);
	return full_name(name, arena);
}

const char *
cli_data_path(const struct base_config *config, struct arena *arena, const char *name)
{
	struct slice folder = base_config_text(config, "data", 0);
	return arena_printf(arena, "%.*s/%s", SLICE_ARG(folder), name).data;
}

const char *
cli_control_path(const struct base_config *config, struct arena *arena)
{
	struct slice path = base_config_text(config, "control", 0);
	if (!slice_empty(path))
		return arena_text(arena, path);
	return cli_data_path(config, arena, "control");
}
