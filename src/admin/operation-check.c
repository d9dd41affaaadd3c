#include "admin/operation.h"

enum { PROBLEMS_SHOWN = 200 };

struct finding {
	struct admin_call *call;
	uint64_t count;
	uint64_t of, accounts; /* for the progress */
};

static void
problem(void *argument, const char *sentence)
{
	struct finding *finding = argument;
	if (finding->count++ < PROBLEMS_SHOWN)
		admin_say(finding->call, "%s", sentence);
}

static bool
blob_seen(void *argument, const struct store_verdict *so_far)
{
	struct finding *finding = argument;
	admin_progress(finding->call, so_far->kept_bytes, finding->of, "bytes");
	return !admin_cancelled(finding->call);
}

static bool
account_seen(void *argument)
{
	struct finding *finding = argument;
	admin_progress(finding->call, ++finding->accounts, 0, "accounts");
	return !admin_cancelled(finding->call);
}

static enum base_failure
check_store(struct finding *finding)
{
	struct store *store = admin_of(finding->call)->store;
	struct store_verdict verdict;
	struct store_stats stats;
	store_stats(store, &stats);
	finding->of = stats.kept_bytes;
	enum base_failure failure =
		store_verify_while(store, problem, blob_seen, finding, &verdict);
	if (failure)
		return failure;
	const struct admin_field fields[] = {ADMIN_FIELD_OF_NUMBER("keys", verdict.keys),
		ADMIN_FIELD_OF_NUMBER("blobs", verdict.blobs),
		ADMIN_FIELD_OF_NUMBER("blob_bytes", verdict.blob_bytes),
		ADMIN_FIELD_OF_NUMBER("damaged", verdict.damaged),
		ADMIN_FIELD_OF_NUMBER("missing", verdict.missing),
		ADMIN_FIELD_OF_NUMBER("unreferenced", verdict.unreferenced)};
	ADMIN_ROW(finding->call, fields);
	return BASE_OK;
}

static enum base_failure
check_mail(struct finding *finding)
{
	const struct admin *admin = admin_of(finding->call);
	struct post_verdict verdict;
	uint64_t rows = 0;
	enum base_failure failure =
		post_check_while(admin->post, problem, account_seen, finding, &verdict);
	if (!failure)
		failure = relay_check(admin->relay, problem, finding, &rows);
	if (failure)
		return failure;
	const struct admin_field fields[] = {
		ADMIN_FIELD_OF_NUMBER("accounts", verdict.accounts),
		ADMIN_FIELD_OF_NUMBER("mailboxes", verdict.mailboxes),
		ADMIN_FIELD_OF_NUMBER("messages", verdict.messages),
		ADMIN_FIELD_OF_NUMBER("queued", rows),
		ADMIN_FIELD_OF_NUMBER("problems", finding->count)};
	ADMIN_ROW(finding->call, fields);
	return BASE_OK;
}

static enum base_failure
run_check(struct admin_call *call, struct base_error *error)
{
	struct finding finding = {.call = call};
	enum base_failure failure = check_store(&finding);
	if (!failure)
		failure = check_mail(&finding);
	if (failure == BASE_CANCELLED)
		return base_fail(error, failure, "stopped before the end");
	if (failure)
		return base_fail(error, failure, "the check could not go on: %s",
			admin_why(failure));
	if (!finding.count) {
		admin_say(call, "All is whole.");
		return BASE_OK;
	}
	return base_fail(error, BASE_DAMAGED,
		"%llu problems; keep a copy of the data folder before anything else",
		(unsigned long long)finding.count);
}

static enum base_failure
run_status(struct admin_call *call, struct base_error *error)
{
	struct store_stats stats;
	struct post_domain_info *domains;
	const struct admin *admin = admin_of(call);
	uint64_t accounts = 0;
	size_t count = post_domain_infos(admin->post, admin_arena(call), &domains);
	(void)error;
	for (size_t i = 0; i < count; i++)
		accounts += domains[i].accounts;
	store_stats(admin->store, &stats);
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("host", admin->host_name),
		ADMIN_FIELD_OF_NUMBER("sessions", net_session_count(admin->net)),
		ADMIN_FIELD_OF_NUMBER("domains", count),
		ADMIN_FIELD_OF_NUMBER("accounts", accounts),
		ADMIN_FIELD_OF_NUMBER("queued", relay_count(admin->relay)),
		ADMIN_FIELD_OF_NUMBER("blob_bytes", stats.kept_bytes),
		ADMIN_FIELD_OF_NUMBER("free_bytes", stats.free_bytes)};
	ADMIN_ROW(call, fields);
	return BASE_OK;
}

static const struct admin_argument none[] = {{0}};

const struct admin_operation admin_operation_check = {.name = "check",
	.help = "read everything that is stored and say what is damaged",
	.more = "Reads all mail: this takes a while, and does not disturb the server.",
	.arguments = none,
	.run = run_check};
const struct admin_operation admin_operation_status = {.name = "status",
	.help = "show how the server is",
	.arguments = none,
	.run = run_status};
