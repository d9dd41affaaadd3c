#ifndef IMAPD_IMAPD_INTERNAL_H
#define IMAPD_IMAPD_INTERNAL_H

#include "base/texts.h"
#include "door/exchange.h"
#include "imapd/imapd.h"
#include "wire/imap-arguments.h"
#include "wire/imap-gather.h"
#include "wire/imap-partial.h"
#include "wire/imap-response.h"
#include <stdatomic.h>

/* States as bits, so that a command says in which it may be given (RFC 3501 3). */
enum imapd_state {
	IMAPD_NOT_SIGNED_IN = 1,
	IMAPD_SIGNED_IN = 2,
	IMAPD_SELECTED = 4,
	IMAPD_ANY = 7,
	IMAPD_ACCOUNT = 6
};

enum imapd_trait {
	IMAPD_HAS_UID = 1, /* "UID name" is a command too */
	/* No EXPUNGE may be told before its tagged answer (RFC 3501 7.4.1), unless UID. */
	IMAPD_KEEPS_NUMBERS = 2,
	IMAPD_WRITES = 4, /* refused in a mailbox that was opened by EXAMINE */
	IMAPD_SAVES = 8,  /* puts messages into a mailbox */
	IMAPD_WHOLE = 16, /* is done with all messages or with none */
	IMAPD_ASKS_NEWS = 32
};

/* What one does with a mailbox: rights.c says which rights that asks (RFC 4314 4). */
enum imapd_act {
	IMAPD_LOOKS,
	IMAPD_READS,
	IMAPD_INSERTS,
	IMAPD_STORES,
	IMAPD_SEES,
	IMAPD_EXPUNGES,
	IMAPD_TAKES_OUT,
	IMAPD_CREATES,
	IMAPD_DELETES,
	IMAPD_ADMINISTERS,
	IMAPD_ANNOTATES,
	IMAPD_ASKS_RIGHTS
};

struct imapd_session;
struct imapd_call;

/*
 * A command: dispatch, CAPABILITY, metrics and docs/imap.md are made from this. A new one
 * is a file that ends in its descriptor, a line in list.inc, one in meson.build.
 */
struct imapd_command {
	const char *name;
	unsigned states;
	unsigned traits;
	enum imapd_act act;     /* with the selected mailbox */
	const char *capability; /* what announces it, or NULL */
	unsigned announced;     /* in which states; 0: once signed in */
	const char *rfc;        /* number and section, "3501 6.4.5"; "" for none */
	const char *purpose;    /* half a line for a person */
	const char *file;       /* __FILE__ */
	enum net_next (*run)(struct imapd_session *session, struct imapd_call *call);
};

/*
 * What is announced and is no command: items of FETCH, keys of SEARCH, arguments, answers.
 * It stands at the end of the file that carries it out, and has its line in list.inc.
 */
struct imapd_extension {
	const char *capability;
	unsigned announced; /* in which states; 0: once signed in */
	const char *rfc, *purpose, *file;
	/* Whether this session is offered it; NULL: always. */
	bool (*offered)(const struct imapd_session *session);
	/* Writes it where it is more than its name; NULL: the name. */
	void (*put)(const struct imapd_session *session, struct buffer *into);
	unsigned enables; /* what ENABLE of this name turns on, of enum imapd_enabled */
};

/* What a client has turned on (RFC 5161, RFC 7162 3.1). */
enum imapd_enabled {
	IMAPD_CONDSTORE = 1,
	IMAPD_QRESYNC = 2,
	IMAPD_UIDONLY = 4,
	IMAPD_UTF8 = 8,
	IMAPD_REV2 = 16,
	IMAPD_METADATA = 32 /* told of annotations that others change (RFC 5464 4.4) */
};

/* A command under way: from its last byte to its tagged answer. In its own arena. */
struct imapd_call {
	struct arena *arena;
	struct wire_imap_cursor cursor;
	const struct imapd_command *command;
	struct slice tag;
	bool uid;            /* "UID FETCH" and its like */
	uint32_t limited_to; /* the least UID that was served (RFC 9738); 0: all were */
	void *act;           /* what the command keeps between its steps, in the arena */
};

