#ifndef ADMIN_CALL_H
#define ADMIN_CALL_H

#include "admin/admin.h"
#include "admin/pipe.h"
#include <jansson.h>

/* A call while it runs, on its errand's thread. */
struct admin_call {
	struct admin *admin;
	struct arena *arena;
	struct admin_pipe *pipe;
	const struct admin_operation *operation;
	json_t *arguments;  /* an object */
	uint64_t file_left; /* of the file being read */
	bool files_ended;
};

/* Reads the call from the pipe, runs it, says how it ended. */
void admin_call_run(struct admin *admin, struct admin_pipe *pipe);

/* Sends a value as a line and lets it go. */
bool admin_call_send(struct admin_call *call, json_t *value);

const struct admin_operation *admin_operation_named(struct slice name);

#endif
