#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "base/base.h"
#include "door/door.h"
#include "net/net.h"
#include "post/post.h"
#include "relay/relay.h"

/*
 * Every operation that a person may perform, one descriptor each: name, arguments, help,
 * run. The command line, its help, shell completion, the man pages and the control
 * protocol are made from the descriptors.
 *
 * An operation runs in an errand (it may wait for tickets and hashes), in the server or,
 * when it is stopped, in a process that the command line starts: the code is the same.
 */
struct admin {
	struct post *post;
	struct door *door;
	struct relay *relay;
	struct net *net;
	struct store *store;
	struct base_clock *clock;
	struct base_log *log;
	struct base_metrics *metrics;
	const struct base_config *config; /* may be NULL */
	struct slice host_name;
	struct admin_trace *trace;
};

enum admin_argument_kind {
	ADMIN_TEXT,   /* positional, in order */
	ADMIN_TEXTS,  /* positional, the rest; at least one unless optional */
	ADMIN_OPTION, /* --name VALUE */
	ADMIN_FLAG,   /* --name */
	/* never on the command line: asked for, or one line of standard input */
	ADMIN_SECRET,
	ADMIN_PATH_IN, /* a path that the command line opens; its bytes pass through */
	ADMIN_PATH_OUT
};
struct admin_argument {
	const char *name;
	enum admin_argument_kind kind;
	bool optional;
	const char *help;
	/* what shell completion offers: "account", "domain", "alias", "route", or NULL */
	const char *completes;
};

struct admin_call;

#define ADMIN_ARGUMENTS_MOST 12
struct admin_operation {
	const char *name;                       /* "account add" */
	const char *help;                       /* one line */
	const char *more;                       /* man page's description; may be NULL */
	const struct admin_argument *arguments; /* ended by one without a name */
	bool changes;                           /* written to the audit log */
	bool storeless; /* where no store is: of struct admin, clock, log, net, metrics
			   and config alone are there; a running server refuses it */
	enum base_failure (*run)(struct admin_call *call, struct base_error *error);
};
/* NULL-terminated; sorted by name. */
extern const struct admin_operation *const admin_operations[];

/* --- what run may ask and say --------------------------------------------------------- */

struct admin *admin_of(const struct admin_call *call);
struct arena *admin_arena(struct admin_call *call); /* as long as the call */
struct slice admin_argument(
	const struct admin_call *call, const char *name); /* SLICE_NONE: not given */
bool admin_flag(const struct admin_call *call, const char *name);
size_t admin_arguments(
	const struct admin_call *call, const char *name, const struct slice **values);

/*
 * Output is rows of named fields: a table for people, an array of objects for --json.
 * Or sentences. Progress goes to a terminal only, at most five times a second.
 */
struct admin_field {
	const char *name;
	enum {
		ADMIN_FIELD_TEXT,
		ADMIN_FIELD_NUMBER,
		ADMIN_FIELD_SWITCH,
		ADMIN_FIELD_TIME
	} kind;
	struct slice text;
	int64_t number; /* TIME: milliseconds since 1970; 0: none */
};
void admin_row(struct admin_call *call, const struct admin_field *fields, size_t count);
/* In English; the command line finds it in the person's language (base_text_put). */
void admin_say(struct admin_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void admin_progress(struct admin_call *call, uint64_t done, uint64_t of, const char *unit);
bool admin_cancelled(const struct admin_call *call); /* the person is gone, or we stop */

/*
 * Files of the person's side, for import and export: the control protocol carries their
 * bytes. in: next file of the tree that was named (path relative, bytes pulled in pieces);
 * out: begin a file, add bytes, end it.
 */
struct admin_file {
	struct slice path; /* relative to the argument; valid until the next file */
	int64_t modified;  /* seconds since 1970 */
	uint64_t size;
};
bool admin_file_next(struct admin_call *call, struct admin_file *file);
/* At most room bytes of the current file; 0 at its end. */
size_t admin_file_read(struct admin_call *call, char *into, size_t room);
/*
 * After the current file's last byte: was it all of it? Otherwise the person's side could
 * not read it to its end, or left in the middle of it.
 */
bool admin_file_whole(struct admin_call *call);
bool admin_files_broken(const struct admin_call *call); /* nothing more comes */
/* After the last file: the person's side said that it was the last. */
bool admin_files_complete(const struct admin_call *call);
/* And that there were some which it could not read. */
bool admin_files_left_out(const struct admin_call *call);
enum base_failure admin_file_begin(
	struct admin_call *call, struct slice path, int64_t modified) MUST_CHECK;
enum base_failure admin_file_write(struct admin_call *call, struct slice bytes) MUST_CHECK;
enum base_failure admin_file_end(struct admin_call *call) MUST_CHECK;

/* --- the control protocol --------------------------------------------------------------
 */

/*
 * A line of JSON for a call, lines of JSON and counted bytes back; see admin/control.h.
 * On the server a net protocol on a UNIX socket (0600, owner and root), owner: struct
 * admin.
 */
extern const struct net_protocol admin_protocol;

/*
 * Keeps the log's events that carry an id for some days. The tap may be called until
 * destroy, also after close, which stores the last of them and lets the store go.
 */
struct admin_trace *admin_trace_create(
	struct store *store, struct base_clock *clock, uint64_t keep_ms);
void admin_trace_tap(void *argument, int64_t wall_ms, const char *event,
	const struct base_log_field *fields);
/* By the server's timer: once a second, or sooner when many wait. */
#define ADMIN_TRACE_PERIOD_MS 200
void admin_trace_tick(struct admin_trace *trace);
void admin_trace_close(struct admin_trace *trace); /* NULL is fine */
void admin_trace_destroy(struct admin_trace *trace);

#endif
