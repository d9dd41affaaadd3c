#ifndef ADMIN_CALL_H
#define ADMIN_CALL_H

#include "admin/admin.h"
#include "admin/pipe.h"
#include <jansson.h>

/*
 * A call while it runs, on its errand's thread. Its arena has no ceiling: only root and the
 * server's user may call, what they send is bounded by ADMIN_LINE_MOST, and a list of a
 * million accounts is what they asked for.
 */
struct admin_call {
	struct admin *admin;
	struct arena *arena;
	struct admin_pipe *pipe;
	int64_t user; /* who calls, by number */
	const struct admin_operation *operation;
	json_t *arguments;    /* an object that fits the descriptors */
	uint64_t progress_ms; /* when the last one was sent */

	struct arena *file_arena; /* of the file being read */
	uint64_t file_left;
	bool file_open, file_whole; /* its last line is still to come; what that said */
	bool files_ended, files_complete, files_left_out;
};

/* Reads the call from the pipe, runs it, says how it ended. */
void admin_call_run(struct admin *admin, struct admin_pipe *pipe, int64_t user);

/* Sends a value as a line and lets it go. */
bool admin_call_send(struct admin_call *call, json_t *value);

const struct admin_operation *admin_operation_named(struct slice name);

/* Are these the arguments that the operation's descriptors want? */
enum base_failure admin_call_check(const struct admin_operation *operation,
	json_t *arguments, struct base_error *error) MUST_CHECK;

/* One line for the audit log: "address=anna@example.org quota=2G"; never a secret. */
void admin_call_describe(const struct admin_operation *operation, const json_t *arguments,
	struct buffer *into);

#endif
