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
	return admin_done(call, post_domain_add(admin_of(call)->post, domain, error), error,
		"Mail for %.*s is received from now on.", SLICE_ARG(domain));
}

static enum base_failure
run_remove(struct admin_call *call, struct base_error *error)
{
	struct slice domain = admin_argument(call, "domain");
	return admin_done(call, post_domain_remove(admin_of(call)->post, domain, error),
		error, "Mail for %.*s is refused from now on.", SLICE_ARG(domain));
}

static enum base_failure
run_catch_all(struct admin_call *call, struct base_error *error)
{
	struct slice domain = admin_argument(call, "domain");
	struct slice address = admin_argument(call, "address");
	struct slice catch_all = slice_absent(address) ? SLICE("") : address;
	struct base_ticket *ticket =
		post_domain_set_catch_all(admin_of(call)->post, domain, catch_all, error);
	if (slice_empty(catch_all))
		return admin_done(call, ticket, error,
			"Mail to unknown names of %.*s is refused.", SLICE_ARG(domain));
	return admin_done(call, ticket, error,
		"Mail to unknown names of %.*s goes to %.*s.", SLICE_ARG(domain),
		SLICE_ARG(address));
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct post_domain_info *domains;
	size_t count = post_domain_infos(admin_of(call)->post, admin_arena(call), &domains);
	(void)error;
	for (size_t i = 0; i < count; i++) {
		struct slice catch_all = domains[i].catch_all;
		const struct admin_field fields[] = {
			ADMIN_FIELD_OF_TEXT("domain", domains[i].name),
			ADMIN_FIELD_OF_NUMBER("accounts", domains[i].accounts),
			ADMIN_FIELD_OF_NUMBER("aliases", domains[i].aliases),
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
		"record at this server.",
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
