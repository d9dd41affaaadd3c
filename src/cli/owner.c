#include "cli/owner.h"
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_ROOM = 64 };

static const char *
name_of(uid_t id, char into[NAME_ROOM])
{
	const struct passwd *record = getpwuid(id);
	if (record)
		snprintf(into, NAME_ROOM, "%s", record->pw_name);
	else
		snprintf(into, NAME_ROOM, "%u", id);
	return into;
}

/* Root when none is named. false: there is no such user, which is told elsewhere. */
static bool
who_serves(struct slice user, uid_t *id)
{
	char name[NAME_ROOM];
	snprintf(name, sizeof name, "%.*s", SLICE_ARG(user));
	const struct passwd *record = slice_empty(user) ? NULL : getpwnam(name);
	*id = record ? record->pw_uid : 0;
	return record || slice_empty(user);
}

enum base_failure
cli_owner_check(const struct base_config *config, struct base_error *error)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	const char *folder = arena_text(arena, base_config_text(config, "data", 0));
	char owner[NAME_ROOM], server[NAME_ROOM];
	struct stat status;
	uid_t id;
	if (geteuid() != 0 || stat(folder, &status) != 0 ||
		!who_serves(base_config_text(config, "user", 0), &id) ||
		status.st_uid == id)
		return BASE_OK;
	return base_fail(error, BASE_DENIED,
		"the data folder %s belongs to %s, but the server would run as %s: set "
		"\"user\" in the configuration to its owner, or give the folder away with "
		"\"chown -R %s %s\"",
		folder, name_of(status.st_uid, owner), name_of(id, server), server, folder);
}
