#include "admin/operation.h"
#include "base/texts.h"

enum { LISTED_MOST = 10000 };

static enum base_failure
choice_of(struct admin_call *call, struct relay_choice *choice, struct base_error *error)
{
	*choice = (struct relay_choice){
		.domain = admin_argument(call, "to"), .all = admin_flag(call, "all")};
	choice->count = admin_arguments(call, "id", &choice->ids);
	int ways = (choice->count > 0) + !slice_absent(choice->domain) + choice->all;
	if (ways == 1)
		return BASE_OK;
	return base_fail(error, BASE_INVALID,
		"say which letters: ids as \"troika queue list\" shows them, or --to "
		"DOMAIN, or --all");
}

static const char *
state_name(enum relay_state state)
{
	switch (state) {
	case RELAY_ACTIVE:
		return BASE_TEXT("active");
	case RELAY_HELD:
		return BASE_TEXT("held");
	default:
		return BASE_TEXT("waiting");
	}
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct relay_choice choice = {.domain = admin_argument(call, "to")};
	struct relay_row *rows;
	uint64_t limit;
	choice.all = slice_absent(choice.domain);
	enum base_failure failure = admin_number(call, "limit", LISTED_MOST, &limit, error);
	if (failure)
		return failure;
	/* One more than is shown, to know whether there are more. */
	size_t most = limit && limit < SIZE_MAX ? (size_t)limit : SIZE_MAX - 1;
	size_t count = relay_list(
		admin_of(call)->relay, &choice, most + 1, admin_arena(call), &rows);
	for (size_t i = 0; i < count && i < most; i++) {
		const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("id", rows[i].id),
			ADMIN_FIELD_OF_TEXT(
				"state", slice_of_text(state_name(rows[i].state))),
			ADMIN_FIELD_OF_TEXT("from", rows[i].sender),
			ADMIN_FIELD_OF_TEXT("to", rows[i].recipient),
			ADMIN_FIELD_OF_NUMBER("attempts", rows[i].attempts),
			ADMIN_FIELD_OF_TIME("next", rows[i].next_ms),
			ADMIN_FIELD_OF_TEXT("reply", rows[i].last_reply)};
		ADMIN_ROW(call, fields);
	}
	if (count > most)
		admin_say(call,
			"There are more: these are the first %zu, --limit 0 shows all.",
			most);
	return BASE_OK;
}

static void
put_whole(struct admin_call *call, const struct relay_row *row)
{
	const struct admin_field fields[] = {ADMIN_FIELD_OF_TEXT("id", row->id),
		ADMIN_FIELD_OF_TEXT("letter", row->letter),
		ADMIN_FIELD_OF_TEXT("state", slice_of_text(state_name(row->state))),
		ADMIN_FIELD_OF_TEXT("from", row->sender),
		ADMIN_FIELD_OF_TEXT("to", row->recipient),
		ADMIN_FIELD_OF_TEXT("route", row->route),
		ADMIN_FIELD_OF_NUMBER("size", row->size),
		ADMIN_FIELD_OF_TIME("arrived", row->arrived_ms),
		ADMIN_FIELD_OF_NUMBER("attempts", row->attempts),
		ADMIN_FIELD_OF_TIME("next", row->next_ms),
		ADMIN_FIELD_OF_TIME("expires", row->expires_ms),
		ADMIN_FIELD_OF_TEXT("reply", row->last_reply)};
	ADMIN_ROW(call, fields);
}

static enum base_failure
run_show(struct admin_call *call, struct base_error *error)
{
	struct relay_choice choice;
	struct relay_row *rows;
	enum base_failure failure = choice_of(call, &choice, error);
	if (failure)
		return failure;
	size_t count =
		relay_list(admin_of(call)->relay, &choice, 0, admin_arena(call), &rows);
	for (size_t i = 0; i < count; i++)
		put_whole(call, &rows[i]);
	if (count < choice.count)
		return base_fail(error, BASE_NOT_FOUND, "%zu of these are not in the queue",
			choice.count - count);
	return BASE_OK;
}