/* The selected mailbox as this client knows it. */
struct imapd_selected {
	struct post_mailbox *mailbox;
	struct post_view *view;
	bool read_only;                  /* by EXAMINE, or for want of rights */
	bool told_room;                  /* PERMANENTFLAGS had \* */
	unsigned rights;                 /* of enum wire_right; all of one's own */
	atomic_uint rights_version;      /* of the rights; the watch reads it */
	struct post_uids *recent;        /* what is \Recent in this session */
	uint32_t recent_until, uid_next; /* where that is settled; when it was selected */
	bool unheard; /* new mail was told where a client may be deaf to it */
	struct post_uids *flags_due; /* by own commands, behind the view's back; or NULL */
	uint64_t keywords_told;      /* modseq of the table that FLAGS has named */
	struct post_uids *own_arrivals;  /* came by this client, not told; may be NULL */
	struct post_uids *saved;         /* "$" (RFC 5182); NULL: empty */
	struct imapd_standing *standing; /* RFC 5267; the last first */
	struct post_watch *watch;
	/* For the watch, on another thread: whom it wakes, and whether for news too. */
	struct net_handle handle;
	atomic_bool idling;
};

struct imapd_session {
	struct net_session *net;
	const struct imapd_context *context;
	enum imapd_state state;
	struct wire_line_taker line;
	struct wire_imap_gather gather;
	struct wire_octets_taker octets;
	struct post_account *account;
	uint64_t account_id;
	char *address;                     /* of the account, NUL-terminated, owned */
	struct slice account_hidden;       /* capabilities; owned */
	const struct imapd_client *client; /* what ID said; NULL: nothing special */
	struct door_exchange *exchange;    /* a sign-in under way */
	const struct base_texts *language; /* NULL: English */
	struct imapd_selected *selected;
	struct imapd_call *call;
	struct imapd_notify *notify; /* NULL: it is told of nothing unasked (notify.h) */
	struct imapd_rows_due *rows_due; /* NULL: none (rows-due.h) */
	struct imapd_upload *upload;     /* APPEND's messages while they come in */
	unsigned errors, commands;       /* commands: before the sign-in */
	unsigned enabled;                /* of enum imapd_enabled */
	uint64_t sign_in_until;          /* steady ms; all of it must be done by then */
	bool ready;
};

#define IMAPD_COMMAND(name)   extern const struct imapd_command imapd_command_##name;
#define IMAPD_EXTENSION(name) extern const struct imapd_extension imapd_extension_##name;
#include "imapd/list.inc"
#undef IMAPD_COMMAND
#undef IMAPD_EXTENSION

/* All of them, each list ended by NULL. */
extern const struct imapd_command *const imapd_commands[];
extern const struct imapd_extension *const imapd_extensions[];

/* --- session.c, dispatch.c -------------------------------------------------------------
 */

struct imapd_session *imapd_session_of(struct net_session *session);
/* Waits for the next command. */
enum net_next imapd_next(struct imapd_session *session);
/* Waits for one line within a command (AUTHENTICATE). */
enum net_next imapd_next_line(
	struct imapd_session *session, const struct net_want *more, net_step *step);
/* The session can't go on: says BYE where the event asks for it. */
enum net_next imapd_gone(struct imapd_session *session, const struct net_event *event);
/* Runs the command that was gathered. */
enum net_next imapd_run(struct imapd_session *session);
void imapd_call_end(struct imapd_session *session);
/* For one that is parked for long: its arguments go, what names it stays. */
void imapd_call_shrink(struct imapd_session *session);
/* Parks until the ticket is complete; the session takes it over. */
enum net_next imapd_await(
	struct imapd_session *session, struct base_ticket *ticket, net_step *step);
/* Parks until output has drained, or a reader that takes nothing is given up. */
enum net_next imapd_drain(struct imapd_session *session, net_step *step);

/* --- reply.c ---------------------------------------------------------------------------
 */

void imapd_put(struct imapd_session *session, const struct buffer *bytes);
void imapd_put_text(struct imapd_session *session, const char *text);
/* A line whose text behind "[CODE] " is put in the client's language (RFC 5255 3). */
void imapd_put_said(struct imapd_session *session, const char *head, struct slice text);
bool imapd_is_selected_mailbox(
	const struct imapd_session *session, uint64_t account, uint64_t id);
/* "* OK [HIGHESTMODSEQ …]", "* NAMESPACE …" */
void imapd_put_highest(struct imapd_session *session, const struct post_view *view);
void imapd_put_namespaces(struct imapd_session *session);
/* Ends the command: what changed meanwhile, the tagged answer, the next command. */
enum net_next imapd_ok(struct imapd_session *session, const char *text);
enum net_next imapd_ok_slice(struct imapd_session *session, struct slice text);
enum net_next imapd_no(struct imapd_session *session, const char *text);
enum net_next imapd_bad(struct imapd_session *session, const char *text);
/* "[CANNOT] …": with the code of RFC 5530 that fits. */
const char *imapd_failure_text(enum base_failure failure);
/* NO with it. */
enum net_next imapd_failed(struct imapd_session *session, enum base_failure failure);
/* The same for a command that names a mailbox to put messages into. */
enum net_next imapd_no_target(struct imapd_session *session, enum base_failure failure);
/* A message number that the client could not know to be void (RFC 2180 4). */
enum net_next imapd_expunged(struct imapd_session *session);
/* The cursor's error as BAD. */
enum net_next imapd_unparsed(struct imapd_session *session);
/* "IMAP4rev1 …" as this session stands. */
bool imapd_is_announced(
	const struct imapd_session *session, const struct imapd_extension *extension);
