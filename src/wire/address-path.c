#include "wire/address.h"
#include "wire/charset.h"
#include "wire/header-lex.h"

/* RFC 5321 4.1.2, RFC 6531 3.3. Every take_… moves *rest only when it returns true. */

static bool
is_atext_run(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!wire_is_atext(text.data[i]))
			return false;
	return text.length > 0;
}

/* Dot-string. */
static bool
take_dot_string(struct slice *rest, struct slice *local)
{
	size_t length = 0;
	while (length < rest->length &&
		(wire_is_atext(rest->data[length]) || rest->data[length] == '.'))
		length++;
	*local = slice_first(*rest, length);
	struct slice atoms = *local;
	while (!slice_absent(atoms))
		if (!is_atext_run(slice_cut(&atoms, '.')))
			return false;
	*rest = slice_from(*rest, length);
	return length > 0;
}

static bool
may_be_quoted(char c)
{
	return (unsigned char)c >= ' ' && c != 0x7f;
}

/* Quoted-string. Its meaning is what stands in it, so "anna"@ is anna@. */
static bool
take_quoted_string(struct arena *arena, struct slice *rest, struct slice *local)
{
	size_t most = slice_first(*rest, WIRE_PATH_LENGTH + 1).length;
	char *text = arena_take(arena, most + 1);
	size_t length = 0;
	for (size_t i = 1; i < most && may_be_quoted(rest->data[i]); i++) {
		if (rest->data[i] == '"') {
			*rest = slice_from(*rest, i + 1);
			*local = slice_of(text, length);
			return true;
		}
		/* quoted-pairSMTP is printable ASCII. */
		if (rest->data[i] == '\\' &&
			(++i >= most || !may_be_quoted(rest->data[i]) ||
				(unsigned char)rest->data[i] >= 0x80))
			return false;
		text[length++] = rest->data[i];
	}
	return false;
}

/* What reaches to where a domain can't go on; whether it is one is asked later. */
static struct slice
domain_extent(struct slice text)
{
	size_t length = 0;
	while (length < text.length && (unsigned char)text.data[length] > ' ' &&
		text.data[length] != '>' && text.data[length] != ',' &&
		(text.data[length] != ':' || text.data[0] == '['))
		length++;
	return slice_first(text, length);
}

/* A-d-l (appendix C): syntax is asked for, then it is forgotten. */
static bool
skip_route(struct arena *arena, struct slice *rest)
{
	struct slice after = *rest, canonical;
	while (slice_starts(after, SLICE("@"))) {
		struct slice domain = domain_extent(slice_from(after, 1));
		if (wire_domain_canonical(arena, domain, &canonical) != BASE_OK)
			return false;
		after = slice_from(after, 1 + domain.length);
		if (slice_starts(after, SLICE(":"))) {
			*rest = slice_from(after, 1);
			return true;
		}
		if (!slice_starts(after, SLICE(",")))
			return false;
		after = slice_from(after, 1);
	}
	return false;
}

static enum base_failure
take_domain(struct arena *arena, struct slice *rest, struct wire_path *path,
	struct base_error *error)
{
	struct slice domain = domain_extent(*rest);
	enum base_failure failure = wire_domain_canonical(arena, domain, &path->domain);
	if (failure == BASE_TOO_LARGE)
		return base_fail(error, failure, "the domain is too long");
	if (failure)
		return base_fail(error, failure, "the domain is not valid");
	path->literal = slice_starts(domain, SLICE("["));
	path->utf8 |= !slice_is_ascii(domain);
	*rest = slice_from(*rest, domain.length);
	return BASE_OK;
}

