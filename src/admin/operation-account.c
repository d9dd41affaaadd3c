#include "admin/operation.h"
#include <unistd.h>

/* The line that was read is a password, or, as the flag says, the hash of one. */
static enum base_failure
secret_of(struct admin_call *call, struct slice *secret, struct base_error *error)
{
	struct slice given = admin_argument(call, "password");
	if (admin_flag(call, "hash"))
		return door_secret_of_hash(given, admin_arena(call), secret, error);
	return door_secret_of_password(
		admin_of(call)->door, given, admin_arena(call), secret, error);
}

static enum base_failure
run_add(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address"), secret;
	enum base_failure failure = secret_of(call, &secret, error);
	if (failure)
		return failure;
	return admin_done(call,
		post_account_add(admin_of(call)->post, address, secret, error), error,
		"%.*s has a mailbox now.", SLICE_ARG(address));
}

static enum base_failure
run_password(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address"), secret;
	enum base_failure failure = secret_of(call, &secret, error);
	if (failure)
		return failure;
	return admin_done(call,
		post_account_set_secret(admin_of(call)->post, address, secret, error),
		error, "The password of %.*s is changed.", SLICE_ARG(address));
}

/* The chores erase the mail; nobody else may be there to do them. */
static enum base_failure
run_remove(struct admin_call *call, struct base_error *error)
{
	enum { LOOK_US = 20 * 1000 };
	struct post *post = admin_of(call)->post;
	struct slice address = admin_argument(call, "address");
	struct base_ticket *removed = post_account_remove(post, address, error);
	while (removed && !base_ticket_done(removed) && !admin_cancelled(call)) {
		post_chores(post);
		usleep(LOOK_US);
	}
	if (removed && !base_ticket_done(removed)) {
		base_ticket_drop(removed);
		return base_fail(error, BASE_CANCELLED,
			"stopped; %.*s is gone, what is left of its mail goes at the next "
			"start",
			SLICE_ARG(address));
	}
	return admin_done(
		call, removed, error, "%.*s and its mail are gone.", SLICE_ARG(address));
}

static enum base_failure
run_enable(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address");
	return admin_done(call,
		post_account_set_enabled(admin_of(call)->post, address, true, error), error,
		"%.*s may sign in and receive.", SLICE_ARG(address));
}

static enum base_failure
run_disable(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address");
	return admin_done(call,
		post_account_set_enabled(admin_of(call)->post, address, false, error),
		error, "%.*s can no longer sign in or receive.", SLICE_ARG(address));
}

/* What is not named stays as it is. */
static enum base_failure
quota_of(struct admin_call *call, const struct post_quota *now, struct post_quota *quota,
	struct base_error *error)
{
	enum base_failure failure =
		admin_size(call, "quota", now->bytes, &quota->bytes, error);
	if (!failure)
		failure = admin_number(
			call, "messages", now->messages, &quota->messages, error);
	return failure ? failure
		       : admin_number(call, "mailboxes", now->mailboxes, &quota->mailboxes,
				 error);
}

static enum base_failure
run_limit(struct admin_call *call, struct base_error *error)
{
	struct post_account_info info;
	struct post_quota quota;
	uint64_t letters;
	struct slice address = admin_argument(call, "address");
	enum base_failure failure = admin_account(call, address, &info, error);
	if (!failure)
		failure = quota_of(call, &info.quota, &quota, error);
	if (!failure)
		failure = admin_number(
			call, "letters-per-hour", info.letters_per_hour, &letters, error);
	if (!failure && letters > UINT32_MAX)
		failure = base_fail(
			error, BASE_INVALID, "--letters-per-hour: that is too many");
	if (failure)
		return failure;
	return admin_done(call,
		post_account_set_limits(
			admin_of(call)->post, address, &quota, (uint32_t)letters, error),
		error, "The limits of %.*s are set.", SLICE_ARG(address));
}

/* Names as they stand in CAPABILITY, in capitals, each once more parted by one blank. */
static enum base_failure
names_of(struct admin_call *call, struct slice given, struct slice *names,
	struct base_error *error)
{
	SCOPED(buffer_free) struct buffer made = buffer_with(given.length + 1);
	for (struct slice rest = slice_trim(given); !slice_absent(rest);) {
		struct slice name = slice_cut(&rest, ' ');
		for (size_t i = 0; i < name.length; i++)
			if (name.data[i] <= ' ' || name.data[i] >= 0x7f)
				return base_fail(error, BASE_INVALID,
					"that is no list of IMAP extensions");
		if (slice_empty(name))
			continue;
		if (made.length)
			buffer_put_byte(&made, ' ');
		buffer_put(&made, name);
	}
	*names = arena_copy(admin_arena(call), buffer_slice(&made));
	return BASE_OK;
}

static enum base_failure
run_hide(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address"), names = SLICE_NONE;
	enum base_failure failure =
		names_of(call, admin_argument(call, "extensions"), &names, error);
	if (failure)
		return failure;
	return admin_done(call,
		post_account_set_hidden(admin_of(call)->post, address, names, error), error,
		"What the IMAP clients of %.*s are told of is set, for sessions from now "
		"on.",
		SLICE_ARG(address));
}

