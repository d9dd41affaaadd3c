#ifndef POPD_POPD_INTERNAL_H
#define POPD_POPD_INTERNAL_H

#include "door/exchange.h"
#include "popd/maildrop.h"
#include "popd/popd.h"
#include "wire/pop3-command.h"
#include "wire/takers.h"

/* RFC 1939: UPDATE is no state of ours: QUIT parks once, for a commit or an errand, and
 * closes. */
enum popd_state { POPD_AUTHORIZATION = 1, POPD_TRANSACTION = 2 };

struct popd_session {
	struct net_session *net;
	const struct popd_context *context;
	struct wire_line_taker line;
	enum popd_state state;
	unsigned errors, commands; /* commands: before the sign-in */
	uint64_t sign_in_until;    /* steady ms */
	struct slice user; /* USER's name, then the account's address; memory of its own */
	struct door_exchange *exchange; /* a sign-in under way */
	struct popd_maildrop *maildrop; /* in TRANSACTION */

	enum net_next (*more)(struct popd_session *session); /* after NET_MORE */
	uint32_t listed; /* LIST, UIDL, STAT: up to here */
	uint64_t octets; /* STAT's sum */

	uint64_t pulled;       /* bytes of messages that went into the output */
	uint64_t pulled_seen;  /* when the drain was last parked */
	uint64_t drain_due_ms; /* of the clock */
	uint64_t retrieved, deleted;
	uint32_t marked; /* of the maildrop that QUIT has given to its errand */
};

/*
 * A command is one file, which ends in its descriptor. Dispatch, what is allowed when, and
 * CAPA's list come from these.
 */
struct popd_command {
	enum wire_pop3_verb verb;
	unsigned states;
	struct slice capability; /* its line in CAPA; absent: it has none */
	/* More of it, behind the line. */
	void (*more_capability)(const struct popd_session *session, struct buffer *line);
	/* NULL: always. False: neither announced nor carried out, but refused with that. */
	bool (*offered)(const struct popd_session *session);
	const char *refusal;
	enum net_next (*run)(
		struct popd_session *session, const struct wire_pop3_command *command);
};

extern const struct popd_command popd_command_auth, popd_command_capa, popd_command_dele,
	popd_command_list, popd_command_noop, popd_command_pass, popd_command_quit,
	popd_command_retr, popd_command_rset, popd_command_stat, popd_command_stls,
	popd_command_top, popd_command_uidl, popd_command_user;

/* The descriptor of a verb, NULL for one that is not served; and all, NULL at the end. */
const struct popd_command *popd_command_of(enum wire_pop3_verb verb);
extern const struct popd_command *const popd_commands[];

/* --- session.c: answering and going on ------------------------------------------------ */

struct popd_session *popd_session_of(struct net_session *session);

/* Waits for the next command, or closes after too many errors. */
enum net_next popd_next(struct popd_session *session);
/* Waits for one line with another step. */
enum net_next popd_next_line(struct popd_session *session, net_step *step);
/* "+OK " and "-ERR " with the text and a line end, then the next command. */
enum net_next popd_ok(struct popd_session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum net_next popd_error(struct popd_session *session, const char *text);
/* The first line of an answer of many. */
void popd_begin(struct popd_session *session, const char *text);
/* Goes on with more once there is room; other sessions get their turn. */
enum net_next popd_go_on(
	struct popd_session *session, enum net_next (*more)(struct popd_session *session));
/* What a step does that did not get what it waits for. */
enum net_next popd_gone(struct popd_session *session, const struct net_event *event);
/* Wipes what the last line said: it may be a password. */
void popd_wipe_line(struct popd_session *session);
void popd_set_user(struct popd_session *session, struct slice name); /* SLICE_NONE: none */
/* LIST, UIDL, STAT: the next few messages after session->listed; false: no more. */
bool popd_next_part(struct popd_session *session, uint32_t *first, uint32_t *last);

/* "[SYS/TEMP] …" and the like (RFC 3206), for a failure that is nobody's mistake. */
const char *popd_failure_text(enum base_failure failure);

/* --- sign-in.c ------------------------------------------------------------------------ */

bool popd_may_ask(const struct popd_session *session);
/* What session->exchange asks for; at its end opens and locks the maildrop, answers. */
enum net_next popd_step(struct popd_session *session, enum door_step step);

/* --- send.c, answer-source.c: a message on its way ------------------------------------ */

/* Of the message: the header, and so many lines of the body. */
#define POPD_WHOLE UINT64_MAX
enum net_next popd_send(struct popd_session *session, uint32_t number, uint64_t lines);

/* NUL becomes 0x80, as clients hang on it. Owns inner; *pulled counts what went. */
struct base_source *popd_answer_source(struct base_source *inner, uint64_t *pulled);

#endif
