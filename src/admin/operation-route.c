#include "admin/operation.h"

static enum base_failure
run_add(struct admin_call *call, struct base_error *error)
{
	struct slice domain = admin_argument(call, "domain");
	struct slice target = admin_argument(call, "target");
	return admin_done(call,
		relay_route_add(admin_of(call)->relay, domain, target, error), error,
		"Mail for %.*s goes to %.*s from now on.", SLICE_ARG(domain),
		SLICE_ARG(target));
}

static enum base_failure
run_remove(struct admin_call *call, struct base_error *error)
{
	struct slice domain = admin_argument(call, "domain");
	return admin_done(call, relay_route_remove(admin_of(call)->relay, domain, error),
		error, "The route of %.*s is gone.", SLICE_ARG(domain));
}

static enum base_failure
run_list(struct admin_call *call, struct base_error *error)
{
	struct relay_route_info *routes;
	(void)error;
	size_t count = relay_routes(admin_of(call)->relay, admin_arena(call), &routes);
	for (size_t i = 0; i < count; i++) {
		const struct admin_field fields[] = {
			ADMIN_FIELD_OF_TEXT("domain", routes[i].domain),
			ADMIN_FIELD_OF_TEXT("target", routes[i].target)};
		ADMIN_ROW(call, fields);
	}
	return BASE_OK;
}

static const struct admin_argument adding[] = {
	{.name = "domain",
		.kind = ADMIN_TEXT,
		.help = "whose mail; \"*\": every domain without a route of its own",
		.completes = "route"},
	{.name = "target",
		.kind = ADMIN_TEXT,
		.help = "smtp://host:port, smtps://host:port, or mx for what the DNS says"},
	{0}};
static const struct admin_argument removing[] = {
	{.name = "domain", .kind = ADMIN_TEXT, .help = "whose route", .completes = "route"},
	{0}};
static const struct admin_argument none[] = {{0}};

const struct admin_operation admin_operation_route_add = {.name = "route add",
	.help = "send a domain's mail to a server of your choice",
	.more = "In force at once, also for what waits in the queue.",
	.arguments = adding,
	.changes = true,
	.run = run_add};
const struct admin_operation admin_operation_route_remove = {.name = "route remove",
	.help = "send a domain's mail where the DNS says",
	.arguments = removing,
	.changes = true,
	.run = run_remove};
const struct admin_operation admin_operation_route_list = {.name = "route list",
	.help = "show the routes",
	.arguments = none,
	.run = run_list};
