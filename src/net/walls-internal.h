#ifndef NET_WALLS_INTERNAL_H
#define NET_WALLS_INTERNAL_H

#include "net/walls.h"

/* The parts of net_walls_raise. Each says in *report what stands and what does not. */

enum base_failure walls_landlock(const struct net_walls *walls,
	struct net_walls_report *report, struct base_error *error);
void walls_seccomp(const struct net_walls *walls, struct net_walls_report *report);
/*
 * More of it, for a program that the helper process starts: no other processes, signals to
 * them, or memory that outlives it. False when the kernel refuses.
 */
bool walls_program(void);

/* What every child reads; NULL ends it. */
extern const char *const walls_readable[];
extern const char *const walls_writable_files[];

void walls_missing(struct net_walls_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
