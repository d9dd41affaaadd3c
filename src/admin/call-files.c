#include "admin/call.h"
#include "admin/control.h"

/* --- files that come: import
 * ----------------------------------------------------------------- */

static void
skip_rest(struct admin_call *call)
{
	char some[4096];
	while (call->file_left && admin_file_read(call, some, sizeof some))
		continue;
}

static bool
file_of(struct admin_call *call, const json_t *head, struct admin_file *file)
{
	const json_t *path = json_object_get(head, "file");
	json_int_t size = json_integer_value(json_object_get(head, "size"));
	if (!json_is_string(path) || size < 0)
		return false;
	*file = (struct admin_file){
		.path = arena_copy(call->arena,
			slice_of(json_string_value(path), json_string_length(path))),
		.modified = json_integer_value(json_object_get(head, "modified")),
		.size = (uint64_t)size};
	call->file_left = file->size;
	return true;
}

bool
admin_file_next(struct admin_call *call, struct admin_file *file)
{
	struct slice line;
	json_error_t where;
	skip_rest(call);
	/* Names and heads are small and soon done with: an arena of their own each time. */
	SCOPED(arena_release) struct arena *arena = arena_create(2 * ADMIN_LINE_MOST);
	if (call->files_ended || !admin_pipe_read_line(call->pipe, arena, &line))
		return false;
	json_t *head = json_loadb(line.data, line.length, 0, &where);
	bool found = head && file_of(call, head, file);
	json_decref(head);
	call->files_ended = !found;
	return found;
}

size_t
admin_file_read(struct admin_call *call, char *into, size_t room)
{
	if (room > call->file_left)
		room = (size_t)call->file_left;
	if (room == 0)
		return 0;
	size_t got = admin_pipe_read(call->pipe, into, room);
	/* The person is gone in the middle of a file: there is no more. */
	if (got == 0)
		call->files_ended = true;
	call->file_left = got ? call->file_left - got : 0;
	return got;
}

/* --- files that go: export
 * ------------------------------------------------------------------- */

enum base_failure
admin_file_begin(struct admin_call *call, struct slice path, int64_t modified)
{
	json_t *head = json_pack("{ss%sI}", "file", path.data, path.length, "modified",
		(json_int_t)modified);
	if (!head)
		return BASE_INVALID;
	return admin_call_send(call, head) ? BASE_OK : BASE_CANCELLED;
}

enum base_failure
admin_file_write(struct admin_call *call, struct slice bytes)
{
	while (bytes.length) {
		struct slice some = slice_first(bytes, ADMIN_BYTES_MOST);
		if (!admin_call_send(
			    call, json_pack("{sI}", "bytes", (json_int_t)some.length)) ||
			!admin_pipe_write(call->pipe, some))
			return BASE_CANCELLED;
		bytes = slice_from(bytes, some.length);
	}
	return BASE_OK;
}

enum base_failure
admin_file_end(struct admin_call *call)
{
	return admin_call_send(call, json_pack("{sb}", "close", 1)) ? BASE_OK
								    : BASE_CANCELLED;
}
