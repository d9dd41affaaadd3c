/*
 * fault.so: loaded before libc, it makes the disk misbehave at a chosen moment, and writes
 * down what was done to it. Set by the environment:
 *
 *	FAULT_UNDER=FOLDER   only calls on paths below it count (required)
 *	FAULT_TOTAL=FILE     how many calls there were so far, as 8 bytes, kept up to date
 *	FAULT_AT=N           the call with this number, from 1, goes wrong
 *	FAULT_UNTIL=M        and all up to this one (default: N)
 *	FAULT_DO=WHAT        kill, eio, enospc, short (half is written, reported honestly),
 *	                     hang (the call never returns)
 *	FAULT_ONLY=NAME      only calls of this name count (pwritev, fdatasync, …)
 *	FAULT_SWITCH=FILE    its first byte is heeded from call to call: i EIO, n ENOSPC,
 *	                     r EROFS; with anything else FAULT_AT counts
 *	FAULT_NOSYNC=1       fsync and its kin do nothing and say that they did
 *	FAULT_LATE=PART      syncs of paths with this part take longer than others
 *	FAULT_RECORD=FILE    each change is appended here: tests/lib_store.py rebuilds
 *	                     what is on disk when only synced bytes survive
 *	FAULT_LEDGER=FILE    writes to it are not counted, but stand in the recording
 *
 * A call that is to fail does nothing at all. Reading is never disturbed. A recording
 * puts all calls into one order, so threads wait for one another.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT  __attribute__((visibility("default")))
#define SAME(f) __attribute__((visibility("default"), alias(#f)))

#define LATE_NS 3000000

enum deed { DO_NOTHING, DO_KILL, DO_EIO, DO_ENOSPC, DO_SHORT, DO_EROFS, DO_HANG };

static struct {
	bool on;
	char under[PATH_MAX], ledger[PATH_MAX];
	const char *only, *late;
	uint64_t at, until;
	enum deed deed;
	const volatile char *switched; /* NULL: there is none */
	bool no_sync;
	int record; /* -1: none */
	_Atomic uint64_t *total;
	_Atomic uint64_t own_total;
	pthread_mutex_t order;
} fault = {.record = -1, .order = PTHREAD_MUTEX_INITIALIZER};

static uint64_t
number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 10) : otherwise;
}

static enum deed
deed_from(const char *text)
{
	static const char *const names[] = {
		"", "kill", "eio", "enospc", "short", "erofs", "hang"};
	for (size_t i = 1; text && i < sizeof names / sizeof names[0]; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum deed)i;
	return DO_NOTHING;
}

static int
raw_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600);
}

