#ifndef RELAY_FORWARD_H
#define RELAY_FORWARD_H

#include "relay/relay-internal.h"

/*
 * One address joins a delivery: a mailbox of ours, or the queue. For reports, and for
 * letters that wait for a mailbox.
 */
struct relay_forward {
	struct post_delivery *delivery;
	struct relay_letter
		letter; /* id, sender and so on; recipients are filled in here */
	struct relay_recipient recipient; /* all but the address */
	bool queue_when_full; /* a mailbox that can't take it now gets it from the queue */
	enum relay_forwarded {
		RELAY_TO_MAILBOX, /* of the address's own */
		RELAY_TO_ANOTHER, /* one, which is in the queue now */
		RELAY_TO_SEVERAL  /* RFC 3461 5.2.7.3: nobody reports of them one by one */
	} forwarded;              /* out */
};

/*
 * BASE_NOT_FOUND, BASE_INVALID: there is no such address. BASE_QUOTA, BASE_DENIED: the
 * mailbox can't take it; where there are several, such a one gets it from the queue.
 * Others: try again later; some of it may have joined the delivery.
 */
enum base_failure relay_forward(struct relay *relay, struct relay_forward *forward,
	struct slice address) MUST_CHECK;

#endif
