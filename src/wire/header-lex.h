#ifndef WIRE_HEADER_LEX_H
#define WIRE_HEADER_LEX_H

#include "base/arena.h"

/* The smallest pieces of header grammar, shared by wire's parsers of header values. */

/* Blanks as they stand in a folded value: space, tab, CR, LF, and NUL, which has no place.
 */
bool wire_is_blank(char c);
/* RFC 5322 3.2.3 atext, and all bytes above ASCII (RFC 6532 3.2). */
bool wire_is_atext(char c);
/* RFC 2045 5.1: what may stand in an unquoted parameter value. */
bool wire_is_token(char c);

/*
 * Steps over a comment, nested ones included (RFC 5322 3.2.2). False, and nothing taken, if
 * *rest does not begin with a comment that ends.
 */
bool wire_skip_comment(struct slice *rest);
/* CFWS: blanks and comments. An open comment without an end swallows the rest. */
void wire_skip_cfws(struct slice *rest);

/*
 * Whether a line (or the first WIRE_FIELD_NAME_LENGTH bytes of it) begins a header field: a
 * name without blanks, then a colon, which may have blanks before it (RFC 5322 4.5). Sets
 * the name's length and where the colon is.
 */
#define WIRE_FIELD_NAME_LENGTH 250
bool wire_begins_field(struct slice line, size_t *name_length, size_t *colon);
/* Whether a header block may begin with that line: a field, blank, or mbox's "From ". */
bool wire_begins_header(struct slice line);
/* wire_unfold, but always a copy, which never is absent. */
struct slice header_unfolded_copy(struct arena *arena, struct slice raw);
/* Nothing but the line end. */
bool wire_is_blank_line(struct slice line);

#endif
