/* import: Maildir, mbox and .eml, as the command line sends them, into one account. */
#include "admin/maildir.h"
#include "admin/operation.h"
#include "admin/present.h"
#include "base/texts.h"
#include "wire/crlf-sink.h"
#include "wire/date.h"
#include "wire/mbox.h"

enum {
	BATCH_MESSAGES = 64,
	BATCH_BYTES = 4 * 1024 * 1024,
	TICKETS_AHEAD = 4,
	READ_AT_ONCE = 64 * 1024,
	KEYWORDS_FILE_MOST = 64 * 1024,
	FLAGS_MOST = ADMIN_MAILDIR_FLAGS_MOST + ADMIN_MAILDIR_KEYWORDS_MOST,
	LEFT_OUT_SAID = 100
};

struct importing {
	struct admin_call *call;
	struct post_account *account;
	struct slice only_mailbox; /* --mailbox, or absent */
	bool skips_present;        /* --skip-present */
	struct arena *file;        /* of one file */

	struct post_mailbox *mailbox;  /* of the batch */
	struct admin_present *present; /* in it; NULL without --skip-present */
	struct admin_presents presents;
	struct buffer mailbox_name;
	struct post_incoming *batch[BATCH_MESSAGES];
	struct post_append appends[BATCH_MESSAGES];
	struct slice flags[BATCH_MESSAGES][FLAGS_MOST];
	size_t batch_count;
	uint64_t batch_bytes;
	struct base_ticket *tickets[TICKETS_AHEAD];
	size_t next_ticket;

	/* dovecot-keywords, of the Maildir that is being read */
	struct arena *keywords_arena;
	struct slice keywords_folder;
	struct slice keywords[ADMIN_MAILDIR_KEYWORDS_MOST];

	/* the message that comes in */
	struct post_incoming *incoming;
	struct wire_crlf_sink converter;
	enum base_failure refused;
	bool has_nul;
	struct admin_path path;
	struct slice name; /* of the file, for sentences */
	int64_t date;

	uint64_t stored, left_out, passed_over, present_already, bytes;
	struct base_error *error;
};

/* The first ones are said one by one; all are counted. */
static void
leave_out(struct importing *importing, const char *why)
{
	if (importing->left_out++ < LEFT_OUT_SAID)
		admin_say(importing->call, "%.*s was left out: %s",
			SLICE_ARG(importing->name), why);
}

/* --- batches ---------------------------------------------------------------------------
 */

