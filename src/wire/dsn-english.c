#include "wire/dsn.h"

const struct wire_dsn_texts wire_dsn_english = {
	.subject_failed = "Your message could not be delivered",
	.subject_delayed = "Your message is delayed",
	.subject_delivered = "Your message was delivered",
	.greeting = "This is the mail server",
	.subject = "Your message:",
	.arrival = "Received from you:",
	.failed = "It could not be delivered to:",
	.delayed = "It could not yet be delivered to:",
	.delivered = "It was delivered to:",
	.relayed = "It was passed on, to a server that does not report delivery, for:",
	.expanded = "It was passed on to everybody who gets mail for:",
	.said = "The server",
	.said_by = "answered:",
	.reason = "The reason:",
	.retry_until = "We keep trying until",
	.no_action = "You need not do anything. If it does not succeed, you will be told.",
	.no_address = "Please check the address: a letter may be wrong, or it is no longer "
		      "in use.",
	.full = "The mailbox is full. Please try again in a few days, or reach the "
		"recipient in another way.",
	.too_large = "The message is too large for the recipient. Please send less, or a "
		     "link to it.",
	.unreachable = "The recipient's mail server could not be reached. If the address "
		       "is right, please try again later.",
	.refused = "The recipient's mail server refuses this message. Please reach the "
		   "recipient in another way.",
	.enclosed_header = "The header of your message is enclosed.",
	.enclosed_message = "Your message is enclosed.",
};
