/* A call's arguments against the descriptors. The command line has looked at them too, but
 * what comes over a socket is looked at where it arrives. */
#include "admin/call.h"

static const struct admin_argument *
argument_named(const struct admin_operation *operation, const char *name)
{
	for (const struct admin_argument *at = operation->arguments; at->name; at++)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

static bool
is_list_of_texts(const json_t *value)
{
	size_t index;
	json_t *each;
	json_array_foreach(value, index, each)
	{
		if (!json_is_string(each))
			return false;
	}
	return json_array_size(value) > 0;
}

static bool
fits(const struct admin_argument *argument, const json_t *value)
{
	switch (argument->kind) {
	case ADMIN_TEXTS:
		return is_list_of_texts(value);
	case ADMIN_FLAG:
		return json_is_true(value);
	default:
		return json_is_string(value);
	}
}

static bool
must_be_given(const struct admin_argument *argument)
{
	return !argument->optional && argument->kind != ADMIN_FLAG &&
	       argument->kind != ADMIN_OPTION;
}

enum base_failure
admin_call_check(const struct admin_operation *operation, json_t *arguments,
	struct base_error *error)
{
	const char *name;
	json_t *value;
	json_object_foreach(arguments, name, value)
	{
		const struct admin_argument *argument = argument_named(operation, name);
		if (!argument || !fits(argument, value))
			return base_fail(error, BASE_INVALID,
				"\"%s\" takes no argument \"%s\" like that; is the server "
				"of another release?",
				operation->name, name);
	}
	for (const struct admin_argument *at = operation->arguments; at->name; at++)
		if (must_be_given(at) && !json_object_get(arguments, at->name))
			return base_fail(error, BASE_INVALID, "\"%s\" needs %s: %s",
				operation->name, at->name, at->help);
	return BASE_OK;
}

/* --- the audit log -------------------------------------------------------------------- */

static void
put_value(struct buffer *into, const json_t *value)
{
	if (json_is_string(value))
		buffer_put(into,
			slice_of(json_string_value(value), json_string_length(value)));
	else
		buffer_put_text(into, "yes");
}

static void
put_values(struct buffer *into, const json_t *value)
{
	size_t index;
	json_t *each;
	if (!json_is_array(value)) {
		put_value(into, value);
		return;
	}
	json_array_foreach(value, index, each)
	{
		buffer_put_text(into, index ? "," : "");
		put_value(into, each);
	}
}

void
admin_call_describe(const struct admin_operation *operation, const json_t *arguments,
	struct buffer *into)
{
	for (const struct admin_argument *at = operation->arguments; at->name; at++) {
		const json_t *value = json_object_get(arguments, at->name);
		if (!value || at->kind == ADMIN_SECRET)
			continue;
		buffer_printf(into, "%s%s=", into->length ? " " : "", at->name);
		put_values(into, value);
	}
}
