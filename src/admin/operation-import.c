/* import: Maildir, mbox and .eml, as the command line sends them, into one account. */
#include "admin/maildir.h"
#include "admin/operation.h"
#include "wire/crlf-sink.h"
#include "wire/date.h"
#include "wire/mbox.h"

enum {
	BATCH_MESSAGES = 64,
	BATCH_BYTES = 4 * 1024 * 1024,
	TICKETS_AHEAD = 4,
	READ_AT_ONCE = 64 * 1024,
	PROGRESS_EVERY = 500
};

struct importing {
	struct admin_call *call;
	struct post_account *account;
	struct slice only_mailbox; /* --mailbox, or absent */
	struct arena *file;        /* of one file */

	struct post_mailbox *mailbox; /* of the batch */
	struct slice mailbox_name;    /* in the call's arena */
	struct post_incoming *batch[BATCH_MESSAGES];
	struct post_append appends[BATCH_MESSAGES];
	struct slice flags[BATCH_MESSAGES][ADMIN_MAILDIR_FLAGS_MOST];
	size_t batch_count;
	uint64_t batch_bytes;
	struct base_ticket *tickets[TICKETS_AHEAD];
	size_t next_ticket;

	/* the message that comes in */
	struct post_incoming *incoming;
	struct wire_crlf_sink converter;
	enum base_failure refused;
	struct admin_path path;
	int64_t date;

	uint64_t stored, refused_count, bytes;
	struct base_error *error;
};

/* --- batches
 * ------------------------------------------------------------------------------- */

static enum base_failure
wait_for(struct importing *importing, size_t at)
{
	struct base_ticket *ticket = importing->tickets[at];
	if (!ticket)
		return BASE_OK;
	enum base_failure failure = base_ticket_wait(ticket);
	base_ticket_drop(ticket);
	importing->tickets[at] = NULL;
	if (failure)
		base_fail(importing->error, failure,
			"after %llu messages the store failed: %s",
			(unsigned long long)importing->stored, base_failure_name(failure));
	return failure;
}

static void
clear_batch(struct importing *importing)
{
	for (size_t i = 0; i < importing->batch_count; i++)
		post_incoming_destroy(importing->batch[i]);
	importing->batch_count = 0;
	importing->batch_bytes = 0;
}

static enum base_failure
store_batch(struct importing *importing)
{
	if (importing->batch_count == 0)
		return BASE_OK;
	size_t at = importing->next_ticket++ % TICKETS_AHEAD;
	enum base_failure failure = wait_for(importing, at);
	if (failure)
		return failure;
	importing->tickets[at] = post_append_messages(importing->mailbox, importing->batch,
		importing->appends, importing->batch_count, importing->error);
	if (!importing->tickets[at])
		return importing->error->failure;
	importing->stored += importing->batch_count;
	clear_batch(importing);
	return BASE_OK;
}

static enum base_failure
finish_batches(struct importing *importing)
{
	enum base_failure failure = store_batch(importing);
	for (size_t i = 0; i < TICKETS_AHEAD; i++) {
		enum base_failure one = wait_for(importing, i);
		failure = failure ? failure : one;
	}
	return failure;
}

/* --- mailboxes
 * ------------------------------------------------------------------------------- */

static enum base_failure
open_mailbox(struct importing *importing, struct slice name)
{
	struct base_error *error = importing->error;
	enum base_failure failure =
		post_mailbox_open(importing->account, name, &importing->mailbox);
	if (failure == BASE_NOT_FOUND) {
		failure = admin_wait(
			post_mailbox_create(importing->account, name, POST_USE_NONE, error),
			error);
		if (!failure)
			failure = post_mailbox_open(
				importing->account, name, &importing->mailbox);
	}
	if (failure && !error->text[0])
		base_fail(error, failure, "the mailbox \"%.*s\" can't be opened: %s",
			SLICE_ARG(name), base_failure_name(failure));
	return failure;
}

