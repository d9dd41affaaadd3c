#ifndef WIRE_NUL_FREE_H
#define WIRE_NUL_FREE_H

#include "base/arena.h"
#include "base/flow.h"

/*
 * No literal of IMAP (RFC 3501 9, CHAR8) and no line of POP3 holds a NUL, and clients hang
 * on it: 0x80 stands for one that a message has.
 */
void wire_hide_nul(char *bytes, size_t length);
/* The bytes themselves where they hold none, else a copy in the arena. */
struct slice wire_nul_free(struct arena *arena, struct slice bytes);
/* Owns inner and closes it; never NULL. */
struct base_source *wire_nul_free_source(struct base_source *inner);

#endif
