#ifndef WIRE_SMTP_PARAMETER_H
#define WIRE_SMTP_PARAMETER_H

#include "wire/smtp-command.h"

/* Inside of smtp-command: the parameters of MAIL and RCPT (RFC 5321 4.1.2). */
struct wire_smtp_parameter {
	struct slice name;
	struct slice value; /* absent without "=" */
};

struct wire_smtp_parameter wire_smtp_parameter_of(struct slice text);

/* mail and rcpt point to their structs. */
struct wire_smtp_fault wire_smtp_take_mail_parameter(
	struct wire_smtp_parameter parameter, struct arena *arena, void *mail);
struct wire_smtp_fault wire_smtp_take_rcpt_parameter(
	struct wire_smtp_parameter parameter, struct arena *arena, void *rcpt);

#endif