static enum base_failure
choose_mailbox(struct importing *importing)
{
	struct slice name = slice_absent(importing->only_mailbox) ? importing->path.mailbox
								  : importing->only_mailbox;
	if (importing->mailbox && slice_equal(name, importing->mailbox_name))
		return BASE_OK;
	enum base_failure failure = store_batch(importing);
	if (failure)
		return failure;
	post_mailbox_close(importing->mailbox);
	importing->mailbox = NULL;
	importing->mailbox_name = arena_copy(admin_arena(importing->call), name);
	return open_mailbox(importing, importing->mailbox_name);
}

/* --- one message
 * --------------------------------------------------------------------------------- */

static enum base_failure
add_bytes(void *argument, struct slice bytes)
{
	struct importing *importing = argument;
	if (!importing->refused)
		importing->refused = post_incoming_add(importing->incoming, bytes);
	return BASE_OK;
}

static void
begin_message(struct importing *importing, int64_t date)
{
	importing->incoming = post_incoming_create(admin_of(importing->call)->post);
	importing->converter = (struct wire_crlf_sink){
		.inner = {.write = add_bytes, .argument = importing}};
	importing->refused = BASE_OK;
	importing->date = date;
}

static void
refuse_message(struct importing *importing)
{
	admin_say(importing->call, "a message of %.*s was left out: %s",
		SLICE_ARG(importing->path.mailbox), base_failure_name(importing->refused));
	post_incoming_destroy(importing->incoming);
	importing->incoming = NULL;
	importing->refused_count++;
}

static void
add_to_batch(struct importing *importing)
{
	size_t at = importing->batch_count++;
	const struct admin_path *path = &importing->path;
	for (size_t i = 0; i < path->flag_count; i++)
		importing->flags[at][i] = path->flags[i];
	importing->batch[at] = importing->incoming;
	importing->appends[at] = (struct post_append){.flags = importing->flags[at],
		.flag_count = path->flag_count,
		.internal_date = importing->date};
	importing->batch_bytes += post_incoming_size(importing->incoming);
	importing->incoming = NULL;
}

static enum base_failure
end_message(struct importing *importing)
{
	if (post_incoming_size(importing->incoming) == 0) {
		post_incoming_destroy(importing->incoming);
		importing->incoming = NULL;
		return BASE_OK;
	}
	if (!importing->refused)
		importing->refused = post_incoming_seal(importing->incoming);
	if (importing->refused) {
		refuse_message(importing);
		return BASE_OK;
	}
	add_to_batch(importing);
	bool full = importing->batch_count == BATCH_MESSAGES ||
		    importing->batch_bytes >= BATCH_BYTES;
	return full ? store_batch(importing) : BASE_OK;
}

/* --- files
 * --------------------------------------------------------------------------------------------
 */

/* "anna@example.org Thu Nov 24 18:22:48 1986": the date stands behind the first blank. */
static enum base_failure
mbox_begin(void *argument, struct slice from)
{
	struct importing *importing = argument;
	struct wire_date date;
	struct slice rest = from;
	slice_cut(&rest, ' ');
	begin_message(importing, wire_date_parse(rest, &date) ? date.unix_time : 0);
	return BASE_OK;
}

static enum base_failure
mbox_bytes(void *argument, struct slice bytes)
{
	struct importing *importing = argument;
	struct wire_sink sink = wire_crlf_sink(&importing->converter);
	return sink.write(sink.argument, bytes);
}

static enum base_failure
mbox_end(void *argument)
{
	return end_message(argument);
}

static enum base_failure
read_mbox(struct importing *importing, struct slice first)
{
	SCOPED(wire_mbox_free)
	struct wire_mbox mbox = {.begin = mbox_begin,
		.bytes = mbox_bytes,
		.end = mbox_end,
		.argument = importing};
	char some[READ_AT_ONCE];
	wire_mbox_init(&mbox);
	enum base_failure failure = wire_mbox_add(&mbox, first);
	size_t got;
	while (!failure && (got = admin_file_read(importing->call, some, sizeof some)))
		failure = wire_mbox_add(&mbox, slice_of(some, got));
	return failure ? failure : wire_mbox_end(&mbox);
}

