#include "admin/call.h"

enum { SENTENCE_MOST = 64 * 1024, AUDIT_MOST = ADMIN_LINE_MOST, PROGRESS_EVERY_MS = 200 };

static void
release_json(json_t **value)
{
	json_decref(*value);
}

bool
admin_call_send(struct admin_call *call, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	json_decref(value);
	if (!text)
		return false;
	bool fine = admin_pipe_write(call->pipe, slice_of_text(text)) &&
		    admin_pipe_write(call->pipe, SLICE("\n"));
	free(text);
	return fine;
}

const struct admin_operation *
admin_operation_named(struct slice name)
{
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		if (slice_equal(name, slice_of_text((*at)->name)))
			return *at;
	return NULL;
}

/* --- arguments ------------------------------------------------------------------------ */

struct admin *
admin_of(const struct admin_call *call)
{
	return call->admin;
}

struct arena *
admin_arena(struct admin_call *call)
{
	return call->arena;
}

struct slice
admin_argument(const struct admin_call *call, const char *name)
{
	const json_t *value = json_object_get(call->arguments, name);
	if (!json_is_string(value))
		return SLICE_NONE;
	return slice_of(json_string_value(value), json_string_length(value));
}

bool
admin_flag(const struct admin_call *call, const char *name)
{
	return json_is_true(json_object_get(call->arguments, name));
}

size_t
admin_arguments(
	const struct admin_call *call, const char *name, const struct slice **values)
{
	const json_t *list = json_object_get(call->arguments, name);
	size_t count = json_array_size(list);
	struct slice *copies = ARENA_MANY(call->arena, struct slice, count);
	for (size_t i = 0; i < count; i++) {
		const json_t *value = json_array_get(list, i);
		copies[i] = slice_of(json_string_value(value), json_string_length(value));
	}
	*values = copies;
	return count;
}

/* --- answers -------------------------------------------------------------------------- */

/* Foreign bytes may be no UTF-8, which JSON can't hold. */
static json_t *
json_of_slice(struct slice s)
{
	if (slice_empty(s))
		return json_string("");
	json_t *value = json_stringn(s.data, s.length);
	if (value)
		return value;
	SCOPED(buffer_free) struct buffer text = buffer_with(1024 * 1024);
	for (size_t i = 0; i < s.length; i++)
		buffer_put_byte(&text, (unsigned char)s.data[i] < 0x80 ? s.data[i] : '?');
	return json_stringn(text.data, text.length);
}

static json_t *
json_of_field(const struct admin_field *field)
{
	switch (field->kind) {
	case ADMIN_FIELD_NUMBER:
	case ADMIN_FIELD_TIME:
		return json_integer(field->number);
	case ADMIN_FIELD_SWITCH:
		return json_boolean(field->number);
	default:
		return slice_absent(field->text) ? json_null() : json_of_slice(field->text);
	}
}

/* The command line shows a time as such, so its name says so on the wire. */
void
admin_row(struct admin_call *call, const struct admin_field *fields, size_t count)
{
	json_t *row = json_object();
	for (size_t i = 0; i < count; i++) {
		bool time = fields[i].kind == ADMIN_FIELD_TIME;
		SCOPED(buffer_free) struct buffer name = buffer_with(256);
		buffer_printf(&name, "%s%s", fields[i].name, time ? "_ms" : "");
		buffer_put_byte(&name, 0);
		json_object_set_new(row, name.data, json_of_field(&fields[i]));
	}
	admin_call_send(call, json_pack("{so}", "row", row));
}

void
admin_say(struct admin_call *call, const char *format, ...)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(SENTENCE_MOST);
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	admin_call_send(call, json_pack("{so}", "say", json_of_slice(buffer_slice(&text))));
}

void
admin_progress(struct admin_call *call, uint64_t done, uint64_t of, const char *unit)
{
	uint64_t now = base_clock_steady_ms(call->admin->clock);
	if (call->progress_ms && now < call->progress_ms + PROGRESS_EVERY_MS)
		return;
	call->progress_ms = now;
	admin_call_send(call, json_pack("{s{sIsIss}}", "progress", "done", (json_int_t)done,
				      "of", (json_int_t)of, "unit", unit));
}

bool
admin_cancelled(const struct admin_call *call)
{
	return admin_pipe_broken(call->pipe) || net_stopping(call->admin->net);
}

/* --- running -------------------------------------------------------------------------- */

static struct slice
slice_of_json(const json_t *text)
{
	return slice_of(json_string_value(text), json_string_length(text));
}

static enum base_failure
read_call(struct admin_call *call, json_t **parsed, struct base_error *error)
{
	struct slice line;
	json_error_t where;
	if (!admin_pipe_read_line(call->pipe, call->arena, &line))
		return base_fail(error, BASE_INVALID, "no call came, or one over %d bytes",
			ADMIN_LINE_MOST);
	*parsed = json_loadb(line.data, line.length, JSON_REJECT_DUPLICATES, &where);
	const json_t *name = json_object_get(*parsed, "operation");
	call->arguments = json_object_get(*parsed, "arguments");
	if (!json_is_string(name) || !json_is_object(call->arguments))
		return base_fail(error, BASE_INVALID, "that is no call");
	call->operation = admin_operation_named(slice_of_json(name));
	if (!call->operation)
		return base_fail(error, BASE_INVALID,
			"the server knows no operation \"%.64s\"; is it of another "
			"release?",
			json_string_value(name));
	return admin_call_check(call->operation, call->arguments, error);
}

static void
write_audit(const struct admin_call *call, enum base_failure failure)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(AUDIT_MOST);
	admin_call_describe(call->operation, call->arguments, &text);
	LOG(call->admin->log, BASE_LOG_INFO, "admin.done",
		LOG_STRING("operation", call->operation->name),
		LOG_NUMBER("user", call->user), LOG_TEXT("arguments", buffer_slice(&text)),
		LOG_FAILURE(failure));
}

static enum base_failure
run(struct admin_call *call, struct base_error *error)
{
	SCOPED(release_json) json_t *parsed = NULL;
	enum base_failure failure = read_call(call, &parsed, error);
	if (failure)
		return failure;
	ASSERT(call->operation); /* else read_call has failed */
	if (call->admin->net)
		net_carries(call->admin->net, "operation",
			slice_of_text(call->operation->name));
	if (call->operation->storeless && call->admin->store)
		return base_fail(error, BASE_CONFLICT,
			"the server runs: stop it first (systemctl stop troika)");
	failure = call->operation->run(call, error);
	if (call->operation->changes)
		write_audit(call, failure);
	return failure;
}

static const char *
said(const struct base_error *error, enum base_failure failure)
{
	return error->text[0] ? error->text : base_failure_name(failure);
}

void
admin_call_run(struct admin *admin, struct admin_pipe *pipe, int64_t user)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	SCOPED(arena_release) struct arena *file_arena = arena_create(4 * ADMIN_LINE_MOST);
	struct admin_call call = {.admin = admin,
		.arena = arena,
		.pipe = pipe,
		.user = user,
		.file_arena = file_arena};
	struct base_error error = {0};
	enum base_failure failure = run(&call, &error);
	if (failure)
		admin_call_send(
			&call, json_pack("{soss}", "error",
				       json_of_slice(slice_of_text(said(&error, failure))),
				       "failure", base_failure_name(failure)));
	else
		admin_call_send(&call, json_pack("{sb}", "done", 1));
}
