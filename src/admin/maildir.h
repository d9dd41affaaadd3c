#ifndef ADMIN_MAILDIR_H
#define ADMIN_MAILDIR_H

#include "base/base.h"

/*
 * What paths mean in the formats that import reads and export writes. Pure.
 *
 * Maildir++: "cur/NAME:2,FS" is INBOX's, ".Sent/cur/…" is Sent's, ".Work.Clients/new/…" is
 * Work/Clients' (names in modified UTF-7). A plain folder tree works too: "Sent/cur/…".
 * Other files are messages or mboxes, in the mailbox that their folders name.
 */
#define ADMIN_MAILDIR_FLAGS_MOST 6

struct admin_path {
	struct slice mailbox; /* UTF-8, "/" between levels; "INBOX" at the top */
	struct slice flags[ADMIN_MAILDIR_FLAGS_MOST]; /* "\\Seen" … */
	size_t flag_count;
	bool is_maildir; /* a message of its own: in cur or new */
	bool is_mbox;    /* by its name: ".mbox" or no ending at all */
};

/* False for what is no mail: tmp, index files, dot files. */
bool admin_path_read(struct arena *arena, struct slice path, struct admin_path *meaning);

/* The folder of a mailbox: "" for INBOX, ".Work.Clients". Dots in a name become "_". */
struct slice admin_maildir_folder(struct arena *arena, struct slice mailbox);
/* The letters behind ":2,", in the order that Maildir wants. */
struct slice admin_maildir_flags(
	struct arena *arena, const struct slice *names, size_t count);

#endif
