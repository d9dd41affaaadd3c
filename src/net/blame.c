#include "net/blame.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct blame_slot {
	_Atomic pid_t thread; /* set at the slot's first note */
	char kind[NET_BLAME_KIND_MOST];
	char id[NET_BLAME_ID_MOST];
};

struct net_blame {
	_Atomic int faulted; /* slot number + 1 */
	struct blame_slot slots[NET_BLAME_SLOTS];
};

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

/* A signal handler has no argument: the one place that needs a variable of its own. */
static struct net_blame *watched;

struct net_blame *
net_blame_create(void)
{
	void *page = mmap(NULL, sizeof(struct net_blame), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

void
net_blame_destroy(struct net_blame *blame)
{
	if (blame != NULL)
		munmap(blame, sizeof *blame);
}

void
net_blame_reset(struct net_blame *blame)
{
	if (blame != NULL)
		memset((void *)blame, 0, sizeof *blame);
}

static void
copy_text(char *into, size_t room, struct slice from)
{
	size_t length = from.length < room - 1 ? from.length : room - 1;

	if (length > 0)
		memcpy(into, from.data, length);
	into[length] = '\0';
}

void
net_blame_note(struct net_blame *blame, unsigned slot, const char *kind, struct slice id)
{
	if (blame == NULL || slot >= NET_BLAME_SLOTS)
		return;
	struct blame_slot *mine = &blame->slots[slot];
	if (atomic_load_explicit(&mine->thread, memory_order_relaxed) == 0)
		atomic_store(&mine->thread, gettid());
	copy_text(mine->id, sizeof mine->id, id);
	copy_text(mine->kind, sizeof mine->kind, slice_of_text(kind));
}

void
net_blame_clear(struct net_blame *blame, unsigned slot)
{
	if (blame != NULL && slot < NET_BLAME_SLOTS)
		blame->slots[slot].kind[0] = '\0';
}

/* Async-signal-safe: system calls and the page, nothing else. */
static void
on_fault(int signal_number)
{
	pid_t me = (pid_t)syscall(SYS_gettid);

	for (int i = 0; watched != NULL && i < NET_BLAME_SLOTS; i++)
		if (atomic_load(&watched->slots[i].thread) == me)
			atomic_store(&watched->faulted, i + 1);
	/* SA_RESETHAND put the default back: this ends the process. */
	raise(signal_number);
}

void
net_blame_watch_faults(struct net_blame *blame)
{
	struct sigaction action = {.sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND};

	if (blame == NULL)
		return;
	watched = blame;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof fault_signals / sizeof *fault_signals; i++)
		sigaction(fault_signals[i], &action, NULL);
}

bool
net_blame_culprit(const struct net_blame *blame, struct net_culprit *culprit)
{
	int faulted = blame == NULL ? 0 : atomic_load(&blame->faulted);

	culprit->kind[0] = culprit->id[0] = '\0';
	if (faulted <= 0 || faulted > NET_BLAME_SLOTS)
		return false;
	/* The dead child may have written anything here: ends are not taken on trust. */
	const struct blame_slot *slot = &blame->slots[faulted - 1];
	copy_text(culprit->kind, sizeof culprit->kind,
		slice_of(slot->kind, strnlen(slot->kind, sizeof slot->kind)));
	copy_text(culprit->id, sizeof culprit->id,
		slice_of(slot->id, strnlen(slot->id, sizeof slot->id)));
	return culprit->kind[0] != '\0';
}

struct slice
net_blame_carried(const struct net_blame *blame, unsigned most, struct arena *arena)
{
	struct slice text = SLICE("");
	unsigned found = 0;

	for (unsigned i = 0; blame != NULL && i < NET_BLAME_SLOTS && found < most; i++) {
		const struct blame_slot *slot = &blame->slots[i];
		int kind = (int)strnlen(slot->kind, sizeof slot->kind);
		int id = (int)strnlen(slot->id, sizeof slot->id);
		if (kind == 0)
			continue;
		text = arena_printf(arena, "%.*s%s%.*s %.*s", SLICE_ARG(text),
			found++ > 0 ? ", " : "", kind, slot->kind, id, slot->id);
	}
	return text;
}
