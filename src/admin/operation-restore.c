/* restore: a copy that backup made becomes the store, and what clients remember of it void.
 */
#include "admin/operation.h"
#include "post/renew.h"

enum { READ_AT_ONCE = 256 * 1024, CLOCKS_DIFFER_MS = 24 * 3600 * 1000 };

struct restoring {
	struct admin_call *call;
	struct store_restore *restore;
	uint64_t bytes;
	int64_t newest_ms; /* when one of its files was written last */
	size_t held;       /* recipients in the queue */
	struct base_error *error;
};

/* --- its files ------------------------------------------------------------------------ */

static enum base_failure
receive_bytes(struct restoring *restoring)
{
	SCOPED(scoped_free) void *owned = malloc(READ_AT_ONCE);
	char *some = owned;
	size_t got;
	ASSERT(some);
	while ((got = admin_file_read(restoring->call, some, READ_AT_ONCE))) {
		enum base_failure failure = store_restore_write(
			restoring->restore, slice_of(some, got), restoring->error);
		if (failure)
			return failure;
		restoring->bytes += got;
		admin_progress(restoring->call, restoring->bytes, 0, "bytes");
	}
	return BASE_OK;
}

static enum base_failure
fail_cut(const struct restoring *restoring)
{
	return base_fail(restoring->error, BASE_CANCELLED,
		"the backup could not be read to its end; nothing is restored");
}

static enum base_failure
receive_file(struct restoring *restoring, const struct admin_file *file)
{
	enum base_failure failure =
		store_restore_file(restoring->restore, file->path, restoring->error);
	if (!failure)
		failure = receive_bytes(restoring);
	if (failure)
		return failure;
	if (file->modified * 1000 > restoring->newest_ms)
		restoring->newest_ms = file->modified * 1000;
	return admin_file_whole(restoring->call) ? BASE_OK : fail_cut(restoring);
}

/* The new UIDVALIDITYs are made from it. */
static enum base_failure
check_clock(const struct restoring *restoring)
{
	int64_t now = base_clock_wall_ms(admin_of(restoring->call)->clock);
	if (restoring->newest_ms <= now + CLOCKS_DIFFER_MS)
		return BASE_OK;
	return base_fail(restoring->error, BASE_INVALID,
		"by this machine's clock the backup is of the future: set the clock, then "
		"ask again");
}

static enum base_failure
receive(struct restoring *restoring)
{
	struct admin_file file;
	while (admin_file_next(restoring->call, &file)) {
		enum base_failure failure = receive_file(restoring, &file);
		if (failure)
			return failure;
	}
	if (!admin_files_complete(restoring->call) || admin_files_left_out(restoring->call))
		return fail_cut(restoring);
	enum base_failure failure = check_clock(restoring);
	return failure ? failure
		       : store_restore_arrived(restoring->restore, restoring->error);
}

/* --- what must not be as it was ---------------------------------------------------------
 */

/*
 * What waits for another server may have reached it since. What waits for a mailbox of ours
 * has not: that is as it was, too.
 */
static enum base_failure
hold_queue(struct restoring *restoring, struct relay *relay)
{
	struct arena *arena = admin_arena(restoring->call);
	struct relay_row *rows;
	size_t count =
		relay_list(relay, &(struct relay_choice){.all = true}, 0, arena, &rows);
	struct slice *ids = ARENA_MANY(arena, struct slice, count);
	struct relay_choice choice = {.ids = ids};
	for (size_t i = 0; i < count; i++)
		if (rows[i].state == RELAY_WAITING &&
			!slice_equal(rows[i].route, SLICE("local")))
			ids[choice.count++] = rows[i].id;
	restoring->held = choice.count;
	return choice.count
		       ? admin_wait(relay_hold(relay, &choice, &count), restoring->error)
		       : BASE_OK;
}

static enum base_failure
renew_queue(struct restoring *restoring, struct post *post)
{
	const struct admin *admin = admin_of(restoring->call);
	struct relay *relay;
	enum base_failure failure = relay_open(&(struct relay_settings){.post = post,
						       .net = admin->net,
						       .clock = admin->clock,
						       .log = admin->log,
						       .metrics = admin->metrics,
						       .host_name = admin->host_name},
		&relay, restoring->error);
	if (failure)
		return failure;
	failure = hold_queue(restoring, relay);
	relay_close(relay);
	return failure;
}

