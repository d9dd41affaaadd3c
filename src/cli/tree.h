#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "base/base.h"
#include <sys/stat.h>

/*
 * The regular files below a path, or the path itself, in the order of their names: in each
 * folder first its files, then its folders. For import:
 *
 *   - Links are not followed: whoever owns the folder could have an administrator read any
 *     file of the machine. On the way to the path itself those of root and of the person
 *     are. Sockets and the like are passed over too.
 *   - In a Maildir (a folder with cur or new) only its mail and dovecot-keywords count. A
 *     hidden folder is entered if it is a Maildir, as Maildir++ has it; hidden files never.
 *   - What can't be read is reported, and the rest goes on.
 */
#define CLI_TREE_DEPTH_MOST 64

struct cli_tree;

struct cli_tree_file {
	const char *path; /* relative; of a file that was named itself, its name */
	int descriptor;   /* the caller closes it; -1 while counting */
	struct stat status;
};

/* trouble: of each file or folder that can't be read; may be NULL. */
typedef void cli_tree_trouble(void *argument, const char *path, const char *why);
/* count: files are not opened. NULL with *error when there is nothing to walk. */
struct cli_tree *cli_tree_open(const char *path, bool count, cli_tree_trouble *trouble,
	void *argument, struct base_error *error);
bool cli_tree_next(struct cli_tree *tree, struct cli_tree_file *file);
uint64_t cli_tree_links(const struct cli_tree *tree); /* passed over */
void cli_tree_close(struct cli_tree *tree);           /* NULL is fine */

#endif
