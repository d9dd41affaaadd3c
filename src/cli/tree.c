#include "cli/tree.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

enum { PATH_BYTES_MOST = 64 * 1024, WINDOW = 8192, ENTRIES_MOST = 2 * WINDOW };

struct entry {
	bool is_folder;
	char name[NAME_MAX + 1];
};

/*
 * A folder is listed again and again, and the next names in order are kept, so that it may
 * have a million of them.
 */
struct level {
	int folder;
	struct entry *entries; /* a window, sorted, then what is still to be sorted in */
	size_t count, at, room;
	struct entry last;  /* of the window before; its name is empty for the first */
	bool more;          /* there may be some behind this window */
	size_t path_length; /* of the path up to here, with its slash */
	bool is_maildir;    /* has cur or new */
	bool is_place;      /* is cur or new of one */
};

struct cli_tree {
	bool count_only;
	cli_tree_trouble *trouble;
	void *argument;
	uint64_t links;
	struct buffer path; /* of the entry at hand, NUL-terminated when it is shown */
	struct level levels[CLI_TREE_DEPTH_MOST];
	size_t depth;
	int single; /* the path was a file: given once; -1 */
};

/* --- one folder ----------------------------------------------------------------------- */

static const char *
path_text(struct cli_tree *tree)
{
	buffer_put_byte(&tree->path, 0);
	buffer_cut(&tree->path, tree->path.length - 1);
	return tree->path.data;
}

static void
report(struct cli_tree *tree, const char *why)
{
	if (tree->trouble)
		tree->trouble(tree->argument, path_text(tree), why);
}

static bool
is_mail_place(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0;
}

/* Files before folders, then by name. */
static int
compare_entries(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	if (one->is_folder != other->is_folder)
		return one->is_folder - other->is_folder;
	return strcmp(one->name, other->name);
}

