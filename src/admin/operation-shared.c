#include "admin/operation.h"

/* Accounts that belong to no person, and who may do what with any account's mailboxes. */

static enum base_failure
run_add(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address");
	return admin_done(call,
		post_account_add_shared(admin_of(call)->post, address, error), error,
		"%.*s is there; say who may use it: shared grant", SLICE_ARG(address));
}

static enum base_failure
open_account(
	struct admin_call *call, struct post_account **account, struct base_error *error)
{
	struct post_account_info info;
	enum base_failure failure =
		admin_account(call, admin_argument(call, "address"), &info, error);
	if (failure)
		return failure;
	failure = post_account_open(admin_of(call)->post, info.id, account);
	return failure ? base_fail(error, failure, "%s", admin_why(failure)) : BASE_OK;
}

/* "anyone", an address, or either with a dash before it: rights that are taken. */
static enum base_failure
find_who(struct admin_call *call, uint64_t *who, bool *negative, struct base_error *error)
{
	struct slice text = admin_argument(call, "who");
	*negative = slice_starts(text, SLICE("-"));
	if (*negative)
		text = slice_from(text, 1);
	enum base_failure failure = post_who_find(admin_of(call)->post, text, who);
	return failure ? base_fail(error, failure, "there is no account %.*s",
				 SLICE_ARG(slice_first(text, 128)))
		       : BASE_OK;
}

static enum base_failure
rights_of(struct admin_call *call, struct wire_rights_change *change,
	struct base_error *error)
{
	struct slice text = admin_argument(call, "rights");
	if (slice_equal(text, SLICE("none")))
		text = SLICE("");
	if (!wire_rights_change_of(text, change))
		return base_fail(error, BASE_INVALID,
			"rights are letters of lrswipkxtea, perhaps with + or - before "
			"them, or none");
	return BASE_OK;
}

static struct slice
mailbox_of(const struct admin_call *call)
{
	struct slice name = admin_argument(call, "mailbox");
	return slice_absent(name) ? SLICE("INBOX") : name;
}

static enum base_failure
run_grant(struct admin_call *call, struct base_error *error)
{
	struct post_account *account;
	struct wire_rights_change change;
	uint64_t who;
	bool negative;
	enum base_failure failure = rights_of(call, &change, error);
	failure = failure ? failure : find_who(call, &who, &negative, error);
	failure = failure ? failure : open_account(call, &account, error);
	if (failure)
		return failure;
	struct slice name = mailbox_of(call);
	failure = admin_done(call,
		post_mailbox_grant(account, name, who, negative, &change, error), error,
		"The rights in %.*s are changed.", SLICE_ARG(name));
	post_account_close(account);
	return failure;
}

static void
put_grant(struct admin_call *call, struct slice mailbox, const struct post_granted *grant)
{
	SCOPED(buffer_free) struct buffer rights = buffer_with(64);
	const struct slice who[] = {grant->negative ? SLICE("-") : SLICE(""), grant->who};
	wire_rights_put(&rights, grant->rights);
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("mailbox", mailbox),
		ADMIN_FIELD_OF_TEXT("who", arena_join(admin_arena(call), who, 2)),
		ADMIN_FIELD_OF_TEXT("rights", buffer_slice(&rights))};
	ADMIN_ROW(call, fields);
}

static void
put_grants(struct admin_call *call, struct post_account *account, struct slice mailbox)
{
	struct post_granted *grants;
	size_t count;
	if (post_mailbox_grants(account, mailbox, admin_arena(call), &grants, &count))
		return;
	for (size_t i = 0; i < count; i++)
		put_grant(call, mailbox, &grants[i]);
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct post_account *account;
	struct post_mailbox_info *mailboxes;
	enum base_failure failure = open_account(call, &account, error);
	if (failure)
		return failure;
	size_t count = post_mailboxes(account, admin_arena(call), &mailboxes);
	for (size_t i = 0; i < count; i++)
		put_grants(call, account, mailboxes[i].name);
	post_account_close(account);
	return BASE_OK;
}

static const struct admin_argument adding[] = {
	{.name = "address", .kind = ADMIN_TEXT, .help = "such as sales@example.org"}, {0}};
static const struct admin_argument granting[] = {{.name = "address",
							 .kind = ADMIN_TEXT,
							 .help = "whose mailbox it is",
							 .completes = "account"},
	{.name = "who",
		.kind = ADMIN_TEXT,
		.help = "an account, or anyone",
		.completes = "account"},
	{.name = "rights",
		.kind = ADMIN_TEXT,
		.help = "letters of RFC 4314, such as lrswite; +a adds, none takes all"},
	{.name = "mailbox",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "which mailbox; else INBOX"},
	{0}};
static const struct admin_argument listing[] = {{.name = "address",
							.kind = ADMIN_TEXT,
							.help = "whose mailboxes",
							.completes = "account"},
	{0}};

const struct admin_operation admin_operation_shared_add = {.name = "shared add",
	.help = "make an account that belongs to no person",
	.more = "Nobody signs in to it. Its mailboxes stand below \"Shared\" for whom they "
		"are "
		"granted to.",
	.arguments = adding,
	.changes = true,
	.run = run_add};
const struct admin_operation admin_operation_shared_grant = {.name = "shared grant",
	.help = "say what somebody may do with a mailbox",
	.more = "The same as SETACL in IMAP, for any account's mailboxes.",
	.arguments = granting,
	.changes = true,
	.run = run_grant};
const struct admin_operation admin_operation_shared_list = {.name = "shared list",
	.help = "show who may do what with an account's mailboxes",
	.arguments = listing,
	.run = run_list};
