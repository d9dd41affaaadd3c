#include "admin/operation.h"

enum { PROBLEMS_SHOWN = 200 };

struct finding {
	struct admin_call *call;
	uint64_t count;
};

static void
problem(void *argument, const char *sentence)
{
	struct finding *finding = argument;
	if (finding->count++ < PROBLEMS_SHOWN)
		admin_say(finding->call, "%s", sentence);
}

static enum base_failure
check_store(struct admin_call *call, struct finding *finding)
{
	struct store_verdict verdict;
	enum base_failure failure =
		store_verify(admin_of(call)->store, problem, finding, &verdict);
	if (failure)
		return failure;
	const struct admin_field fields[] = {ADMIN_FIELD_OF_NUMBER("keys", verdict.keys),
		ADMIN_FIELD_OF_NUMBER("blobs", verdict.blobs),
		ADMIN_FIELD_OF_NUMBER("blob_bytes", verdict.blob_bytes),
		ADMIN_FIELD_OF_NUMBER("damaged", verdict.damaged),
		ADMIN_FIELD_OF_NUMBER("missing", verdict.missing),
		ADMIN_FIELD_OF_NUMBER("unreferenced", verdict.unreferenced)};
	ADMIN_ROW(call, fields);
	return BASE_OK;
}

static enum base_failure
check_mail(struct admin_call *call, struct finding *finding)
{
	struct post_verdict verdict;
	uint64_t rows = 0;
	enum base_failure failure =
		post_check(admin_of(call)->post, problem, finding, &verdict);
	if (!failure)
		failure = relay_check(admin_of(call)->relay, problem, finding, &rows);
	if (failure)
		return failure;
	const struct admin_field fields[] = {
		ADMIN_FIELD_OF_NUMBER("accounts", verdict.accounts),
		ADMIN_FIELD_OF_NUMBER("mailboxes", verdict.mailboxes),
		ADMIN_FIELD_OF_NUMBER("messages", verdict.messages),
		ADMIN_FIELD_OF_NUMBER("queued", rows),
		ADMIN_FIELD_OF_NUMBER("problems", finding->count)};
	ADMIN_ROW(call, fields);
	return BASE_OK;
}

static enum base_failure
run_check(struct admin_call *call, struct base_error *error)
{
	struct finding finding = {.call = call};
	enum base_failure failure = check_store(call, &finding);
	if (!failure)
		failure = check_mail(call, &finding);
	if (!failure && finding.count)
		return base_fail(error, BASE_DAMAGED,
			"%llu problems; keep a copy of the data folder before anything "
			"else",
			(unsigned long long)finding.count);
	return failure;
}

static enum base_failure
run_status(struct admin_call *call, struct base_error *error)
{
	struct store_stats stats;
	struct arena *arena = admin_arena(call);
	struct post_account_info *accounts;
	struct relay_row *rows;
	struct slice *domains;
	const struct admin *admin = admin_of(call);
	(void)error;
	store_stats(admin->store, &stats);
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("host", admin->host_name),
		ADMIN_FIELD_OF_NUMBER("sessions", net_session_count(admin->net)),
		ADMIN_FIELD_OF_NUMBER(
			"domains", post_domains(admin->post, arena, &domains)),
		ADMIN_FIELD_OF_NUMBER("accounts",
			post_accounts(admin->post, SLICE_NONE, arena, &accounts)),
		ADMIN_FIELD_OF_NUMBER("queued",
			relay_list(admin->relay, &(struct relay_choice){.all = true}, 0,
				arena, &rows)),
		ADMIN_FIELD_OF_NUMBER("blob_bytes", stats.blob_bytes),
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