/* Regular files and folders; anything else is passed over. */
static bool
kind_of(struct cli_tree *tree, int folder, const struct dirent *found, bool *is_folder)
{
	unsigned char type = found->d_type;
	struct stat status;
	if (type == DT_UNKNOWN &&
		fstatat(folder, found->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		type = (unsigned char)IFTODT(status.st_mode);
	tree->links += type == DT_LNK;
	*is_folder = type == DT_DIR;
	return type == DT_DIR || type == DT_REG;
}

static bool
is_dot_or_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Those that come first stay. */
static void
sort_window(struct level *level)
{
	if (level->count)
		qsort(level->entries, level->count, sizeof *level->entries,
			compare_entries);
	level->more |= level->count > WINDOW;
	level->count = level->count < WINDOW ? level->count : WINDOW;
}

static void
add_entry(struct level *level, const struct entry *entry)
{
	if (level->last.name[0] && compare_entries(entry, &level->last) <= 0)
		return;
	if (level->count == ENTRIES_MOST)
		sort_window(level);
	if (level->count == level->room) {
		level->room = level->room ? 2 * level->room : 32;
		level->entries =
			realloc(level->entries, level->room * sizeof *level->entries);
		ASSERT(level->entries);
	}
	level->entries[level->count++] = *entry;
}

static void
list_window(struct cli_tree *tree, struct level *level, DIR *listing)
{
	const struct dirent *found;
	uint64_t links = tree->links;
	level->count = level->at = 0;
	level->more = false;
	while ((errno = 0, found = readdir(listing))) {
		struct entry entry;
		if (is_dot_or_dots(found->d_name) ||
			!kind_of(tree, dirfd(listing), found, &entry.is_folder))
			continue;
		snprintf(entry.name, sizeof entry.name, "%s", found->d_name);
		level->is_maildir |= entry.is_folder && is_mail_place(entry.name);
		add_entry(level, &entry);
	}
	if (errno)
		report(tree, strerror(errno));
	if (level->last.name[0])
		tree->links = links; /* counted the first time */
	sort_window(level);
	if (level->count)
		level->last = level->entries[level->count - 1];
}

/* False: it can't be listed, which is reported. */
static bool
next_window(struct cli_tree *tree, struct level *level)
{
	int again = openat(level->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = again >= 0 ? fdopendir(again) : NULL;
	if (!listing) {
		report(tree, strerror(errno));
		scoped_close(&again);
		return false;
	}
	list_window(tree, level, listing);
	closedir(listing);
	return true;
}

static bool
is_wanted(const struct level *level, const struct entry *entry)
{
	const char *name = entry->name;
	if (entry->is_folder)
		return strcmp(name, "tmp") != 0 || !level->is_maildir;
	if (name[0] == '.')
		return false;
	return !level->is_maildir || level->is_place ||
	       strcmp(name, "dovecot-keywords") == 0;
}

/* --- up and down ---------------------------------------------------------------------- */

static void
leave_level(struct cli_tree *tree)
{
	struct level *level = &tree->levels[--tree->depth];
	close(level->folder);
	free(level->entries);
}

/* The folder whose path stands in tree->path; takes the descriptor over. */
static void
enter_level(struct cli_tree *tree, int folder, const char *name)
{
	struct level *level = &tree->levels[tree->depth];
	bool is_root = tree->depth == 0;
	*level = (struct level){.folder = folder};
	level->is_place = !is_root && level[-1].is_maildir && is_mail_place(name);
	if (!next_window(tree, level)) {
		close(folder);
		return;
	}
	if (tree->path.length)
		buffer_put_byte(&tree->path, '/');
	level->path_length = tree->path.length;
	tree->depth++;
	if (!is_root && name[0] == '.' && !level->is_maildir)
		leave_level(tree);
}

static void
go_on_listing(struct cli_tree *tree, struct level *level)
{
	buffer_cut(&tree->path, level->path_length);
	if (!next_window(tree, level))
		level->more = false;
}

static void
open_folder(struct cli_tree *tree, const struct level *level, const char *name)
{
	if (tree->depth == CLI_TREE_DEPTH_MOST) {
		report(tree, "too deep");
		return;
	}
	int folder = openat(
		level->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		report(tree, strerror(errno));
	else
		enter_level(tree, folder, name);
}

/* What was a regular file may be something else by now. */
static bool
open_file(struct cli_tree *tree, int folder, const char *name, struct cli_tree_file *file)
{
	if (tree->count_only)
		return fstatat(folder, name, &file->status, AT_SYMLINK_NOFOLLOW) == 0 &&
		       S_ISREG(file->status.st_mode);
	file->descriptor =
		openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (file->descriptor >= 0 && fstat(file->descriptor, &file->status) == 0 &&
		S_ISREG(file->status.st_mode))
		return true;
	report(tree, file->descriptor < 0 ? strerror(errno) : "it is no file any more");
	if (file->descriptor >= 0)
		close(file->descriptor);
	return false;
}

/* True when *file is the next one. */
static bool
visit(struct cli_tree *tree, struct level *level, struct cli_tree_file *file)
{
	const struct entry *entry = &level->entries[level->at++];
	buffer_cut(&tree->path, level->path_length);
	if (!is_wanted(level, entry))
		return false;
	if (!buffer_put_text(&tree->path, entry->name)) {
		buffer_clear(&tree->path);
		return false;
	}
	if (entry->is_folder) {
		open_folder(tree, level, entry->name);
		return false;
	}
	*file = (struct cli_tree_file){.path = path_text(tree), .descriptor = -1};
	return open_file(tree, level->folder, entry->name, file);
}

static bool
give_single(struct cli_tree *tree, struct cli_tree_file *file)
{
	*file = (struct cli_tree_file){.path = path_text(tree), .descriptor = tree->single};
	tree->single = -1;
	bool fine = fstat(file->descriptor, &file->status) == 0;
	if (tree->count_only || !fine) {
		close(file->descriptor);
		file->descriptor = -1;
	}
	return fine;
}

bool
cli_tree_next(struct cli_tree *tree, struct cli_tree_file *file)
{
	if (tree->single >= 0)
		return give_single(tree, file);
	while (tree->depth) {
		struct level *level = &tree->levels[tree->depth - 1];
		if (level->at == level->count && level->more)
			go_on_listing(tree, level);
		else if (level->at == level->count)
			leave_level(tree);
		else if (visit(tree, level, file))
			return true;
	}
	return false;
}

/* --- begin and end -------------------------------------------------------------------- */

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Whoever owns a link on the way chooses what is read; root and we may. */
static bool
is_no_foreign_link(void *argument, const struct stat *status)
{
	(void)argument;
	return !S_ISLNK(status->st_mode) || status->st_uid == 0 ||
	       status->st_uid == geteuid();
}

struct cli_tree *
cli_tree_open(const char *path, bool count, cli_tree_trouble *trouble, void *argument,
	struct base_error *error)
{
	struct stat status;
	int opened = base_file_open_by_steps(
		path, O_RDONLY | O_NONBLOCK, is_no_foreign_link, NULL);
	if (opened < 0 && errno == EPERM) {
		base_fail(error, BASE_DENIED,
			"%s leads over somebody else's link; name the place itself", path);
		return NULL;
	}
	if (opened < 0 || fstat(opened, &status)) {
		base_fail(error, base_failure_of_errno(errno), "%s: %s", path,
			strerror(errno));
		scoped_close(&opened);
		return NULL;
	}
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
		base_fail(error, BASE_INVALID, "%s: that is no file and no folder", path);
		close(opened);
		return NULL;
	}
	struct cli_tree *tree = calloc(1, sizeof *tree);
	ASSERT(tree);
	*tree = (struct cli_tree){.count_only = count,
		.trouble = trouble,
		.argument = argument,
		.path = buffer_with(PATH_BYTES_MOST),
		.single = S_ISREG(status.st_mode) ? opened : -1};
	if (tree->single >= 0)
		buffer_put_text(&tree->path, last_name(path));
	else
		enter_level(tree, opened, "");
	return tree;
}

uint64_t
cli_tree_links(const struct cli_tree *tree)
{
	return tree->links;
}

void
cli_tree_close(struct cli_tree *tree)
{
	if (!tree)
		return;
	while (tree->depth)
		leave_level(tree);
	if (tree->single >= 0)
		close(tree->single);
	buffer_free(&tree->path);
	free(tree);
}