static enum base_failure
take_local(struct arena *arena, struct slice *rest, struct wire_path *path,
	struct base_error *error)
{
	struct slice written = *rest;
	bool taken = slice_starts(*rest, SLICE("\""))
			     ? take_quoted_string(arena, rest, &path->local)
			     : take_dot_string(rest, &path->local);
	if (!taken)
		return base_fail(error, BASE_INVALID, "the local part is not valid");
	/* RFC 5321 4.5.3.1.1 counts what is written, quotes included. */
	if (written.length - rest->length > WIRE_LOCAL_LENGTH)
		return base_fail(error, BASE_TOO_LARGE,
			"the local part is longer than %d octets", WIRE_LOCAL_LENGTH);
	if (!slice_is_utf8(path->local))
		return base_fail(error, BASE_INVALID, "the local part is not UTF-8");
	path->utf8 |= !slice_is_ascii(path->local);
	path->local = arena_copy(arena, path->local);
	return BASE_OK;
}

/* A mailbox, or postmaster alone (RFC 5321 4.1.1.3). */
static enum base_failure
take_mailbox(struct arena *arena, struct slice *rest, struct wire_path *path,
	struct base_error *error)
{
	enum base_failure failure = take_local(arena, rest, path, error);
	if (failure)
		return failure;
	if (slice_starts(*rest, SLICE("@"))) {
		*rest = slice_from(*rest, 1);
		return take_domain(arena, rest, path, error);
	}
	if (slice_equal_nocase(path->local, SLICE("postmaster")))
		return BASE_OK;
	return base_fail(error, BASE_INVALID, "the address has no domain");
}

static enum base_failure
take_path(struct arena *arena, struct slice *rest, struct wire_path *path,
	struct base_error *error)
{
	if (!slice_starts(*rest, SLICE("<")))
		return base_fail(error, BASE_INVALID, "a path begins with <");
	*rest = slice_from(*rest, 1);
	path->null = slice_starts(*rest, SLICE(">"));
	if (!path->null) {
		if (slice_starts(*rest, SLICE("@")) && !skip_route(arena, rest))
			return base_fail(
				error, BASE_INVALID, "the source route is not valid");
		enum base_failure failure = take_mailbox(arena, rest, path, error);
		if (failure)
			return failure;
	}
	if (!slice_starts(*rest, SLICE(">")))
		return base_fail(error, BASE_INVALID, "a path ends with >");
	*rest = slice_from(*rest, 1);
	return BASE_OK;
}

/* A-labels are longer than the U-labels they came from. */
static bool
can_be_written(const struct wire_path *path)
{
	SCOPED(buffer_free) struct buffer written = buffer_with(WIRE_PATH_LENGTH);
	return wire_path_put(&written, path);
}

enum base_failure
wire_path_parse(struct arena *arena, struct slice *rest, struct wire_path *path,
	struct base_error *error)
{
	struct slice after = *rest;
	*path = (struct wire_path){.local = SLICE_NONE};
	enum base_failure failure = take_path(arena, &after, path, error);
	if (failure)
		return failure;
	if (rest->length - after.length > WIRE_PATH_LENGTH || !can_be_written(path))
		return base_fail(error, BASE_TOO_LARGE, "the path is longer than %d octets",
			WIRE_PATH_LENGTH);
	*rest = after;
	return BASE_OK;
}

enum base_failure
wire_path_parse_bare(struct arena *arena, struct slice text, struct wire_path *path,
	struct base_error *error)
{
	*path = (struct wire_path){.local = SLICE_NONE};
	enum base_failure failure = take_mailbox(arena, &text, path, error);
	if (failure)
		return failure;
	if (text.length > 0)
		return base_fail(
			error, BASE_INVALID, "something stands behind the address");
	return BASE_OK;
}

bool
wire_path_put(struct buffer *into, const struct wire_path *path)
{
	buffer_put_byte(into, '<');
	if (!path->null)
		wire_address_put_bare(into, path->local, path->domain);
	return buffer_put_byte(into, '>');
}

struct slice
wire_local_folded(struct arena *arena, struct slice local)
{
	return wire_fold(arena, local);
}

void
wire_local_split(
	struct slice local, char separator, struct slice *base, struct slice *detail)
{
	size_t at = slice_find_byte(local, separator);
	*base = local;
	*detail = SLICE_NONE;
	if (at == 0 || at == local.length)
		return;
	*base = slice_first(local, at);
	*detail = slice_from(local, at + 1);
}