static bool
told(void *argument, uint64_t done, uint64_t of)
{
	const struct restoring *restoring = argument;
	admin_progress(restoring->call, done, of, "accounts");
	return !admin_cancelled(restoring->call);
}

static enum base_failure
renew_mail(struct restoring *restoring, struct store *store)
{
	const struct admin *admin = admin_of(restoring->call);
	struct post *post;
	enum base_failure failure = post_open(&(struct post_settings){.store = store,
						      .clock = admin->clock,
						      .log = admin->log,
						      .metrics = admin->metrics,
						      .host_name = admin->host_name},
		&post, restoring->error);
	if (failure)
		return failure;
	failure = post_renew_telling(post, told, restoring, restoring->error);
	if (!failure)
		failure = renew_queue(restoring, post);
	post_close(post);
	return failure;
}

static enum base_failure
open_arrived(const struct restoring *restoring, struct store **store)
{
	const struct admin *admin = admin_of(restoring->call);
	struct base_error why = {0};
	enum base_failure failure = store_open(
		&(struct store_settings){.folder = store_restore_folder(restoring->restore),
			.clock = admin->clock,
			.log = admin->log,
			.metrics = admin->metrics},
		store, &why);
	return failure ? base_fail(restoring->error, failure,
				 "the backup can't be opened: %.200s", why.text)
		       : BASE_OK;
}

static enum base_failure
renew(struct restoring *restoring)
{
	struct store *store;
	enum base_failure failure = open_arrived(restoring, &store);
	if (failure)
		return failure;
	failure = renew_mail(restoring, store);
	store_close(store);
	return failure;
}

/* --- together ------------------------------------------------------------------------- */

static void
tell_outcome(const struct restoring *restoring)
{
	struct admin_call *call = restoring->call;
	admin_say(call, "The backup is the store now. Programs that keep mail will fetch "
			"all of it anew.");
	if (restoring->held)
		admin_say(call,
			"%zu recipients of letters in the queue are held, as these may "
			"have been sent since the backup was made: \"troika queue list\" "
			"shows them, \"troika queue retry\" sends, \"troika queue drop\" "
			"throws away.",
			restoring->held);
	admin_say(call, "Start the server; \"troika check\" reads all that came back.");
}

/* A server that is started now waits; else it would make an empty store, and refuse mail.
 */
static void
tell_of_failure(const struct restoring *restoring)
{
	admin_say(restoring->call,
		"Until a restore comes to its end, a server that is started lets mail "
		"wait. To begin without the backup, remove %s.",
		store_restore_folder(restoring->restore));
}

static enum base_failure
run_restore(struct admin_call *call, struct base_error *error)
{
	struct slice data = base_config_text(admin_of(call)->config, "data", 0);
	const char *folder = arena_text(admin_arena(call),
		arena_printf(admin_arena(call), "%.*s/store", SLICE_ARG(data)));
	SCOPED(store_restore_end) struct store_restore *restore = NULL;
	enum base_failure failure = store_restore_begin(folder, &restore, error);
	struct restoring restoring = {.call = call, .restore = restore, .error = error};
	if (!failure)
		failure = receive(&restoring);
	if (!failure)
		failure = renew(&restoring);
	if (!failure)
		failure = store_restore_finish(restore, error);
	if (!failure)
		tell_outcome(&restoring);
	else if (restore)
		tell_of_failure(&restoring);
	return failure;
}

static const struct admin_argument arguments[] = {{.name = "folder",
							  .kind = ADMIN_PATH_IN,
							  .help = "what backup made, "
								  "wherever you carried "
								  "it"},
	{0}};

const struct admin_operation admin_operation_restore = {.name = "restore",
	.help = "bring a backup back, on a server that is stopped and has no store",
	.more = "Where there is a store still, move it away first. What came after the "
		"backup is not in it, so what mail programs remember of it is made void: "
		"every mailbox gets a new UIDVALIDITY, and every message a new unique id; "
		"they fetch all of it anew, and nobody is shown one message as another. "
		"Letters that waited for other servers are held, as they may have been "
		"sent since. A restore that was cut short or failed leaves no store, and "
		"the server lets mail wait until it was done again.",
	.arguments = arguments,
	.changes = true,
	.storeless = true,
	.run = run_restore};