static void
share_total(const char *path)
{
	int descriptor = path ? raw_open(path, O_RDWR | O_CREAT) : -1;
	fault.total = &fault.own_total;
	if (descriptor < 0 || syscall(SYS_ftruncate, descriptor, sizeof(uint64_t)) < 0)
		return;
	void *shared = mmap(
		NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (shared != MAP_FAILED)
		fault.total = shared;
}

/* Mapped, as it is looked at behind walls. */
static void
share_switch(const char *path)
{
	int descriptor = path ? raw_open(path, O_RDONLY) : -1;
	if (descriptor < 0)
		return;
	void *shared = mmap(NULL, 1, PROT_READ, MAP_SHARED, descriptor, 0);
	if (shared != MAP_FAILED)
		fault.switched = shared;
}

__attribute__((constructor)) static void
fault_begin(void)
{
	const char *under = getenv("FAULT_UNDER"), *ledger = getenv("FAULT_LEDGER");
	const char *record = getenv("FAULT_RECORD");
	if (!under)
		return;
	snprintf(fault.under, sizeof fault.under, "%s", under);
	snprintf(fault.ledger, sizeof fault.ledger, "%s", ledger ? ledger : "");
	fault.only = getenv("FAULT_ONLY");
	fault.late = getenv("FAULT_LATE");
	fault.at = number_from("FAULT_AT", 0);
	fault.until = number_from("FAULT_UNTIL", fault.at);
	fault.deed = deed_from(getenv("FAULT_DO"));
	fault.no_sync = getenv("FAULT_NOSYNC") != NULL;
	if (record)
		fault.record = raw_open(record, O_WRONLY | O_CREAT | O_APPEND);
	share_total(getenv("FAULT_TOTAL"));
	share_switch(getenv("FAULT_SWITCH"));
	fault.on = true;
}

/* --- paths ------------------------------------------------------------------------------
 */

static bool
path_of_descriptor(int descriptor, char path[PATH_MAX])
{
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
	ssize_t length = readlink(link, path, PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
	return length > 0;
}

static void
path_of(int folder, const char *name, char path[PATH_MAX])
{
	char base[PATH_MAX];
	if (name[0] == '/') {
		snprintf(path, PATH_MAX, "%s", name);
		return;
	}
	bool known = folder == AT_FDCWD ? getcwd(base, sizeof base) != NULL
					: path_of_descriptor(folder, base);
	int length = snprintf(path, PATH_MAX, "%s/%s", known ? base : "", name);
	if (length >= PATH_MAX)
		path[0] = '\0';
}

static bool
is_under(const char *path)
{
	size_t length = strlen(fault.under);
	return strncmp(path, fault.under, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

/* --- the recording ----------------------------------------------------------------------
 */

/* One event; followed by size bytes of path (and second path), or of data. */
struct event {
	char kind[8];
	uint64_t inode, offset, size, second;
};

static void
record_event(const char *kind, uint64_t inode, uint64_t offset, struct iovec first,
	struct iovec second)
{
	struct event event = {.inode = inode,
		.offset = offset,
		.size = first.iov_len,
		.second = second.iov_len};
	snprintf(event.kind, sizeof event.kind, "%s", kind);
	struct iovec parts[] = {{&event, sizeof event}, first, second};
	if (fault.record >= 0 && syscall(SYS_writev, fault.record, parts, 3) < 0)
		abort();
}

static struct iovec
text(const char *s)
{
	return (struct iovec){(void *)(uintptr_t)s, strlen(s)};
}

static void
record_paths(const char *kind, uint64_t inode, const char *first, const char *second)
{
	record_event(kind, inode, 0, text(first), text(second));
}

static uint64_t
inode_of(int descriptor)
{
	struct stat state;
	return fstat(descriptor, &state) == 0 ? state.st_ino : 0;
}

static void
record_write(
	int descriptor, off_t offset, const struct iovec *parts, int count, ssize_t wrote)
{
	uint64_t inode = fault.record >= 0 ? inode_of(descriptor) : 0;
	for (int i = 0; i < count && wrote > 0; i++) {
		struct iovec part = parts[i];
		if ((ssize_t)part.iov_len > wrote)
			part.iov_len = (size_t)wrote;
		record_event("write", inode, (uint64_t)offset, part, (struct iovec){0});
		offset += (off_t)part.iov_len;
		wrote -= (ssize_t)part.iov_len;
	}
}

/* --- one call
 * ----------------------------------------------------------------------------- */

struct call {
	bool counted, ordered;
	enum deed deed;
};

static bool
is_due(uint64_t number)
{
	return fault.at && number >= fault.at && number <= fault.until;
}

static enum deed
deed_of(uint64_t number)
{
	switch (fault.switched ? *fault.switched : 0) {
	case 'i':
		return DO_EIO;
	case 'n':
		return DO_ENOSPC;
	case 'r':
		return DO_EROFS;
	default:
		return is_due(number) ? fault.deed : DO_NOTHING;
	}
}

static struct call
begin_call(const char *name, const char *path)
{
	struct call call = {0};
	if (!fault.on || !is_under(path) || (fault.only && strcmp(fault.only, name) != 0))
		return call;
	call.counted = true;
	call.ordered = fault.record >= 0;
	if (call.ordered)
		pthread_mutex_lock(&fault.order);
	uint64_t number = atomic_fetch_add(fault.total, 1) + 1;
	call.deed = deed_of(number);
	if (call.deed == DO_KILL)
		kill(getpid(), SIGKILL);
	while (call.deed == DO_HANG)
		sleep(1);
	return call;
}

static struct call
begin_on(const char *name, int descriptor)
{
	char path[PATH_MAX];
	if (!fault.on || !path_of_descriptor(descriptor, path))
		return (struct call){0};
	return begin_call(name, path);
}

static bool
fails(const struct call *call)
{
	if (call->deed == DO_EIO)
		errno = EIO;
	else if (call->deed == DO_ENOSPC)
		errno = ENOSPC;
	else if (call->deed == DO_EROFS)
		errno = EROFS;
	else
		return false;
	return true;
}

static void
end_call(const struct call *call)
{
	int kept = errno;
	if (call->ordered)
		pthread_mutex_unlock(&fault.order);
	errno = kept;
}

/* A libc function of this name, whatever its type is. */
#define REAL(name) ((__typeof__(&name))(uintptr_t)real_of(#name))

static void *
real_of(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	if (!found)
		abort();
	return found;
}

/* --- writing
 * ------------------------------------------------------------------------------ */

static bool
is_ledger(int descriptor)
{
	char path[PATH_MAX];
	return fault.on && fault.ledger[0] && path_of_descriptor(descriptor, path) &&
	       strcmp(path, fault.ledger) == 0;
}

/* What was promised to the world stands in the order of the recording. */
static ssize_t
write_ledger(int descriptor, const void *bytes, size_t size)
{
	pthread_mutex_lock(&fault.order);
	ssize_t wrote = REAL(write)(descriptor, bytes, size);
	record_event("ledger", 0, 0, (struct iovec){(void *)(uintptr_t)bytes, size},
		(struct iovec){0});
	pthread_mutex_unlock(&fault.order);
	return wrote;
}

EXPORT ssize_t
write(int descriptor, const void *bytes, size_t size)
{
	if (is_ledger(descriptor))
		return write_ledger(descriptor, bytes, size);
	struct call call = begin_on("write", descriptor);
	ssize_t wrote = -1;
	if (!fails(&call)) {
		if (call.deed == DO_SHORT && size > 1)
			size /= 2;
		wrote = REAL(write)(descriptor, bytes, size);
		off_t end = call.ordered ? lseek(descriptor, 0, SEEK_CUR) : 0;
		struct iovec part = {(void *)(uintptr_t)bytes, size};
		if (call.ordered)
			record_write(descriptor, end - wrote, &part, 1, wrote);
	}
	end_call(&call);
	return wrote;
}

static ssize_t
write_at(const char *name, int descriptor, const struct iovec *parts, int count,
	off_t offset)
{
	struct call call = begin_on(name, descriptor);
	ssize_t wrote = -1;
	if (!fails(&call)) {
		struct iovec half = parts[0];
		half.iov_len = half.iov_len / 2 + half.iov_len % 2;
		bool shorter = call.deed == DO_SHORT;
		wrote = REAL(pwritev)(
			descriptor, shorter ? &half : parts, shorter ? 1 : count, offset);
		if (call.ordered)
			record_write(descriptor, offset, parts, count, wrote);
	}
	end_call(&call);
	return wrote;
}

EXPORT ssize_t
pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
	struct iovec part = {(void *)(uintptr_t)bytes, size};
	return write_at("pwrite", descriptor, &part, 1, offset);
}

EXPORT ssize_t
pwritev(int descriptor, const struct iovec *parts, int count, off_t offset)
{
	return write_at("pwritev", descriptor, parts, count, offset);
}

SAME(pwrite) ssize_t pwrite64(int, const void *, size_t, off_t);
SAME(pwritev) ssize_t pwritev64(int, const struct iovec *, int, off_t);

EXPORT int
ftruncate(int descriptor, off_t size)
{
	struct call call = begin_on("ftruncate", descriptor);
	int result = fails(&call) ? -1 : REAL(ftruncate)(descriptor, size);
	if (call.ordered && result == 0)
		record_event("cut", inode_of(descriptor), (uint64_t)size, (struct iovec){0},
			(struct iovec){0});
	end_call(&call);
	return result;
}

SAME(ftruncate) int ftruncate64(int, off_t);

/* Only room is asked for; sizes stay, so a recording needs nothing of it. */
EXPORT int
fallocate(int descriptor, int mode, off_t offset, off_t size)
{
	struct call call = begin_on("fallocate", descriptor);
	int result = fails(&call) ? -1 : REAL(fallocate)(descriptor, mode, offset, size);
	end_call(&call);
	return result;
}

SAME(fallocate) int fallocate64(int, int, off_t, off_t);

/* --- syncing
 * ------------------------------------------------------------------------------ */

static void
record_sync(int descriptor)
{
	char path[PATH_MAX];
	struct stat state;
	if (fstat(descriptor, &state) < 0 || !path_of_descriptor(descriptor, path))
		return;
	record_paths(S_ISDIR(state.st_mode) ? "syncdir" : "sync", state.st_ino, path, "");
}

static void
be_late(int descriptor)
{
	char path[PATH_MAX];
	if (fault.on && fault.late && path_of_descriptor(descriptor, path) &&
		is_under(path) && strstr(path, fault.late))
		nanosleep(&(struct timespec){.tv_nsec = LATE_NS}, NULL);
}

static int
sync_by(const char *name, int (*real)(int), int descriptor)
{
	be_late(descriptor);
	struct call call = begin_on(name, descriptor);
	int result = -1;
	if (!fails(&call)) {
		bool lie = call.counted && fault.no_sync;
		result = lie ? 0 : real(descriptor);
		if (call.ordered && result == 0 && !lie)
			record_sync(descriptor);
	}
	end_call(&call);
	return result;
}

EXPORT int
fsync(int descriptor)
{
	return sync_by("fsync", REAL(fsync), descriptor);
}

EXPORT int
fdatasync(int descriptor)
{
	return sync_by("fdatasync", REAL(fdatasync), descriptor);
}

/* Advice that promises nothing, so it neither counts nor stands in a recording. */
EXPORT int
sync_file_range(int descriptor, off_t offset, off_t size, unsigned flags)
{
	if (fault.on && fault.no_sync)
		return 0;
	return REAL(sync_file_range)(descriptor, offset, size, flags);
}

/* --- names
 * -------------------------------------------------------------------------------- */

static void
record_open(const char *path, int descriptor, int flags, bool existed)
{
	struct stat state;
	if (fstat(descriptor, &state) < 0 || !S_ISREG(state.st_mode))
		return;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		record_paths("tmpfile", state.st_ino, "", "");
	else if (!existed)
		record_paths("create", state.st_ino, path, "");
	else if (flags & O_TRUNC)
		record_event("cut", state.st_ino, 0, (struct iovec){0}, (struct iovec){0});
}

static int
open_any(int folder, const char *name, int flags, mode_t mode)
{
	bool creates =
		(flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE || (flags & O_TRUNC);
	if (!creates || !fault.on)
		return REAL(openat)(folder, name, flags, mode);
	char path[PATH_MAX];
	path_of(folder, name, path);
	struct call call = begin_call("open", path);
	int descriptor = -1;
	if (!fails(&call)) {
		bool existed = call.ordered && faccessat(folder, name, F_OK, 0) == 0;
		descriptor = REAL(openat)(folder, name, flags, mode);
		if (call.ordered && descriptor >= 0)
			record_open(path, descriptor, flags, existed);
	}
	end_call(&call);
	return descriptor;
}

#define TAKE_MODE(flags)                                             \
	mode_t mode = 0;                                             \
	if (((flags)&O_CREAT) || ((flags)&O_TMPFILE) == O_TMPFILE) { \
		va_list arguments;                                   \
		va_start(arguments, flags);                          \
		mode = va_arg(arguments, mode_t);                    \
		va_end(arguments);                                   \
	}

EXPORT int
open(const char *name, int flags, ...)
{
	TAKE_MODE(flags);
	return open_any(AT_FDCWD, name, flags, mode);
}

EXPORT int
openat(int folder, const char *name, int flags, ...)
{
	TAKE_MODE(flags);
	return open_any(folder, name, flags, mode);
}

SAME(open) int open64(const char *, int, ...);
SAME(openat) int openat64(int, const char *, int, ...);

EXPORT int
mkdirat(int folder, const char *name, mode_t mode)
{
	char path[PATH_MAX];
	path_of(folder, name, path);
	struct call call = begin_call("mkdir", path);
	int result = fails(&call) ? -1 : REAL(mkdirat)(folder, name, mode);
	if (call.ordered && result == 0)
		record_paths("mkdir", 0, path, "");
	end_call(&call);
	return result;
}

EXPORT int
mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

EXPORT int
renameat(int from_folder, const char *from, int into_folder, const char *into)
{
	char source[PATH_MAX], target[PATH_MAX];
	path_of(from_folder, from, source);
	path_of(into_folder, into, target);
	struct call call = begin_call("rename", target);
	int result =
		fails(&call) ? -1 : REAL(renameat)(from_folder, from, into_folder, into);
	if (call.ordered && result == 0)
		record_paths("rename", 0, source, target);
	end_call(&call);
	return result;
}

EXPORT int
rename(const char *from, const char *into)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, into);
}

EXPORT int
linkat(int from_folder, const char *from, int into_folder, const char *into, int flags)
{
	char target[PATH_MAX];
	struct stat state;
	path_of(into_folder, into, target);
	struct call call = begin_call("link", target);
	int result = fails(&call)
			     ? -1
			     : REAL(linkat)(from_folder, from, into_folder, into, flags);
	if (call.ordered && result == 0 && fstatat(into_folder, into, &state, 0) == 0)
		record_paths("link", state.st_ino, target, "");
	end_call(&call);
	return result;
}

EXPORT int
link(const char *from, const char *into)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, into, 0);
}

EXPORT int
unlinkat(int folder, const char *name, int flags)
{
	char path[PATH_MAX];
	path_of(folder, name, path);
	struct call call = begin_call("unlink", path);
	int result = fails(&call) ? -1 : REAL(unlinkat)(folder, name, flags);
	if (call.ordered && result == 0)
		record_paths("unlink", 0, path, "");
	end_call(&call);
	return result;
}

EXPORT int
unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

EXPORT int
rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}
