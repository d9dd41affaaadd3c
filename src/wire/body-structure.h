#ifndef WIRE_BODY_STRUCTURE_H
#define WIRE_BODY_STRUCTURE_H

#include "wire/mime.h"

/*
 * BODY and BODYSTRUCTURE as IMAP text (RFC 3501 7.4.2), parentheses included.
 * BODYSTRUCTURE has every extension field of every part.
 *
 * To IMAP4rev1 message/global is a basic type; IMAP4rev2 and UTF8=ACCEPT see into it as
 * into message/rfc822 (RFC 9051 7.5.2, RFC 6532 3.7).
 * False past the buffer's ceiling. The parts need their envelopes.
 */
enum wire_body_form {
	WIRE_BODY,           /* BODY, without extension fields */
	WIRE_BODY_STRUCTURE, /* BODYSTRUCTURE */
};

bool wire_body_put(struct buffer *into, const struct wire_mime_part *top,
	enum wire_body_form form, bool sees_global);

#endif