static enum base_failure
wait_for_some(struct base_ticket *ticket, size_t count, struct base_error *error)
{
	enum base_failure failure = admin_wait(ticket, error);
	if (failure || count)
		return failure;
	return base_fail(error, BASE_NOT_FOUND, "nothing of that is in the queue");
}

static enum base_failure
run_retry(struct admin_call *call, struct base_error *error)
{
	struct relay_choice choice;
	size_t count = 0;
	enum base_failure failure = choice_of(call, &choice, error);
	if (failure)
		return failure;
	struct base_ticket *ticket = relay_retry(admin_of(call)->relay, &choice, &count);
	failure = wait_for_some(ticket, count, error);
	if (!failure)
		admin_say(call, "%zu will be tried now.", count);
	return failure;
}

static enum base_failure
run_hold(struct admin_call *call, struct base_error *error)
{
	struct relay_choice choice;
	size_t count = 0;
	enum base_failure failure = choice_of(call, &choice, error);
	if (failure)
		return failure;
	struct base_ticket *ticket = relay_hold(admin_of(call)->relay, &choice, &count);
	failure = wait_for_some(ticket, count, error);
	if (!failure)
		admin_say(call, "%zu held until \"troika queue retry\".", count);
	return failure;
}

static enum base_failure
run_drop(struct admin_call *call, struct base_error *error)
{
	struct relay_choice choice;
	size_t count = 0;
	enum base_failure failure = choice_of(call, &choice, error);
	if (failure)
		return failure;
	struct base_ticket *ticket = relay_drop(
		admin_of(call)->relay, &choice, admin_flag(call, "report"), &count);
	failure = wait_for_some(ticket, count, error);
	if (!failure)
		admin_say(call, "%zu dropped.", count);
	return failure;
}

#define CHOICE                                                                            \
	{.name = "id",                                                                    \
		.kind = ADMIN_TEXTS,                                                      \
		.optional = true,                                                         \
		.help = "one recipient each, as queue list shows them",                   \
		.completes = "queue"},                                                    \
		{.name = "to",                                                            \
			.kind = ADMIN_OPTION,                                             \
			.optional = true,                                                 \
			.help = "all to this domain"},                                    \
	{                                                                                 \
		.name = "all", .kind = ADMIN_FLAG, .optional = true, .help = "everything" \
	}

static const struct admin_argument choosing[] = {CHOICE, {0}};
static const struct admin_argument dropping[] = {CHOICE,
	{.name = "report",
		.kind = ADMIN_FLAG,
		.optional = true,
		.help = "tell the senders that their letters were not delivered"},
	{0}};
static const struct admin_argument listing[] = {{.name = "to",
							.kind = ADMIN_OPTION,
							.optional = true,
							.help = "only to this domain"},
	{.name = "limit",
		.kind = ADMIN_OPTION,
		.optional = true,
		.help = "at most so many; 0: all; 10000 if it is not given"},
	{0}};

const struct admin_operation admin_operation_queue_list = {.name = "queue list",
	.help = "show what waits to be sent, a recipient a line",
	.arguments = listing,
	.run = run_list};
const struct admin_operation admin_operation_queue_show = {.name = "queue show",
	.help = "show all that is known of letters in the queue",
	.arguments = choosing,
	.run = run_show};
const struct admin_operation admin_operation_queue_retry = {.name = "queue retry",
	.help = "try letters now, also those that are held",
	.arguments = choosing,
	.changes = true,
	.run = run_retry};
const struct admin_operation admin_operation_queue_hold = {.name = "queue hold",
	.help = "keep letters in the queue without trying them",
	.arguments = choosing,
	.changes = true,
	.run = run_hold};
const struct admin_operation admin_operation_queue_drop = {.name = "queue drop",
	.help = "throw letters away",
	.arguments = dropping,
	.changes = true,
	.run = run_drop};
