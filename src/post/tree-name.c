#include "base/texts.h"
#include "post/tree.h"

static enum base_failure
refuse(struct base_error *error, const char *what)
{
	return base_fail(error, BASE_INVALID, "%s", what);
}

/* Controls of ASCII and Latin-1, and Unicode's ends of lines (RFC 5198 2). */
static bool
has_control(struct slice name)
{
	if (slice_find(name, SLICE("\xE2\x80\xA8")) < name.length ||
		slice_find(name, SLICE("\xE2\x80\xA9")) < name.length)
		return true;
	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = (unsigned char)name.data[i];
		bool c1 = byte == 0xC2 && i + 1 < name.length &&
			  (unsigned char)name.data[i + 1] < 0xA0;
		if (byte < 0x20 || byte == 0x7F || c1)
			return true;
	}
	return false;
}

static enum base_failure
check_levels(struct slice name, struct base_error *error)
{
	unsigned depth = 0;
	for (struct slice rest = name; !slice_absent(rest); depth++) {
		struct slice level = slice_cut(&rest, POST_SEPARATOR);
		if (slice_empty(level))
			return refuse(
				error, BASE_TEXT("a mailbox name has no empty levels"));
	}
	if (depth > POST_MAILBOX_DEPTH_MOST)
		return refuse(error, BASE_TEXT("a mailbox name has at most 32 levels"));
	return BASE_OK;
}

static const struct slice inbox_name = SLICE_INIT("INBOX");

enum base_failure
post_name_canonical(struct arena *arena, struct slice given, struct slice *name,
	struct base_error *error)
{
	if (slice_ends(given, SLICE("/")))
		given = slice_first(given, given.length - 1);
	if (slice_empty(given))
		return refuse(error, BASE_TEXT("a mailbox name is not empty"));
	if (given.length > POST_MAILBOX_NAME_MOST)
		return refuse(error, BASE_TEXT("a mailbox name has at most 1000 bytes"));
	if (!slice_is_utf8(given) || has_control(given))
		return refuse(error,
			BASE_TEXT("a mailbox name is UTF-8 without control characters"));
	char *copy = arena_text(arena, given);
	bool inbox = slice_starts_nocase(given, SLICE("INBOX")) &&
		     (given.length == 5 || given.data[5] == POST_SEPARATOR);
	if (inbox)
		memcpy(copy, inbox_name.data, inbox_name.length);
	*name = slice_of(copy, given.length);
	return check_levels(*name, error);
}

enum base_failure
post_tree_named(const struct post_tree *tree, struct arena *arena, struct slice given,
	const struct post_node **node)
{
	struct slice name = {0};
	*node = NULL;
	if (post_name_canonical(arena, given, &name, NULL))
		return BASE_NOT_FOUND;
	const struct post_node *found = post_tree_find(tree, name);
	if (!found || found->kind == POST_NODE_SUBSCRIBED)
		return BASE_NOT_FOUND;
	*node = found;
	return BASE_OK;
}
