#ifndef ADMIN_TRACE_H
#define ADMIN_TRACE_H

#include "admin/admin.h"

/* What was kept of an event: its fields come one after the other from admin_traced_next. */
struct admin_traced {
	struct slice id;
	int64_t wall_ms;
	struct slice event;
	struct slice fields; /* packed */
};
bool admin_traced_next(struct admin_traced *traced, struct slice *key, struct slice *value);

/* Events of one letter in the order of time; BASE_INVALID: that is no id of ours. */
typedef void admin_trace_event(void *argument, struct admin_traced *traced);
enum base_failure admin_trace_read(struct admin_trace *trace, struct slice id,
	admin_trace_event *seen, void *argument) MUST_CHECK;

#endif
