#ifndef ADMIN_MAILDIR_H
#define ADMIN_MAILDIR_H

#include "base/base.h"

/*
 * What paths mean in the formats that import reads and export writes. Pure.
 *
 * Maildir++: "cur/NAME:2,FS" is INBOX's, ".Sent/cur/…" is Sent's, ".Work.Clients/new/…" is
 * Work/Clients' (names in modified UTF-7). A plain folder tree works too: "Sent/cur/…".
 * Small letters are Dovecot's keywords, named by a file "dovecot-keywords" beside cur.
 * Any other file is a message or an mbox: its bytes tell which.
 */
#define ADMIN_MAILDIR_FLAGS_MOST    6
#define ADMIN_MAILDIR_KEYWORDS_MOST 26
#define ADMIN_MAILDIR_LEVEL_MOST                                \
	200 /* bytes of a name of a file or folder that we make \
	     */

enum admin_path_kind {
	ADMIN_PATH_NO_MAIL,  /* tmp, hidden files, what else lies in a Maildir */
	ADMIN_PATH_MAILDIR,  /* a message of its own */
	ADMIN_PATH_KEYWORDS, /* dovecot-keywords */
	ADMIN_PATH_EML,      /* by its ending */
	ADMIN_PATH_FILE
};

struct admin_path {
	enum admin_path_kind kind;
	struct slice folder;  /* as it stands in the path */
	struct slice mailbox; /* UTF-8, "/" between levels; "INBOX" at the top */
	/* The same if the file is an mbox: "Work/Sent" and "Work/Sent.mbox" are Work/Sent
	 */
	struct slice mbox_mailbox;
	struct slice flags[ADMIN_MAILDIR_FLAGS_MOST]; /* "\\Seen" … */
	size_t flag_count;
	uint32_t keywords; /* bit 0: the letter a */
};

void admin_path_read(struct arena *arena, struct slice path, struct admin_path *meaning);

/*
 * The lines "3 NonJunk" of dovecot-keywords; what does not fit is passed over. The names
 * live in text.
 */
void admin_maildir_keywords(
	struct slice text, struct slice names[ADMIN_MAILDIR_KEYWORDS_MOST]);

/*
 * What programs write into the headers of an mbox: "Status: RO", "X-Status: AF", and
 * Thunderbird's X-Mozilla-Status, where "expunged" means deleted, though still in the file.
 */
struct admin_mbox_status {
	struct slice flags[ADMIN_MAILDIR_FLAGS_MOST];
	size_t flag_count;
	bool expunged;
};
void admin_mbox_status(struct slice header, struct admin_mbox_status *status);

/* Does a file begin as a message does: with a header line? */
bool admin_looks_like_mail(struct slice first);

/* --- the way out ---------------------------------------------------------------------- */

/* The folder of a mailbox: "" for INBOX, ".Work.Clients". Dots in a name become "_". */
struct slice admin_maildir_folder(struct arena *arena, struct slice mailbox);
/*
 * A mailbox as folders of a file system: no level is ".", "..", hidden or too long, and
 * none is what import would take for a part of a Maildir or export for a message.
 */
struct slice admin_eml_folder(struct arena *arena, struct slice mailbox);
/* The same, where the last level becomes a file; its ending ".mbox" is left to the caller.
 */
struct slice admin_mbox_path(struct arena *arena, struct slice mailbox);
/* The letters behind ":2,", in the order that Maildir wants. */
struct slice admin_maildir_flags(
	struct arena *arena, const struct slice *names, size_t count, uint32_t keywords);

#endif
