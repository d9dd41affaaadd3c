#ifndef POST_RESOLVE_H
#define POST_RESOLVE_H

#include "post/directory-name.h"
#include "post/directory-table.h"
#include "post/directory.h"

/*
 * What an address comes to, in a table that does not change meanwhile. Results as
 * post_resolve in directory.h has them. In this order, the first that fits:
 *
 *	1. an alias or account of exactly that name
 *	2. one of the name before the plus, with what follows as detail
 *	3. postmaster: the eldest account of the domain, or what postmaster@ of the first
 *	   domain comes to, or the eldest account of all
 *	4. the domain's catch-all
 *
 * An alias comes before an account of the same name; where it names itself, that account
 * is meant (a copy is kept while mail is forwarded). Targets of ours that are gone are
 * passed over while others are left.
 */
enum base_failure post_table_resolve(const struct post_table *table,
	const struct post_name *name, struct arena *arena, struct post_route *route,
	struct base_error *error) MUST_CHECK;

bool post_table_may_send_as(const struct post_table *table, uint64_t id,
	const struct post_name *name, struct arena *arena);

#endif