static enum base_failure
read_message(struct importing *importing, struct slice first, int64_t modified)
{
	char some[READ_AT_ONCE];
	size_t got;
	begin_message(importing, modified);
	struct wire_sink sink = wire_crlf_sink(&importing->converter);
	enum base_failure failure = sink.write(sink.argument, first);
	while (!failure && (got = admin_file_read(importing->call, some, sizeof some)))
		failure = sink.write(sink.argument, slice_of(some, got));
	return failure ? failure : end_message(importing);
}

/* A file without an ending is an mbox if it looks so, else one message. */
static enum base_failure
read_file(struct importing *importing, const struct admin_file *file)
{
	char some[READ_AT_ONCE];
	size_t got = admin_file_read(importing->call, some, sizeof some);
	struct slice first = slice_of(some, got);
	enum base_failure failure = choose_mailbox(importing);
	if (failure)
		return failure;
	if (!importing->path.is_maildir && slice_starts(first, SLICE("From ")))
		return read_mbox(importing, first);
	return read_message(importing, first, file->modified);
}

static void
tell_progress(struct importing *importing, uint64_t files)
{
	if (files % PROGRESS_EVERY == 0)
		admin_progress(importing->call, importing->bytes, 0, "bytes");
}

static enum base_failure
read_files(struct importing *importing)
{
	struct admin_file file;
	uint64_t files = 0;
	while (admin_file_next(importing->call, &file)) {
		if (admin_cancelled(importing->call))
			return base_fail(importing->error, BASE_CANCELLED,
				"stopped after %llu messages",
				(unsigned long long)importing->stored);
		arena_reset(importing->file);
		if (!admin_path_read(importing->file, file.path, &importing->path))
			continue;
		enum base_failure failure = read_file(importing, &file);
		if (failure)
			return failure;
		importing->bytes += file.size;
		tell_progress(importing, ++files);
	}
	return BASE_OK;
}

static void
release(struct importing *importing)
{
	for (size_t i = 0; i < TICKETS_AHEAD; i++)
		base_ticket_drop(importing->tickets[i]);
	clear_batch(importing);
	post_incoming_destroy(importing->incoming);
	post_mailbox_close(importing->mailbox);
	post_account_close(importing->account);
	arena_destroy(importing->file);
}

static enum base_failure
run_import(struct admin_call *call, struct base_error *error)
{
	struct post_account_info info;
	SCOPED(release)
	struct importing importing = {.call = call,
		.error = error,
		.only_mailbox = admin_argument(call, "mailbox"),
		.file = arena_create(ARENA_NO_CEILING)};
	enum base_failure failure =
		admin_account(call, admin_argument(call, "address"), &info, error);
	if (!failure)
		failure = post_account_open(
			admin_of(call)->post, info.id, &importing.account);
	if (!failure)
		failure = read_files(&importing);
	enum base_failure finished = finish_batches(&importing);
	failure = failure ? failure : finished;
	if (!failure)
		admin_say(call, "%llu messages are stored%s.",
			(unsigned long long)importing.stored,
			importing.refused_count ? ", some were left out" : "");
	return failure;
}

static const struct admin_argument arguments[] = {{.name = "address",
							  .kind = ADMIN_TEXT,
							  .help = "whose mail it becomes",
							  .completes = "account"},
	{.name = "path",
		.kind = ADMIN_PATH_IN,
		.help = "a Maildir, an mbox, an .eml file, or a folder of these"},
	{.name = "mailbox",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "put everything into this mailbox"},
	{0}};

const struct admin_operation admin_operation_import = {.name = "import",
	.help = "bring in mail from a Maildir, mbox or .eml files",
	.more = "Mailboxes that are missing are made. Flags and dates come along. "
		"Importing the "
		"same files twice stores them twice.",
	.arguments = arguments,
	.changes = true,
	.run = run_import};
