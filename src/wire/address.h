#ifndef WIRE_ADDRESS_H
#define WIRE_ADDRESS_H

#include "base/buffer.h"
#include "base/error.h"

/*
 * Addresses in headers: RFC 5322 3.4 with its obsolete forms, RFC 6532. Parsing never
 * fails: the worst header gives something that a person recognises.
 *
 * Parts are unquoted, comments are gone (a lone comment becomes the name, as in
 * "anna@example.org (Anna)"); encoded-words in names stay as they are. Nothing holds CR, LF
 * or NUL. Slices point into the arena or into the text.
 */
enum wire_address_kind { WIRE_MAILBOX, WIRE_GROUP_START, WIRE_GROUP_END };

struct wire_address {
	struct wire_address *next;
	enum wire_address_kind kind;
	struct slice name;   /* display or group name; absent when there is none */
	struct slice route;  /* "@a,@b" (RFC 5322 4.4); mostly absent */
	struct slice local;  /* "anna"; may be empty */
	struct slice domain; /* "example.org", "[192.0.2.1]"; absent in a bare name */
};

struct wire_addresses {
	struct wire_address *first, *last;
	size_t count; /* groups' starts and ends count too */
	bool cut;     /* there were more than WIRE_ADDRESSES_MOST, or the arena is full */
};

#define WIRE_ADDRESSES_MOST 10000

/* Text is a header's raw value, folded or not. Appends, so that two To fields add up. */
void wire_addresses_parse(
	struct arena *arena, struct slice text, struct wire_addresses *addresses);

/* As a header's value on one line; parsing it gives the same addresses again. */
bool wire_addresses_put(struct buffer *into, const struct wire_addresses *addresses);
bool wire_address_put(struct buffer *into, const struct wire_address *address);

/* local@domain, quoted where needed. */
bool wire_address_put_bare(struct buffer *into, struct slice local, struct slice domain);

/*
 * Paths in SMTP: RFC 5321 4.1.2, strict, with RFC 6531 3.3. A source route is accepted and
 * ignored (appendix C). Lengths are octets.
 */
#define WIRE_LOCAL_LENGTH  64  /* RFC 5321 4.5.3.1.1 */
#define WIRE_DOMAIN_LENGTH 255 /* 4.5.3.1.2 */
#define WIRE_PATH_LENGTH   256 /* 4.5.3.1.3, with the angle brackets */

struct wire_path {
	bool null;          /* "<>" */
	bool literal;       /* the domain is an address literal: [192.0.2.1], [IPv6:…] */
	bool utf8;          /* not ASCII: needs SMTPUTF8 */
	struct slice local; /* unquoted */
	struct slice
		domain; /* canonical: lower case, IDNA A-labels; absent in <Postmaster> */
};

/*
 * Takes "<…>" from the front of *rest and leaves what follows (parameters). BASE_INVALID
 * for syntax, BASE_TOO_LARGE for a length; *rest is then unchanged. Whether "<>", a missing
 * domain, a literal or UTF-8 is welcome is the caller's rule.
 */
MUST_CHECK enum base_failure wire_path_parse(struct arena *arena, struct slice *rest,
	struct wire_path *path, struct base_error *error);

/* The same without brackets, for configuration, the command line and look-ups. */
MUST_CHECK enum base_failure wire_path_parse_bare(struct arena *arena, struct slice text,
	struct wire_path *path, struct base_error *error);

/* "<local@domain>", "<>". */
bool wire_path_put(struct buffer *into, const struct wire_path *path);

/*
 * Domains: lower case, U-labels to A-labels (IDNA2008, UTS 46 non-transitional). RFC 5321's
 * host names and '_'; no trailing dot. Literals are checked and come back in the form
 * "[192.0.2.1]" or "[IPv6:2001:db8::1]".
 */
MUST_CHECK enum base_failure wire_domain_canonical(
	struct arena *arena, struct slice domain, struct slice *canonical);
/* A-labels to U-labels, for people to read; what can't be turned stays. */
struct slice wire_domain_for_people(struct arena *arena, struct slice domain);

/* The form under which accounts and aliases are looked up: wire_fold of the local part. */
struct slice wire_local_folded(struct arena *arena, struct slice local);

/*
 * "anna+lists" is "anna" and "lists" with separator '+'. Without a separator, or with one
 * at the front, base is all of it and detail is absent.
 */
void wire_local_split(
	struct slice local, char separator, struct slice *base, struct slice *detail);

#endif
