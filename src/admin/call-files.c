#include "admin/call.h"
#include "admin/control.h"

/* --- files that come: import ---------------------------------------------------------- */

static void
skip_rest(struct admin_call *call)
{
	char some[4096];
	while (call->file_left && admin_file_read(call, some, sizeof some))
		continue;
}

/* The line behind its bytes. */
static void
end_file(struct admin_call *call)
{
	struct slice line;
	json_error_t where;
	if (!call->file_open || call->file_left || call->files_ended)
		return;
	call->file_open = false;
	if (!admin_pipe_read_line(call->pipe, call->file_arena, &line)) {
		call->files_ended = true;
		return;
	}
	json_t *word = json_loadb(line.data, line.length, 0, &where);
	call->file_whole = json_is_true(json_object_get(word, "whole"));
	json_decref(word);
}

static bool
file_of(struct admin_call *call, const json_t *head, struct admin_file *file)
{
	const json_t *path = json_object_get(head, "file");
	json_int_t size = json_integer_value(json_object_get(head, "size"));
	if (!json_is_string(path) || size < 0)
		return false;
	*file = (struct admin_file){
		.path = arena_copy(call->file_arena,
			slice_of(json_string_value(path), json_string_length(path))),
		.modified = json_integer_value(json_object_get(head, "modified")),
		.size = (uint64_t)size};
	call->file_left = file->size;
	call->file_open = true;
	call->file_whole = false;
	return true;
}

bool
admin_file_next(struct admin_call *call, struct admin_file *file)
{
	struct slice line;
	json_error_t where;
	skip_rest(call);
	end_file(call);
	arena_reset(call->file_arena);
	if (call->files_ended ||
		!admin_pipe_read_line(call->pipe, call->file_arena, &line)) {
		call->files_ended = true;
		return false;
	}
	json_t *head = json_loadb(line.data, line.length, 0, &where);
	bool found = head && file_of(call, head, file);
	call->files_ended = !found;
	call->files_complete = !found && json_is_true(json_object_get(head, "end"));
	call->files_left_out = json_is_true(json_object_get(head, "left_out"));
	json_decref(head);
	return found;
}

size_t
admin_file_read(struct admin_call *call, char *into, size_t room)
{
	if (room > call->file_left)
		room = (size_t)call->file_left;
	if (room == 0 || call->files_ended)
		return 0;
	size_t got = admin_pipe_read(call->pipe, into, room);
	if (got == 0)
		call->files_ended = true;
	call->file_left -= got;
	return got;
}

bool
admin_file_whole(struct admin_call *call)
{
	end_file(call);
	return call->file_whole;
}

bool
admin_files_broken(const struct admin_call *call)
{
	return call->files_ended;
}

bool
admin_files_complete(const struct admin_call *call)
{
	return call->files_complete;
}

bool
admin_files_left_out(const struct admin_call *call)
{
	return call->files_left_out;
}

/* --- files that go: export ------------------------------------------------------------ */

enum base_failure
admin_file_begin(struct admin_call *call, struct slice path, int64_t modified)
{
	/* Names of mailboxes are UTF-8: the paths made of them are, too. */
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
