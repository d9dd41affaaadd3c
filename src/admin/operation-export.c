/* export: an account's mail as Maildir++, mbox or .eml, written by the command line. */
#include "admin/maildir.h"
#include "admin/operation.h"
#include "wire/date.h"
#include "wire/mbox.h"

enum { PIECE = 64 * 1024 };

struct exporting {
	struct admin_call *call;
	struct post_account *account;
	struct arena *message; /* of one message */
	struct slice format;
	struct slice mailbox;
	struct slice place; /* of the mailbox in the folder: a folder, or a file for mbox */
	struct map *places; /* those taken */
	const struct post_view *view;
	uint64_t written, of;
	struct base_error *error;
	/* the line that is being written */
	struct buffer out;
	bool at_line_start;
	bool after_cr;
};

/* --- bytes: CRLF to LF, and mboxrd's quotes ---------------------------------------------
 */

static enum base_failure
flush(struct exporting *exporting)
{
	enum base_failure failure =
		admin_file_write(exporting->call, buffer_slice(&exporting->out));
	buffer_clear(&exporting->out);
	return failure;
}

/* A CR is held back until it is known whether an LF follows. */
static void
put_unix_line(struct exporting *exporting, struct slice line)
{
	if (exporting->after_cr && !slice_equal(line, SLICE("\n")))
		buffer_put_byte(&exporting->out, '\r');
	exporting->after_cr = false;
	if (slice_ends(line, SLICE("\r\n"))) {
		buffer_put(&exporting->out, slice_first(line, line.length - 2));
		buffer_put_byte(&exporting->out, '\n');
	} else if (slice_ends(line, SLICE("\r"))) {
		buffer_put(&exporting->out, slice_first(line, line.length - 1));
		exporting->after_cr = true;
	} else {
		buffer_put(&exporting->out, line);
	}
}

static void
put_lines(struct exporting *exporting, struct slice bytes, bool quote)
{
	while (bytes.length) {
		size_t end = slice_find_byte(bytes, '\n');
		struct slice line = slice_first(bytes, end + 1);
		if (quote && exporting->at_line_start && wire_mbox_needs_quote(line))
			buffer_put_byte(&exporting->out, '>');
		put_unix_line(exporting, line);
		exporting->at_line_start = end < bytes.length;
		bytes = slice_from(bytes, line.length);
	}
}

static void
close_source(struct base_source **source)
{
	if (*source)
		(*source)->close(*source);
}

static enum base_failure
unreadable(struct exporting *exporting, uint32_t uid, enum base_failure failure)
{
	return base_fail(exporting->error, failure,
		"message %u of \"%.*s\" can't be read: %s", uid,
		SLICE_ARG(exporting->mailbox), admin_why(failure));
}

static enum base_failure
write_bytes(struct exporting *exporting, const struct post_message *message, bool quote)
{
	SCOPED(close_source) struct base_source *source = NULL;
	char piece[PIECE];
	size_t got;
	bool as_it_is = slice_equal(exporting->format, SLICE("eml"));
	enum base_failure failure =
		post_message_source(exporting->view, message, 0, message->size, &source);
	exporting->at_line_start = true;
	exporting->after_cr = false;
	while (!failure && (got = source->pull(source, piece, sizeof piece))) {
		if (got == BASE_SOURCE_FAILED)
			return unreadable(exporting, message->uid, BASE_DAMAGED);
		if (as_it_is)
			buffer_put(&exporting->out, slice_of(piece, got));
		else
			put_lines(exporting, slice_of(piece, got), quote);
		failure = flush(exporting);
	}
	return failure;
}

/* --- formats ----------------------------------------------------------------------------
 */

/* Names of flags, and the letters of keywords as dovecot-keywords has them. */
static size_t
flag_names(const struct exporting *exporting, uint32_t uid,
	struct slice names[POST_FLAG_NUMBERS], uint32_t *keywords)
{
	struct post_flags flags = post_view_flags(exporting->view, uid);
	size_t count = 0;
	*keywords = 0;
	for (unsigned number = 0; number < POST_FLAG_NUMBERS; number++) {
		if (!post_flags_has(&flags, number))
			continue;
		names[count++] = post_flag_name(exporting->view, number);
		if (number >= POST_KEYWORD_FIRST &&
			number < POST_KEYWORD_FIRST + ADMIN_MAILDIR_KEYWORDS_MOST)
			*keywords |= UINT32_C(1) << (number - POST_KEYWORD_FIRST);
	}
	return count;
}

static struct slice
in_place(struct exporting *exporting, struct slice name)
{
	struct slice place = exporting->place;
	return arena_printf(exporting->message, "%.*s%s%.*s", SLICE_ARG(place),
		slice_empty(place) ? "" : "/", SLICE_ARG(name));
}

