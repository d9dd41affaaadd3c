/* backup: a copy of the store that does not change, for whoever carries it away. */
#include "admin/operation.h"

static const char *
backup_folder(struct admin_call *call)
{
	struct slice data = base_config_text(admin_of(call)->config, "data", 0);
	return arena_text(admin_arena(call),
		arena_printf(admin_arena(call), "%.*s/backup", SLICE_ARG(data)));
}

static enum base_failure
run_backup(struct admin_call *call, struct base_error *error)
{
	const char *folder = backup_folder(call);
	enum base_failure failure = store_checkpoint(admin_of(call)->store, folder, error);
	if (failure == BASE_EXISTS)
		return base_fail(error, failure,
			"%s is there already: copy it away and remove it, then ask again",
			folder);
	if (failure)
		return failure;
	admin_say(call,
		"%s holds all that was stored until now. Copy it away, then remove it.",
		folder);
	return BASE_OK;
}

static const struct admin_argument none[] = {{0}};

const struct admin_operation admin_operation_backup = {.name = "backup",
	.help = "put a copy of the store beside it, for you to carry away",
	.more = "The server goes on meanwhile. The copy, backup in the data folder, is of "
		"one moment and shares its files with the store, so it costs little room "
		"and is no backup until it lies on another disk. While it is there, what "
		"is deleted keeps its room. troika restore brings it back.",
	.arguments = none,
	.changes = true,
	.run = run_backup};