static void
put_account(struct admin_call *call, const struct post_account_info *info)
{
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("address", info->address),
		ADMIN_FIELD_OF_SWITCH("enabled", info->enabled),
		ADMIN_FIELD_OF_NUMBER("messages", info->used.messages),
		ADMIN_FIELD_OF_NUMBER("used_bytes", info->used.bytes),
		ADMIN_FIELD_OF_NUMBER("quota_bytes", info->quota.bytes),
		ADMIN_FIELD_OF_NUMBER("letters_per_hour", info->letters_per_hour),
		ADMIN_FIELD_OF_TEXT("hidden", info->hidden)};
	ADMIN_ROW(call, fields);
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct post_account_info *accounts;
	struct slice domain = admin_argument(call, "domain");
	enum base_failure failure = admin_domain(call, domain, error);
	if (failure)
		return failure;
	size_t count =
		post_accounts(admin_of(call)->post, domain, admin_arena(call), &accounts);
	for (size_t i = 0; i < count; i++)
		put_account(call, &accounts[i]);
	return BASE_OK;
}

static void
put_mailbox(struct admin_call *call, struct post_account *account,
	const struct post_mailbox_info *mailbox)
{
	struct post_status status;
	if (!mailbox->selectable || post_mailbox_status(account, mailbox->name, &status))
		return;
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("mailbox", mailbox->name),
		ADMIN_FIELD_OF_NUMBER("messages", status.messages),
		ADMIN_FIELD_OF_NUMBER("unseen", status.unseen),
		ADMIN_FIELD_OF_NUMBER("bytes", status.size_bytes)};
	ADMIN_ROW(call, fields);
}

static enum base_failure
run_show(struct admin_call *call, struct base_error *error)
{
	struct post_account_info info;
	struct post_account *account;
	struct post_mailbox_info *mailboxes;
	enum base_failure failure =
		admin_account(call, admin_argument(call, "address"), &info, error);
	if (!failure)
		failure = post_account_open(admin_of(call)->post, info.id, &account);
	if (failure)
		return failure;
	size_t count = post_mailboxes(account, admin_arena(call), &mailboxes);
	for (size_t i = 0; i < count; i++)
		put_mailbox(call, account, &mailboxes[i]);
	post_account_close(account);
	return BASE_OK;
}

static const struct admin_argument one_account[] = {
	{.name = "address",
		.kind = ADMIN_TEXT,
		.help = "such as anna@example.org",
		.completes = "account"},
	{0}};
static const struct admin_argument with_password[] = {
	{.name = "address",
		.kind = ADMIN_TEXT,
		.help = "such as anna@example.org",
		.completes = "account"},
	{.name = "hash",
		.kind = ADMIN_FLAG,
		.optional = true,
		.help = "what is asked for is a hash from elsewhere: $argon2id$…, $6$…, "
			"{BLF-CRYPT}…"},
	{.name = "password", .kind = ADMIN_SECRET, .help = "the password"}, {0}};
static const struct admin_argument limits[] = {{.name = "address",
						       .kind = ADMIN_TEXT,
						       .help = "such as anna@example.org",
						       .completes = "account"},
	{.name = "quota",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "how much it may hold, such as 2G; 0: any"},
	{.name = "messages",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "how many messages it may hold; 0: any number"},
	{.name = "mailboxes",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "how many mailboxes it may have, its first ones among them; 0: as "
			"many as the server allows"},
	{.name = "letters-per-hour",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "how many recipients it may write to in an hour; 0: the server's "
			"limit"},
	{0}};
static const struct admin_argument hiding[] = {{.name = "address",
						       .kind = ADMIN_TEXT,
						       .help = "such as anna@example.org",
						       .completes = "account"},
	{.name = "extensions",
		.kind = ADMIN_TEXT,
		.optional = true,
		.help = "such as \"UIDONLY NOTIFY\"; none: all are told"},
	{0}};
static const struct admin_argument listing[] = {{.name = "domain",
							.kind = ADMIN_TEXT,
							.optional = true,
							.help = "only of this domain",
							.completes = "domain"},
	{0}};

const struct admin_operation admin_operation_account_add = {.name = "account add",
	.help = "make an account with a mailbox",
	.more = "The password is asked for twice on a terminal, or read from one line of "
		"standard input.",
	.arguments = with_password,
	.changes = true,
	.run = run_add};
const struct admin_operation admin_operation_account_password = {.name = "account password",
	.help = "change the password of an account",
	.more = "The password is asked for twice on a terminal, or read from one line of "
		"standard input. Sessions that are signed in go on.",
	.arguments = with_password,
	.changes = true,
	.run = run_password};
const struct admin_operation admin_operation_account_remove = {.name = "account remove",
	.help = "remove an account and all its mail",
	.more = "At once, and for good. \"account disable\" keeps the mail.",
	.arguments = one_account,
	.changes = true,
	.run = run_remove};
const struct admin_operation admin_operation_account_enable = {.name = "account enable",
	.help = "let an account sign in and receive again",
	.arguments = one_account,
	.changes = true,
	.run = run_enable};
const struct admin_operation admin_operation_account_disable = {.name = "account disable",
	.help = "keep an account from signing in and receiving",
	.arguments = one_account,
	.changes = true,
	.run = run_disable};
const struct admin_operation admin_operation_account_limit = {.name = "account limit",
	.help = "set what an account may hold and send",
	.arguments = limits,
	.changes = true,
	.run = run_limit};
const struct admin_operation admin_operation_account_hide = {.name = "account hide",
	.help = "keep IMAP extensions from the clients of an account",
	.more = "For a client that uses what it does not understand. imap.hide does so for "
		"all accounts, imap.client for clients by their name.",
	.arguments = hiding,
	.changes = true,
	.run = run_hide};
const struct admin_operation admin_operation_account_list = {.name = "account list",
	.help = "show the accounts",
	.arguments = listing,
	.run = run_list};
const struct admin_operation admin_operation_account_show = {.name = "account show",
	.help = "show an account's mailboxes",
	.arguments = one_account,
	.run = run_show};