bool imapd_put_capabilities(const struct imapd_session *session, struct buffer *into);

/* --- limit.c: RFC 9738 -------------------------------------------------------------------
 */

/* Leaves the newest, as many as the command may have; its OK will say so. */
void imapd_limit(struct imapd_session *session, struct post_uids *uids);
/* The same of those in a window, of which alone the client is told (RFC 9394). */
void imapd_limit_window(struct imapd_session *session, struct wire_imap_partial *window,
	const struct post_uids *found);
/* What to answer NO with where that many are too many; NULL: they are not. */
const char *imapd_limit_refusal(const struct imapd_session *session, size_t count);
/* The same of these, for a command that is done whole; NULL for all others. */
const char *imapd_limit_refusal_of(
	const struct imapd_session *session, const struct post_uids *uids);
/* "[MESSAGELIMIT 100 7] …" of what was served. */
struct slice imapd_limit_code(const struct imapd_session *session);

/* --- clients.c -------------------------------------------------------------------------
 */

bool imapd_is_hidden(const struct imapd_session *session, struct slice capability);
bool imapd_client_matches(struct slice pattern, struct slice text);
/* What the client calls itself; says CAPABILITY when that changes what it is offered. */
void imapd_client_is(
	struct imapd_session *session, struct slice name, struct slice version);

/* --- status.c: numbers of a mailbox ---------------------------------------------------
 */

/*
 * "* STATUS name (…)", with the name as the client wrote it; items of enum
 * wire_imap_status_item. Nothing is put on failure.
 */
enum base_failure imapd_put_status(struct imapd_session *session, struct buffer *into,
	struct slice written, unsigned items);

/* --- object-id.c -----------------------------------------------------------------------
 */

/* "MAILBOXID (F…)": RFC 8474 4. */
void imapd_put_mailbox_id(const struct imapd_session *session, struct buffer *into,
	uint64_t account, uint64_t mailbox);
/* "M12" of a message in the selected mailbox; "M12-4e2" where it is another account's. */
bool imapd_put_email_id(
	const struct imapd_session *session, struct buffer *into, uint64_t id);
/* False for what was never given out, or is of another account. */
bool imapd_email_id_of(
	const struct imapd_session *session, struct slice text, uint64_t *id);
bool imapd_put_thread_id(struct buffer *into, uint64_t id); /* "T", 16 hexadecimal digits */
bool imapd_thread_id_of(struct slice text, uint64_t *id);

/* --- standing.c: searches that stand, told of what changes ------------------------------
 */

/* Before the view moves on: these are told to be gone. */
void imapd_standing_gone(struct imapd_session *session, const struct post_uids *vanished);
/* After it has moved on: these came, or changed. */
void imapd_standing_update(struct imapd_session *session, const struct post_uids *touched,
	const struct post_uids *arrived);
bool imapd_standing_cancel(struct imapd_session *session, struct slice tag);
void imapd_standing_end_all(struct imapd_session *session, struct imapd_selected *selected);

/* --- enabled.c -------------------------------------------------------------------------
 */

/* Turns on what a client asked for by ENABLE or by using it; says what must be said then.
 */
void imapd_turn_on(struct imapd_session *session, unsigned enabled);
bool imapd_is_on(const struct imapd_session *session, unsigned enabled);
/* "[HIGHESTMODSEQ 7] text" where QRESYNC asks for it, else the text. In the call's arena.
 */
struct slice imapd_with_modseq(struct imapd_session *session, const char *text);

/* --- rev2.c: IMAP4rev2, UTF8=ACCEPT -----------------------------------------------------
 */

/* Mailbox names and quoted strings are UTF-8, in both directions. */
bool imapd_speaks_utf8(const struct imapd_session *session);
/* What is told to be \Recent; NULL: nothing. */
const struct post_uids *imapd_recent(const struct imapd_session *session);
/* "* 5 EXISTS", and RECENT where there is such a thing. */
void imapd_put_exists(struct imapd_session *session, const struct post_view *view);
/*
 * To an IMAP4rev2 client: "* LIST () "/" name ("OLDNAME" (old))" (RFC 9051 6.3.9.7); old
 * is left out when it is absent or the same.
 */