static enum base_failure
wait_for(struct importing *importing, size_t at)
{
	struct base_ticket *ticket = importing->tickets[at];
	if (!ticket)
		return BASE_OK;
	enum base_failure failure = base_ticket_await(ticket);
	importing->tickets[at] = NULL;
	if (failure)
		base_fail(importing->error, failure,
			"after %llu messages the store failed: %s",
			(unsigned long long)importing->stored, admin_why(failure));
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
not_taken(const struct importing *importing)
{
	const struct base_error why = *importing->error;
	return base_fail(importing->error, why.failure,
		"stopped after %llu messages: %.160s",
		(unsigned long long)importing->stored, why.text);
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
		return not_taken(importing);
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

/* --- mailboxes -------------------------------------------------------------------------
 */

static enum base_failure
open_mailbox(struct importing *importing, struct slice name, struct base_error *error)
{
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
	return failure;
}

static void
close_mailbox(struct importing *importing)
{
	post_mailbox_close(importing->mailbox);
	importing->mailbox = NULL;
	importing->present = NULL;
}

static enum base_failure
enter_mailbox(struct importing *importing, struct slice name, struct base_error *error)
{
	enum base_failure failure = open_mailbox(importing, name, error);
	if (!failure && importing->skips_present)
		failure = admin_present_of(&importing->presents, importing->call,
			importing->mailbox, &importing->present);
	if (failure)
		close_mailbox(importing);
	return failure;
}

/* What waits is durable first, so that who comes back to a mailbox sees it. */
static enum base_failure
leave_mailbox(struct importing *importing)
{
	enum base_failure failure = importing->skips_present ? finish_batches(importing)
							     : store_batch(importing);
	if (!failure)
		close_mailbox(importing);
	return failure;
}

/* *usable: false when there can be no mailbox of that name, and the file is left out. */
static enum base_failure
choose_mailbox(struct importing *importing, struct slice wanted, bool *usable)
{
	struct base_error why = {0};
	struct slice name =
		slice_absent(importing->only_mailbox) ? wanted : importing->only_mailbox;
	*usable = true;
	if (importing->mailbox && slice_equal(name, buffer_slice(&importing->mailbox_name)))
		return BASE_OK;
	enum base_failure failure = leave_mailbox(importing);
	if (failure)
		return failure;
	buffer_clear(&importing->mailbox_name);
	buffer_put(&importing->mailbox_name, name);
	failure = enter_mailbox(importing, name, &why);
	if (!failure)
		return BASE_OK;
	*usable = false;
	const char *reason = why.text[0] ? why.text : admin_why(failure);
	if (base_failure_is_temporary(failure) || !slice_absent(importing->only_mailbox))
		return base_fail(importing->error, failure,
			"the mailbox \"%.*s\" can't be opened: %s", SLICE_ARG(name),
			reason);
	leave_out(importing, reason);
	return BASE_OK;
}

/* --- one message -----------------------------------------------------------------------
 */

static enum base_failure
add_bytes(void *argument, struct slice bytes)
{
	struct importing *importing = argument;
	importing->has_nul |= slice_find_byte(bytes, '\0') < bytes.length;
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
	importing->has_nul = false;
	importing->date = date;
}

static void
drop_message(struct importing *importing)
{
	post_incoming_destroy(importing->incoming);
	importing->incoming = NULL;
}

static const char *
reason_of(enum base_failure failure)
{
	return failure == BASE_TOO_LARGE
		       ? BASE_TEXT("it is larger than limits.message_size")
		       : admin_why(failure);
}

/* Names of keywords outlive the batch: their arena is emptied only after it is stored. */
static size_t
flags_of(const struct importing *importing, struct slice flags[FLAGS_MOST])
{
	const struct admin_path *path = &importing->path;
	size_t count = 0;
	for (; count < path->flag_count; count++)
		flags[count] = path->flags[count];
	if (!slice_equal(importing->keywords_folder, path->folder))
		return count;
	for (size_t i = 0; i < ADMIN_MAILDIR_KEYWORDS_MOST; i++)
		if (path->keywords & UINT32_C(1) << i &&
			!slice_absent(importing->keywords[i]))
			flags[count++] = importing->keywords[i];
	return count;
}

static void
add_to_batch(struct importing *importing)
{
	size_t at = importing->batch_count++;
	importing->batch[at] = importing->incoming;
	importing->appends[at] = (struct post_append){.flags = importing->flags[at],
		.flag_count = flags_of(importing, importing->flags[at]),
		.has_date = importing->date != 0,
		.internal_date = importing->date};
	importing->batch_bytes += post_incoming_size(importing->incoming);
	importing->incoming = NULL;
}

static bool
is_present(struct importing *importing)
{
	struct store_hash hash = post_incoming_hash(importing->incoming);
	return importing->present && !admin_present_add(importing->present, &hash);
}

/* As of a literal8 (RFC 3516 4.4); NUL where nothing can encode it is kept nevertheless. */
static enum base_failure
seal(struct importing *importing)
{
	enum base_failure failure = BASE_OK;
	if (importing->has_nul)
		failure = post_incoming_encode(importing->incoming);
	return failure && failure != BASE_INVALID ? failure
						  : post_incoming_seal(importing->incoming);
}

static enum base_failure
end_message(struct importing *importing)
{
	if (post_incoming_size(importing->incoming) == 0 && !importing->refused) {
		drop_message(importing);
		return BASE_OK;
	}
	if (!importing->refused)
		importing->refused = seal(importing);
	if (importing->refused) {
		drop_message(importing);
		if (base_failure_is_temporary(importing->refused))
			return base_fail(importing->error, importing->refused,
				"after %llu messages the store failed: %s",
				(unsigned long long)importing->stored,
				admin_why(importing->refused));
		leave_out(importing, reason_of(importing->refused));
		return BASE_OK;
	}
	if (is_present(importing)) {
		importing->present_already++;
		drop_message(importing);
		return BASE_OK;
	}
	add_to_batch(importing);
	bool full = importing->batch_count == BATCH_MESSAGES ||
		    importing->batch_bytes >= BATCH_BYTES;
	return full ? store_batch(importing) : BASE_OK;
}

/* Half a message is none. */
static void
drop_part(struct importing *importing)
{
	drop_message(importing);
	if (!admin_files_broken(importing->call))
		leave_out(importing, "it could not be read to its end");
}

static enum base_failure
end_if_whole(struct importing *importing)
{
	if (admin_file_whole(importing->call))
		return end_message(importing);
	drop_part(importing);
	return BASE_OK;
}

/* --- files -----------------------------------------------------------------------------
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

/* What Thunderbird deleted, but has not compacted away yet, is not brought in again. */
static enum base_failure
mbox_end(void *argument)
{
	struct importing *importing = argument;
	struct admin_mbox_status status;
	admin_mbox_status(post_incoming_header(importing->incoming), &status);
	if (status.expunged) {
		drop_message(importing);
		return BASE_OK;
	}
	for (size_t i = 0; i < status.flag_count; i++)
		importing->path.flags[i] = status.flags[i];
	importing->path.flag_count = status.flag_count;
	return end_message(importing);
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
	if (failure || admin_file_whole(importing->call))
		return failure ? failure : wire_mbox_end(&mbox);
	drop_part(importing);
	return BASE_OK;
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
	return failure ? failure : end_if_whole(importing);
}

static enum base_failure
read_keywords(struct importing *importing)
{
	char some[READ_AT_ONCE];
	size_t got;
	SCOPED(buffer_free) struct buffer text = buffer_with(KEYWORDS_FILE_MOST);
	enum base_failure failure = store_batch(importing);
	if (failure)
		return failure;
	while ((got = admin_file_read(importing->call, some, sizeof some)))
		buffer_put(&text, slice_of(some, got));
	arena_reset(importing->keywords_arena);
	importing->keywords_folder =
		arena_copy(importing->keywords_arena, importing->path.folder);
	admin_maildir_keywords(arena_copy(importing->keywords_arena, buffer_slice(&text)),
		importing->keywords);
	return BASE_OK;
}

static bool
is_mbox(const struct importing *importing, struct slice first)
{
	return importing->path.kind != ADMIN_PATH_MAILDIR &&
	       slice_starts(first, SLICE("From "));
}

/* What editors leave in front of the first line. */
static struct slice
without_front(struct slice first)
{
	if (slice_starts(first, SLICE("\xef\xbb\xbf")))
		first = slice_from(first, 3);
	while (!slice_empty(first) && (first.data[0] == '\r' || first.data[0] == '\n'))
		first = slice_from(first, 1);
	return first;
}

static enum base_failure
read_mail(struct importing *importing, const struct admin_file *file)
{
	char some[READ_AT_ONCE];
	struct slice first =
		slice_of(some, admin_file_read(importing->call, some, sizeof some));
	struct slice text = without_front(first);
	bool mbox = is_mbox(importing, text), usable;
	if (slice_empty(first))
		return BASE_OK;
	if (importing->path.kind == ADMIN_PATH_FILE && !mbox &&
		!admin_looks_like_mail(first)) {
		importing->passed_over++;
		return BASE_OK;
	}
	enum base_failure failure = choose_mailbox(importing,
		mbox ? importing->path.mbox_mailbox : importing->path.mailbox, &usable);
	if (failure || !usable)
		return failure;
	return mbox ? read_mbox(importing, text)
		    : read_message(importing, first, file->modified);
}

static enum base_failure
read_file(struct importing *importing, const struct admin_file *file)
{
	arena_reset(importing->file);
	importing->name = file->path;
	admin_path_read(importing->file, file->path, &importing->path);
	switch (importing->path.kind) {
	case ADMIN_PATH_NO_MAIL:
		return BASE_OK;
	case ADMIN_PATH_KEYWORDS:
		return read_keywords(importing);
	default:
		return read_mail(importing, file);
	}
}

static enum base_failure
read_files(struct importing *importing)
{
	struct admin_file file;
	while (admin_file_next(importing->call, &file)) {
		if (admin_cancelled(importing->call))
			return BASE_CANCELLED;
		enum base_failure failure = read_file(importing, &file);
		if (failure)
			return failure;
		importing->bytes += file.size;
		admin_progress(importing->call, importing->bytes, 0, "bytes");
	}
	return admin_files_complete(importing->call) ? BASE_OK : BASE_CANCELLED;
}

static void
release(struct importing *importing)
{
	for (size_t i = 0; i < TICKETS_AHEAD; i++)
		base_ticket_drop(importing->tickets[i]);
	clear_batch(importing);
	post_incoming_destroy(importing->incoming);
	close_mailbox(importing);
	admin_presents_release(&importing->presents);
	post_account_close(importing->account);
	buffer_free(&importing->mailbox_name);
	arena_destroy(importing->file);
	arena_destroy(importing->keywords_arena);
}

/* What was stored stays, however it ended. */
static enum base_failure
tell_outcome(struct importing *importing, enum base_failure failure)
{
	unsigned long long stored = importing->stored, left_out = importing->left_out;
	if (failure == BASE_CANCELLED && !importing->error->text[0])
		return base_fail(importing->error, failure,
			"stopped before the end; %llu messages are stored", stored);
	if (failure)
		return failure;
	if (importing->passed_over)
		admin_say(importing->call, "%llu files that are no mail were passed over.",
			(unsigned long long)importing->passed_over);
	if (importing->present_already)
		admin_say(importing->call, "%llu messages were there already.",
			(unsigned long long)importing->present_already);
	if (left_out)
		return base_fail(importing->error, BASE_INVALID,
			"%llu messages are stored, %llu files or messages were left out",
			stored, left_out);
	admin_say(importing->call, "%llu messages are stored.", stored);
	return BASE_OK;
}

static enum base_failure
run_import(struct admin_call *call, struct base_error *error)
{
	struct post_account_info info;
	SCOPED(release)
	struct importing importing = {.call = call,
		.error = error,
		.only_mailbox = admin_argument(call, "mailbox"),
		.skips_present = admin_flag(call, "skip-present"),
		.mailbox_name = buffer_with(READ_AT_ONCE),
		.keywords_arena = arena_create(ARENA_NO_CEILING),
		.file = arena_create(ARENA_NO_CEILING)};
	enum base_failure failure =
		admin_account(call, admin_argument(call, "address"), &info, error);
	if (!failure)
		failure = post_account_open(
			admin_of(call)->post, info.id, &importing.account);
	if (failure)
		return failure;
	failure = read_files(&importing);
	enum base_failure finished = finish_batches(&importing);
	return tell_outcome(&importing, failure && failure != BASE_CANCELLED ? failure
					: finished                           ? finished
									     : failure);
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
	{.name = "skip-present",
		.kind = ADMIN_FLAG,
		.optional = true,
		.help = "leave out messages that are in their mailbox already"},
	{0}};

const struct admin_operation admin_operation_import = {.name = "import",
	.help = "bring in mail from a Maildir, mbox or .eml files",
	.more = "Mailboxes that are missing are made; flags, keywords and dates come "
		"along. "
		"Hidden files, index files and links are passed over. Importing the same "
		"files twice stores them twice, unless --skip-present is given: then a "
		"message that its mailbox holds already, byte for byte, is left out.",
	.arguments = arguments,
	.changes = true,
	.run = run_import};
