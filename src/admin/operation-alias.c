#include "admin/operation.h"

static enum base_failure
run_add(struct admin_call *call, struct base_error *error)
{
	const struct slice *targets;
	struct slice address = admin_argument(call, "address");
	size_t count = admin_arguments(call, "target", &targets);
	return admin_done(call,
		post_alias_add(admin_of(call)->post, address, targets, count, error), error,
		"Mail to %.*s goes there from now on.", SLICE_ARG(address));
}

static enum base_failure
run_remove(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address");
	return admin_done(call, post_alias_remove(admin_of(call)->post, address, error),
		error, "The alias %.*s is gone.", SLICE_ARG(address));
}

static struct slice
joined(struct arena *arena, const struct post_alias_info *alias)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1024 * 1024);
	for (size_t i = 0; i < alias->count; i++) {
		buffer_put_text(&text, i ? ", " : "");
		buffer_put(&text, alias->targets[i]);
	}
	return arena_copy(arena, buffer_slice(&text));
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct post_alias_info *aliases;
	struct slice domain = admin_argument(call, "domain");
	enum base_failure failure = admin_domain(call, domain, error);
	if (failure)
		return failure;
	size_t count =
		post_aliases(admin_of(call)->post, domain, admin_arena(call), &aliases);
	for (size_t i = 0; i < count; i++) {
		const struct admin_field fields[] = {
			ADMIN_FIELD_OF_TEXT("address", aliases[i].address),
			ADMIN_FIELD_OF_TEXT(
				"targets", joined(admin_arena(call), &aliases[i]))};
		ADMIN_ROW(call, fields);
	}
	return BASE_OK;
}

static const struct admin_argument adding[] = {{.name = "address",
						       .kind = ADMIN_TEXT,
						       .help = "such as info@example.org",
						       .completes = "alias"},
	{.name = "target",
		.kind = ADMIN_TEXTS,
		.help = "who gets its mail, here or elsewhere",
		.completes = "account"},
	{0}};
static const struct admin_argument removing[] = {{.name = "address",
							 .kind = ADMIN_TEXT,
							 .help = "such as info@example.org",
							 .completes = "alias"},
	{0}};
static const struct admin_argument listing[] = {{.name = "domain",
							.kind = ADMIN_TEXT,
							.optional = true,
							.help = "only of this domain",
							.completes = "domain"},
	{0}};

const struct admin_operation admin_operation_alias_add = {.name = "alias add",
	.help = "give an address to one or more others",
	.more = "To change its targets remove it and add it again. It comes before an "
		"account "
		"of the same name; one of the targets may be that account itself.",
	.arguments = adding,
	.changes = true,
	.run = run_add};
const struct admin_operation admin_operation_alias_remove = {.name = "alias remove",
	.help = "remove an alias",
	.arguments = removing,
	.changes = true,
	.run = run_remove};
const struct admin_operation admin_operation_alias_list = {.name = "alias list",
	.help = "show the aliases",
	.arguments = listing,
	.run = run_list};