void imapd_put_old_name(struct imapd_session *session, struct slice name, struct slice old);

/* --- sync.c: what the client knows, and what is so -------------------------------------
 */

/*
 * What this session's command did: its client need not be told what it asked for silently,
 * or was told already; but what became of either since.
 */
struct imapd_own_change {
	const struct post_uids *uids; /* whose flags it changed; may be NULL */
	enum post_flag_action action;
	const struct slice *names;
	size_t count;
	const struct post_view *told;      /* whose flags its rows showed; may be NULL */
	const struct post_uids *told_uids; /* of those rows */
	bool told_all; /* each of them has its row, with the mod-sequence where it counts */
};
/*
 * Tells what is new in the selected mailbox, if one is. own may be NULL. Where EXPUNGE may
 * not be told, what is gone stays in the view, and all the rest is told.
 */
void imapd_sync(struct imapd_session *session, const struct imapd_own_change *own);
/* FLAGS, before a flag is told that the client has not heard of. */
void imapd_tell_keywords(struct imapd_session *session, const struct post_view *view);

/* --- what commands share ---------------------------------------------------------------
 */

/* sign-in.c: goes on with session->exchange from that step to the answer. */
enum net_next imapd_sign_in(struct imapd_session *session, enum door_step step);
/* Leaves the account, and forgets what was turned on in it. */
void imapd_sign_out(struct imapd_session *session);

/* selected.c: SELECT and EXAMINE. */
enum net_next imapd_open_mailbox(
	struct imapd_session *session, struct imapd_call *call, bool read_only);
void imapd_unselect(struct imapd_session *session);

/* copying.c: COPY and MOVE. */
enum net_next imapd_copy(struct imapd_session *session, struct imapd_call *call, bool move);

/*
 * mailbox-change.c: answers when the tree of mailboxes has changed, of which name is the
 * one that was named; a ticket that is NULL: error says why not.
 */
enum net_next imapd_await_change(struct imapd_session *session, struct slice name,
	struct base_ticket *ticket, const struct base_error *error);
enum net_next imapd_subscribe(
	struct imapd_session *session, struct imapd_call *call, bool subscribed);
/* Some clients end a name with the separator (RFC 3501 6.3.3). */
struct slice imapd_mailbox_name(struct slice name);

/* --- flags.c ---------------------------------------------------------------------------
 */

/* "(\Seen $Junk \Recent)" of a message in a view, as far as `named` has these names. */
bool imapd_put_flags(struct buffer *into, const struct post_view *view,
	const struct post_view *named, uint32_t uid, const struct post_uids *recent);
/* "MODSEQ (12)" */
bool imapd_put_modseq(struct buffer *into, const struct post_view *view, uint32_t uid);
/* "* FLAGS (…)" and PERMANENTFLAGS. */
void imapd_put_mailbox_flags(struct imapd_session *session, const struct post_view *view);
/* The names of parsed flags, as post wants them. */
size_t imapd_flag_names(
	struct arena *arena, const struct wire_imap_flags *flags, struct slice **names);

/* --- sets.c: sequence sets and views ---------------------------------------------------
 */

/* The BAD to a number, for who has turned UIDONLY on (RFC 9586 3). */
#define IMAPD_UID_REQUIRED "[UIDREQUIRED] Messages have no numbers, only UIDs"

/*
 * The UIDs that a set means in the session's view, which is brought up to date first when a
 * UID past its end is written. False with *fault set: a sequence number past the end is a
 * client's error, a UID that is not there is not (RFC 3501 6.4.8, 9).
 */
bool imapd_uids_of_set(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault);
/* The same before RFC 9738 has its say. */
bool imapd_uids_named(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault);
/*
 * The same for SEARCH, where a number past the end is one that nothing matches; with UIDs
 * that no message has. Ranges as they were written are small, however large the mailbox.
 */
bool imapd_uids_sought(struct imapd_session *session, struct wire_imap_set *set, bool uid,
	struct post_uids **uids, const char **fault);
/* True when one that was named by its number is gone meanwhile, and the client not told. */
bool imapd_names_expunged(
	const struct imapd_session *session, const struct post_uids *uids);

/* Sequence numbers of rising UIDs; neighbours cost nothing. */
struct imapd_numbering {
	const struct post_view *view;
	uint32_t uid, number; /* the last one told */
};
uint32_t imapd_number_of(struct imapd_numbering *numbering, uint32_t uid);

#endif
