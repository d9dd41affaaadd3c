#include "post/arrival.h"

#define ENTRY_MOST (64 * 1024)

uint64_t
post_arrival_size(const struct post_arrival *arrival)
{
	return arrival->prefix.length + arrival->incoming->trace.length +
	       arrival->incoming->size;
}

static void
put_entry(struct post_turn *turn, uint32_t mailbox, const struct post_arrival *arrival)
{
	struct post_entry_record entry = {
		.email = arrival->email,
		.internal_date = arrival->internal_date,
		.save_date = arrival->save_date,
		.zone = arrival->zone,
		.size = post_arrival_size(arrival),
		.prefix = arrival->prefix,
	};
	SCOPED(buffer_free) struct buffer value = buffer_with(ENTRY_MOST);
	struct post_key key = post_key_entry(mailbox, arrival->uid);
	post_entry_pack(&entry, &value);
	post_turn_put(turn, &key, &value);
}

static void
put_content(struct post_turn *turn, const struct post_arrival *arrival)
{
	struct post_key key = post_key_content(arrival->email);
	struct slice owner = slice_from(post_key_slice(&key), 1);
	store_put(turn->turn, post_key_slice(&key),
		buffer_slice(&arrival->incoming->content));
	store_reference(turn->turn, arrival->incoming->blob, owner);
}

void
post_arrive(
	struct post_turn *turn, struct post_touched *touched, struct post_arrival *arrival)
{
	ASSERT(arrival->incoming->sealed);
	arrival->uid = touched->head.uid_next;
	arrival->email = turn->ledger.email_next++;
	put_entry(turn, touched->mailbox, arrival);
	put_content(turn, arrival);
	post_turn_count_arrival(turn, touched, post_arrival_size(arrival));
}
