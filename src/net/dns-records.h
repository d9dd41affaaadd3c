#ifndef NET_DNS_RECORDS_H
#define NET_DNS_RECORDS_H

#include "net/resolver.h"

/*
 * Record data from the wire to structs (RFC 1035 3.3, 3.4.1; 3596 2.2; 6698 2.1). Pure:
 * bytes and an arena. Names come uncompressed, as libunbound hands them out.
 */

/* A name as text has at most so many bytes: 255 on the wire, each as \DDD. */
#define DNS_NAME_TEXT_MOST 1024

/* What a record of so many bytes can take of an arena at most. */
#define DNS_RECORD_ROOM(length) ((length) + DNS_NAME_TEXT_MOST + 64)

/* False: the data is not what the type says. Texts live in the arena. */
MUST_CHECK bool dns_record_parse(enum net_dns_type type, struct slice data,
	struct arena *arena, struct net_dns_record *record);

/*
 * Wire to text: labels in lower case; a byte that is no letter, digit, '-' or '_' is
 * written \DDD, so that a text has one reading. The root is "". *rest is what follows.
 */
MUST_CHECK bool dns_name_parse(struct slice *rest, struct arena *arena, struct slice *name);

/* Can be asked for: ASCII without blanks, labels of 1 to 63, 253 in all; "." too. */
bool dns_name_is_askable(struct slice name);

#endif
