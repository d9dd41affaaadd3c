#ifndef POST_DIRECTORY_NAME_H
#define POST_DIRECTORY_NAME_H

#include "base/base.h"

/*
 * An address as the directory knows it. Two spellings of one address have the same key:
 * the domain is in lower-case A-labels, the local part unquoted and folded.
 */
struct post_name {
	struct slice local;  /* unquoted, as it was spelled */
	struct slice domain; /* canonical */
	struct slice key;    /* folded local@domain; the last "@" parts the two */
	struct slice text;   /* from post_name_parse: gives the same name when parsed */
};

/* "anna@example.org", quoted where needed. BASE_INVALID with a sentence for a person. */
enum base_failure post_name_parse(struct arena *arena, struct slice text,
	struct post_name *name, struct base_error *error) MUST_CHECK;

/* From parts that a grammar has taken apart already. */
enum base_failure post_name_of(struct arena *arena, struct slice local, struct slice domain,
	struct post_name *name) MUST_CHECK;

struct slice post_name_text(struct arena *arena, struct slice local, struct slice domain);

struct slice post_name_key(struct arena *arena, struct slice local, struct slice domain);
struct slice post_key_domain(struct slice key);

/* A domain of ours: no literal. BASE_INVALID with a sentence. */
enum base_failure post_domain_name(struct arena *arena, struct slice text,
	struct slice *domain, struct base_error *error) MUST_CHECK;

#endif
