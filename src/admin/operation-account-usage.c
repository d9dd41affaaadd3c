#include "admin/operation.h"

/* What an account holds and sends, and may. */

static void
put_usage(struct admin_call *call, const char *what, uint64_t used, uint64_t limit)
{
	const struct admin_field fields[] = {
		ADMIN_FIELD_OF_TEXT("what", slice_of_text(what)),
		ADMIN_FIELD_OF_NUMBER("used", used),
		ADMIN_FIELD_OF_NUMBER("allowed", limit)};
	ADMIN_ROW(call, fields);
}

static enum base_failure
run_usage(struct admin_call *call, struct base_error *error)
{
	struct post_account_info info;
	struct post_usage used;
	uint64_t mailboxes;
	struct post *post = admin_of(call)->post;
	enum base_failure failure =
		admin_account(call, admin_argument(call, "address"), &info, error);
	failure = failure ? failure : post_account_usage(post, info.id, &used);
	failure = failure ? failure : post_mailboxes_count(post, info.id, &mailboxes);
	if (failure)
		return failure;
	put_usage(call, "bytes", used.bytes, info.quota.bytes);
	put_usage(call, "messages", used.messages, info.quota.messages);
	put_usage(call, "mailboxes", mailboxes, info.quota.mailboxes);
	return BASE_OK;
}

static const struct admin_argument arguments[] = {{.name = "address",
							  .kind = ADMIN_TEXT,
							  .help = "such as "
								  "anna@example.org",
							  .completes = "account"},
	{0}};

const struct admin_operation admin_operation_account_usage = {.name = "account usage",
	.help = "show what an account holds, and what it may hold",
	.more = "Where 0 is allowed, there is no limit. \"troika account limit\" sets "
		"them.",
	.arguments = arguments,
	.run = run_usage};
