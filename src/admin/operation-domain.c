#include "admin/operation.h"

static const struct admin_argument one_domain[] = {{.name = "domain",
							   .kind = ADMIN_TEXT,
							   .help = "such as example.org",
							   .completes = "domain"},
	{0}};

static enum base_failure
run_add(struct admin_call *call, struct base_error *error)
{
	struct slice domain = admin_argument(call, "domain");
	enum base_failure failure =
		admin_wait(post_domain_add(admin_of(call)->post, domain, error), error);
	if (!failure)
		admin_say(
			call, "Mail for %.*s is received from now on.", SLICE_ARG(domain));
	return failure;
}

static enum base_failure
run_remove(struct admin_call *call, struct base_error *error)
{
	struct slice domain = admin_argument(call, "domain");
	enum base_failure failure =
		admin_wait(post_domain_remove(admin_of(call)->post, domain, error), error);
	if (!failure)
		admin_say(call, "Mail for %.*s is refused from now on.", SLICE_ARG(domain));
	return failure;
}

static enum base_failure
run_catch_all(struct admin_call *call, struct base_error *error)
{
	struct slice address = admin_argument(call, "address");
	if (slice_absent(address))
		address = SLICE("");
	return admin_wait(post_domain_set_catch_all(admin_of(call)->post,
				  admin_argument(call, "domain"), address, error),
		error);
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct post *post = admin_of(call)->post;
	struct arena *arena = admin_arena(call);
	struct slice *domains;
	size_t count = post_domains(post, arena, &domains);
	(void)error;
	for (size_t i = 0; i < count; i++) {
		struct post_account_info *accounts;
		struct post_alias_info *aliases;
		struct slice catch_all = post_domain_catch_all(post, domains[i], arena);
		const struct admin_field fields[] = {
			ADMIN_FIELD_OF_TEXT("domain", domains[i]),
			ADMIN_FIELD_OF_NUMBER("accounts",
				post_accounts(post, domains[i], arena, &accounts)),
			ADMIN_FIELD_OF_NUMBER(
				"aliases", post_aliases(post, domains[i], arena, &aliases)),
			ADMIN_FIELD_OF_TEXT("catch_all",
				slice_empty(catch_all) ? SLICE_NONE : catch_all)};
		ADMIN_ROW(call, fields);
	}
	return BASE_OK;
}

static const struct admin_argument none[] = {{0}};
static const struct admin_argument catch_all[] = {{.name = "domain",
							  .kind = ADMIN_TEXT,
							  .help = "such as example.org",
							  .completes = "domain"},
	{.name = "address",
		.kind = ADMIN_TEXT,
		.optional = true,
		.help = "who gets mail to names that nobody has; without it nobody does",
		.completes = "account"},
	{0}};

const struct admin_operation admin_operation_domain_add = {.name = "domain add",
	.help = "receive mail for a domain",
	.more = "Afterwards add accounts and aliases in it, and point the domain's MX "
		"record at "
		"this server.",
	.arguments = one_domain,
	.changes = true,
	.run = run_add};
const struct admin_operation admin_operation_domain_remove = {.name = "domain remove",
	.help = "no longer receive mail for a domain",
	.more = "Refused while accounts or aliases live in it.",
	.arguments = one_domain,
	.changes = true,
	.run = run_remove};
const struct admin_operation admin_operation_domain_catch_all = {.name = "domain catch-all",
	.help = "say who gets mail to unknown names of a domain",
	.arguments = catch_all,
	.changes = true,
	.run = run_catch_all};
const struct admin_operation admin_operation_domain_list = {.name = "domain list",
	.help = "show the domains",
	.arguments = none,
	.run = run_list};