static struct slice
maildir_path(struct exporting *exporting, const struct post_message *message)
{
	struct slice names[POST_FLAG_NUMBERS];
	uint32_t keywords;
	size_t count = flag_names(exporting, message->uid, names, &keywords);
	struct slice letters =
		admin_maildir_flags(exporting->message, names, count, keywords);
	struct slice name = arena_printf(exporting->message, "cur/%lld.U%u.troika:2,%.*s",
		(long long)message->internal_date, message->uid, SLICE_ARG(letters));
	return in_place(exporting, name);
}

static enum base_failure
write_file(
	struct exporting *exporting, const struct post_message *message, struct slice path)
{
	enum base_failure failure =
		admin_file_begin(exporting->call, path, message->internal_date);
	if (!failure)
		failure = write_bytes(exporting, message, false);
	if (!failure)
		failure = admin_file_end(exporting->call);
	return failure;
}

/* RFC 4155: "From sender Thu Nov 24 18:22:48 2026", the date in UTC as asctime writes it.
 */
static void
put_from_line(struct exporting *exporting, const struct post_message *message)
{
	char date[64];
	struct tm broken;
	time_t moment = (time_t)message->internal_date;
	gmtime_r(&moment, &broken);
	strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &broken);
	buffer_printf(&exporting->out, "From MAILER-DAEMON %s\n", date);
}

static enum base_failure
write_mbox_message(struct exporting *exporting, const struct post_message *message)
{
	put_from_line(exporting, message);
	enum base_failure failure = write_bytes(exporting, message, true);
	buffer_put_text(&exporting->out, exporting->at_line_start ? "\n" : "\n\n");
	return failure ? failure : flush(exporting);
}

static enum base_failure
write_message(struct exporting *exporting, uint32_t uid)
{
	struct post_message message;
	enum base_failure failure =
		post_message_read(exporting->view, uid, exporting->message, &message);
	if (failure)
		return unreadable(exporting, uid, failure);
	if (slice_equal(exporting->format, SLICE("mbox")))
		return write_mbox_message(exporting, &message);
	if (slice_equal(exporting->format, SLICE("eml")))
		return write_file(exporting, &message,
			in_place(exporting,
				arena_printf(exporting->message, "%u.eml", uid)));
	return write_file(exporting, &message, maildir_path(exporting, &message));
}

/* --- mailboxes --------------------------------------------------------------------------
 */

static enum base_failure
write_messages(struct exporting *exporting)
{
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(post_view_uids(exporting->view));
	for (uint32_t uid; (uid = post_uids_cursor_next(walk));) {
		if (admin_cancelled(exporting->call))
			return base_fail(exporting->error, BASE_CANCELLED,
				"stopped after %llu messages",
				(unsigned long long)exporting->written);
		enum base_failure failure = write_message(exporting, uid);
		if (failure)
			return failure;
		arena_reset(exporting->message);
		admin_progress(
			exporting->call, ++exporting->written, exporting->of, "messages");
	}
	return BASE_OK;
}

static enum base_failure
write_keywords(struct exporting *exporting)
{
	unsigned count = post_view_keywords(exporting->view);
	if (count == 0)
		return BASE_OK;
	if (count > ADMIN_MAILDIR_KEYWORDS_MOST)
		admin_say(exporting->call,
			"\"%.*s\" has %u keywords; a Maildir has letters for 26, the "
			"others "
			"are left out",
			SLICE_ARG(exporting->mailbox), count);
	for (unsigned i = 0; i < count && i < ADMIN_MAILDIR_KEYWORDS_MOST; i++)
		buffer_printf(&exporting->out, "%u %.*s\n", i,
			SLICE_ARG(post_view_keyword(exporting->view, i)));
	enum base_failure failure = admin_file_begin(
		exporting->call, in_place(exporting, SLICE("dovecot-keywords")), 0);
	if (!failure)
		failure = flush(exporting);
	return failure ? failure : admin_file_end(exporting->call);
}

static enum base_failure
write_mbox(struct exporting *exporting)
{
	enum base_failure failure = admin_file_begin(exporting->call,
		arena_printf(exporting->message, "%.*s.mbox", SLICE_ARG(exporting->place)),
		0);
	if (!failure)
		failure = write_messages(exporting);
	return failure ? failure : admin_file_end(exporting->call);
}

static enum base_failure
write_mailbox(struct exporting *exporting)
{
	enum base_failure failure = BASE_OK;
	if (slice_equal(exporting->format, SLICE("mbox")))
		return write_mbox(exporting);
	if (slice_equal(exporting->format, SLICE("maildir")))
		failure = write_keywords(exporting);
	return failure ? failure : write_messages(exporting);
}

