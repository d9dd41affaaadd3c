#include "relay/forward.h"
#include "wire/address.h"

static enum base_failure
enqueue(struct relay *relay, struct relay_forward *forward,
	const struct relay_recipient *recipients, size_t count)
{
	char id[BASE_ID_LENGTH];
	struct relay_letter letter = forward->letter;
	if (slice_absent(letter.id)) {
		base_id_make(relay_now(relay), id);
		letter.id = slice_of(id, sizeof id);
	}
	letter.recipients = recipients;
	letter.count = count;
	return relay_enqueue(relay, &letter, forward->delivery) ? BASE_UNAVAILABLE
								: BASE_OK;
}

static enum base_failure
into_mailbox(struct relay_forward *forward, const struct post_target *target,
	struct slice address)
{
	return post_delivery_local(forward->delivery,
		&(struct post_delivery_target){
			.account = target->account, .delivered_to = address});
}

/*
 * RFC 3461 5.2.7: what an address leads to inherits its wishes; of several, success is told
 * once, of the list, and not by each of its members.
 */
static void
note_kind(struct relay_forward *forward, const struct post_route *route)
{
	unsigned *notify = &forward->recipient.notify;
	forward->forwarded = route->targets[0].local ? RELAY_TO_MAILBOX : RELAY_TO_ANOTHER;
	if (route->count == 1)
		return;
	forward->forwarded = RELAY_TO_SEVERAL;
	if (*notify == WIRE_SMTP_NOTIFY_SUCCESS)
		*notify = WIRE_SMTP_NOTIFY_NEVER;
	*notify &= ~(unsigned)WIRE_SMTP_NOTIFY_SUCCESS;
}

/* Unless the account is gone: then the address means what it means now. */
static void
keep_to_mailbox(struct post_route *route, struct slice address)
{
	for (size_t i = 0; i < route->count; i++) {
		struct post_target *target = &route->targets[i];
		if (!target->local || !slice_equal_nocase(target->address, address))
			continue;
		*route = (struct post_route){.targets = target, .count = 1};
		return;
	}
}

/* Mailboxes at once, everything else in one letter of the queue. */
static enum base_failure
to_targets(struct relay *relay, struct relay_forward *forward,
	const struct post_route *route, struct slice address, struct arena *arena)
{
	note_kind(forward, route);
	struct relay_recipient *queued =
		ARENA_MANY(arena, struct relay_recipient, route->count);
	size_t count = 0;
	for (size_t i = 0; i < route->count; i++) {
		const struct post_target *target = &route->targets[i];
		enum base_failure failure =
			target->local ? into_mailbox(forward, target, address) : BASE_OK;
		if (failure && !forward->queue_when_full && route->count == 1)
			return failure;
		if (target->local && !failure)
			continue;
		queued[count] = forward->recipient;
		queued[count].mailbox = target->local;
		queued[count++].address = target->address;
	}
	return count ? enqueue(relay, forward, queued, count) : BASE_OK;
}

enum base_failure
relay_forward(struct relay *relay, struct relay_forward *forward, struct slice address)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct wire_path path;
	struct post_route route;
	enum base_failure failure = wire_path_parse_bare(arena, address, &path, NULL);
	if (failure)
		return BASE_INVALID;
	failure = post_resolve(
		relay->settings.post, path.local, path.domain, arena, &route, NULL);
	if (failure == BASE_DENIED) {
		forward->recipient.mailbox = false;
		forward->recipient.address = address;
		forward->forwarded = RELAY_TO_ANOTHER;
		return enqueue(relay, forward, &forward->recipient, 1);
	}
	if (!failure && forward->recipient.mailbox)
		keep_to_mailbox(&route, address);
	return failure ? failure : to_targets(relay, forward, &route, address, arena);
}
