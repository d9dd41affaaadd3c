#ifndef WIRE_BASE_SUBJECT_H
#define WIRE_BASE_SUBJECT_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * The base subject (RFC 5256 2.1): without "Re:", "Fwd:", "[list]" and "(fwd)", so that
 * letters of one conversation have the same. What it is taken from is UTF-8, decoded and
 * unfolded (wire_header_text); blanks are squeezed to one. The result lives in the arena;
 * it may be empty. is_reply tells whether anything said that it answers or forwards.
 */
struct slice wire_base_subject(struct arena *arena, struct slice subject, bool *is_reply);

#endif
