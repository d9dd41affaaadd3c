#include "post/directory-name.h"
#include "post/directory.h"
#include "wire/address.h"

/* Quoting at most doubles a local part. */
#define TEXT_MOST (2 * WIRE_LOCAL_LENGTH + WIRE_DOMAIN_LENGTH + 8)

struct slice
post_name_key(struct arena *arena, struct slice local, struct slice domain)
{
	struct slice parts[] = {wire_local_folded(arena, local), SLICE("@"), domain};
	return arena_join(arena, parts, 3);
}

struct slice
post_key_domain(struct slice key)
{
	size_t at = slice_find_last_byte(key, '@');
	return slice_from(key, at + 1);
}

enum base_failure
post_name_of(struct arena *arena, struct slice local, struct slice domain,
	struct post_name *name)
{
	*name = (struct post_name){.local = local};
	if (slice_empty(local) || local.length > WIRE_LOCAL_LENGTH)
		return BASE_INVALID;
	enum base_failure failure = wire_domain_canonical(arena, domain, &name->domain);
	if (failure != BASE_OK)
		return failure;
	name->key = post_name_key(arena, local, name->domain);
	return BASE_OK;
}

enum base_failure
post_name_parse(struct arena *arena, struct slice text, struct post_name *name,
	struct base_error *error)
{
	struct wire_path path;
	*name = (struct post_name){0};
	if (text.length > POST_NAME_MOST)
		return base_fail(error, BASE_INVALID, "an address has at most %d bytes",
			POST_NAME_MOST);
	enum base_failure failure = wire_path_parse_bare(arena, text, &path, error);
	if (failure != BASE_OK)
		return failure;
	if (path.null || path.literal || slice_empty(path.domain) ||
		slice_empty(path.local))
		return base_fail(error, BASE_INVALID,
			"\"%.*s\" is no address: write name@domain", SLICE_ARG(text));
	failure = post_name_of(arena, path.local, path.domain, name);
	if (failure == BASE_OK)
		name->text = post_name_text(arena, name->local, name->domain);
	if (failure != BASE_OK || name->text.length > POST_NAME_MOST)
		return base_fail(error, BASE_INVALID, "an address has at most %d bytes",
			POST_NAME_MOST);
	return BASE_OK;
}

struct slice
post_name_text(struct arena *arena, struct slice local, struct slice domain)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(TEXT_MOST);
	ASSERT(wire_address_put_bare(&text, local, domain));
	return arena_copy(arena, buffer_slice(&text));
}

enum base_failure
post_domain_name(struct arena *arena, struct slice text, struct slice *domain,
	struct base_error *error)
{
	enum base_failure failure = wire_domain_canonical(arena, text, domain);
	if (failure == BASE_OK && !slice_starts(*domain, SLICE("[")))
		return BASE_OK;
	return base_fail(error, BASE_INVALID, "\"%.*s\" is not the name of a domain",
		SLICE_ARG(slice_first(text, POST_NAME_MOST / 2)));
}