static struct slice
place_of(const struct exporting *exporting, struct slice mailbox)
{
	struct arena *arena = admin_arena(exporting->call);
	if (slice_equal(exporting->format, SLICE("mbox")))
		return admin_mbox_path(arena, mailbox);
	if (slice_equal(exporting->format, SLICE("eml")))
		return admin_eml_folder(arena, mailbox);
	return admin_maildir_folder(arena, mailbox);
}

/* Two names may be one on disk, as "a.b" and "a_b" in a Maildir: a hash tells them apart.
 */
static void
take_place(struct exporting *exporting, struct slice mailbox)
{
	static const uint8_t key[16] = {0};
	exporting->mailbox = mailbox;
	exporting->place = place_of(exporting, mailbox);
	if (map_put(exporting->places, exporting->place, exporting))
		exporting->place = arena_printf(admin_arena(exporting->call),
			"%.*s~%016llx", SLICE_ARG(exporting->place),
			(unsigned long long)base_siphash(mailbox, key));
}

static enum base_failure
export_mailbox(struct exporting *exporting, struct slice name)
{
	struct post_mailbox *mailbox;
	enum base_failure failure = post_mailbox_open(exporting->account, name, &mailbox);
	if (failure)
		return base_fail(exporting->error, failure,
			"the mailbox \"%.*s\" can't be opened: %s", SLICE_ARG(name),
			admin_why(failure));
	SCOPED(post_view_release) struct post_view *view = post_view_newest(mailbox);
	take_place(exporting, name);
	exporting->view = view;
	failure = write_mailbox(exporting);
	exporting->view = NULL;
	post_mailbox_close(mailbox);
	return failure;
}

static enum base_failure
export_all(struct exporting *exporting)
{
	struct post_mailbox_info *mailboxes;
	size_t count = post_mailboxes(
		exporting->account, admin_arena(exporting->call), &mailboxes);
	for (size_t i = 0; i < count; i++) {
		if (!mailboxes[i].selectable)
			continue;
		enum base_failure failure = export_mailbox(exporting, mailboxes[i].name);
		if (failure)
			return failure;
	}
	return BASE_OK;
}

static enum base_failure
check_format(struct exporting *exporting)
{
	static const struct slice formats[] = {
		SLICE_INIT("maildir"), SLICE_INIT("mbox"), SLICE_INIT("eml")};
	if (slice_absent(exporting->format))
		exporting->format = formats[0];
	for (size_t i = 0; i < 3; i++)
		if (slice_equal(exporting->format, formats[i]))
			return BASE_OK;
	return base_fail(
		exporting->error, BASE_INVALID, "--format is maildir, mbox or eml");
}

static void
release(struct exporting *exporting)
{
	post_account_close(exporting->account);
	arena_destroy(exporting->message);
	map_destroy(exporting->places);
	buffer_free(&exporting->out);
}

static enum base_failure
run_export(struct admin_call *call, struct base_error *error)
{
	struct post_account_info info;
	struct slice only = admin_argument(call, "mailbox");
	SCOPED(release)
	struct exporting exporting = {.call = call,
		.error = error,
		.format = admin_argument(call, "format"),
		.message = arena_create(ARENA_NO_CEILING),
		.places = map_create(),
		.out = buffer_with(4 * PIECE)};
	enum base_failure failure = check_format(&exporting);
	if (!failure)
		failure =
			admin_account(call, admin_argument(call, "address"), &info, error);
	if (!failure)
		failure = post_account_open(
			admin_of(call)->post, info.id, &exporting.account);
	if (failure)
		return failure;
	exporting.of = info.used.messages;
	failure = slice_absent(only) ? export_all(&exporting)
				     : export_mailbox(&exporting, only);
	if (!failure)
		admin_say(call, "%llu messages are written.",
			(unsigned long long)exporting.written);
	return failure;
}

static const struct admin_argument arguments[] = {{.name = "address",
							  .kind = ADMIN_TEXT,
							  .help = "whose mail",
							  .completes = "account"},
	{.name = "path",
		.kind = ADMIN_PATH_OUT,
		.help = "a folder that is empty or not there yet"},
	{.name = "format",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "maildir (default), mbox or eml"},
	{.name = "mailbox",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "only this mailbox"},
	{0}};

const struct admin_operation admin_operation_export = {.name = "export",
	.help = "write an account's mail into a folder",
	.more = "Maildir keeps flags, keywords (26 a mailbox) and dates; mbox and eml keep "
		"dates. Where a mailbox's name can't be the name of a file, as with dots "
		"in a "
		"Maildir, \"_\" stands in it.",
	.arguments = arguments,
	.run = run_export};
