#include "net/parent-internal.h"

#include "net/listen-socket.h"
#include <errno.h>
#include <unistd.h>

/* A plan that holds whatever the child may be handed. */
#define PLAN_BYTES_MOST (HANDOVER_BYTES_MOST + 4 * 1024 * 1024)

static void
close_ports(struct parent_state *state)
{
	for (size_t i = 0; i < state->port_count; i++)
		if (state->ports[i].descriptor >= 0)
			close(state->ports[i].descriptor);
	state->port_count = 0;
}

static void
wipe_files(struct parent_state *state)
{
	for (size_t i = 0; i < state->file_count; i++)
		explicit_bzero((void *)(uintptr_t)state->files[i].text.data,
			state->files[i].text.length);
	state->file_count = 0;
}

void
parent_unload(struct parent_state *state)
{
	close_ports(state);
	wipe_files(state);
	arena_destroy(state->arena);
	state->arena = NULL;
}

static bool
same_address(const struct net_address *a, const struct net_address *b)
{
	char text[2][NET_ADDRESS_TEXT_MOST];

	return slice_equal(
		net_address_text_port(a, text[0]), net_address_text_port(b, text[1]));
}

static struct parent_port *
find_port(struct parent_state *state, const struct net_address *address)
{
	for (size_t i = 0; i < state->port_count; i++)
		if (same_address(&state->ports[i].address, address))
			return &state->ports[i];
	return NULL;
}

/* One that was killed may still be dying, with our ports in its hands. */
#define TRIES_MOST  40
#define TRY_WAIT_US (100 * 1000)

static enum base_failure
open_port(struct parent_port *port, struct base_error *error)
{
	enum base_failure failure = BASE_EXISTS;

	port->descriptor = net_listen_inherited(&port->address);
	if (port->descriptor >= 0)
		return BASE_OK;
	for (int tries = 0; failure == BASE_EXISTS && tries < TRIES_MOST; tries++) {
		if (tries > 0)
			usleep(TRY_WAIT_US);
		failure = net_listen_socket(&port->address, &port->descriptor, error);
	}
	return failure;
}

/* The rest can be served without a port that needs root, or an address that is not here. */
static bool
can_do_without(enum base_failure failure)
{
	return failure == BASE_DENIED || failure == BASE_NOT_FOUND;
}

/* Left out for now: a later reload tries again. */
static void
log_port(const struct net_parent *parent, const struct parent_port *port,
	const struct base_error *error)
{
	LOG(parent->log, BASE_LOG_ERROR, "net.port-missing",
		LOG_TEXT("listener", port->name), LOG_STRING("why", error->text));
}

/* Ports that the old state has are lent: it stays whole until the new one is. */
static enum base_failure
bind_ports(const struct net_parent *parent, struct parent_state *old,
	struct parent_state *fresh, bool first, struct base_error *error)
{
	for (size_t i = 0; i < fresh->plan.listener_count; i++) {
		const struct net_plan_listener *wanted = &fresh->plan.listeners[i];
		struct parent_port port = {
			.name = wanted->name, .address = wanted->address};
		const struct parent_port *had = find_port(old, &port.address);

		if (find_port(fresh, &port.address) != NULL)
			return base_fail(error, BASE_INVALID,
				"two listeners have the address of \"%.*s\"",
				SLICE_ARG(port.name));
		if (had != NULL) {
			port.descriptor = had->descriptor;
			port.handed = had->handed;
		} else {
			enum base_failure failure = open_port(&port, error);
			if (failure != BASE_OK && first && !can_do_without(failure))
				return failure;
			if (failure != BASE_OK) {
				log_port(parent, &port, error);
				continue;
			}
		}
		fresh->ports[fresh->port_count++] = port;
	}
	return BASE_OK;
}

static enum base_failure
check_plan(const struct net_plan *plan, struct base_error *error)
{
	if (plan->listener_count > NET_PLAN_LISTENERS_MOST)
		return base_fail(error, BASE_TOO_LARGE, "more than %d listeners",
			NET_PLAN_LISTENERS_MOST);
	if (plan->file_count > NET_PLAN_FILES_MOST)
		return base_fail(error, BASE_TOO_LARGE,
			"more than %d certificates and keys", NET_PLAN_FILES_MOST);
	return parent_check_user(plan->user, error);
}

static enum base_failure
carry_out(const struct net_parent *parent, struct parent_state *old,
	struct parent_state *fresh, bool first, struct base_error *error)
{
	enum base_failure failure =
		parent->read_plan(parent->argument, fresh->arena, &fresh->plan, error);

	if (failure == BASE_OK)
		failure = check_plan(&fresh->plan, error);
	if (failure == BASE_OK)
		failure = parent_read_files(fresh, error);
	if (failure == BASE_OK)
		failure =
			net_parent_make_folder(fresh->plan.folder, fresh->plan.user, error);
	if (failure == BASE_OK)
		failure = bind_ports(parent, old, fresh, first, error);
	/* The last port's failure is still in *error. */
	if (failure == BASE_OK && first && fresh->port_count == 0 &&
		fresh->plan.listener_count > 0)
		failure = BASE_DENIED;
	return failure;
}

/* Ports of `other` stay open. */
static void
drop_ports_except(struct parent_state *state, struct parent_state *other)
{
	for (size_t i = 0; i < state->port_count; i++)
		if (find_port(other, &state->ports[i].address) != NULL)
			state->ports[i].descriptor = -1;
	parent_unload(state);
}

enum base_failure
parent_load(const struct net_parent *parent, struct parent_state *state, bool first,
	struct base_error *error)
{
	SCOPED(scoped_free) struct parent_state *fresh = calloc(1, sizeof *fresh);

	if (fresh == NULL)
		return base_fail(error, BASE_UNAVAILABLE, "no memory for the plan");
	fresh->arena = arena_create(PLAN_BYTES_MOST);
	enum base_failure failure = carry_out(parent, state, fresh, first, error);
	if (failure != BASE_OK) {
		drop_ports_except(fresh, state);
		return failure;
	}
	drop_ports_except(state, fresh);
	*state = *fresh;
	if (parent->plan_taken)
		parent->plan_taken(parent->argument);
	return BASE_OK;
}
