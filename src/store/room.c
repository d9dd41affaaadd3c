#include "store/internal.h"
#include <sys/statvfs.h>

/*
 * Asking costs a system call, so the answer is kept for a moment. When two threads find it
 * old at once, both ask; that does no harm.
 */
uint64_t
store_room_free(struct store *store)
{
	struct store_room *room = &store->room;
	uint64_t now = base_clock_steady_ms(store->settings.clock) + 1;
	uint64_t looked = atomic_load_explicit(&room->looked_ms, memory_order_acquire);
	struct statvfs state;
	if (looked && now - looked < STORE_ROOM_LOOK_MS)
		return atomic_load_explicit(&room->free_bytes, memory_order_relaxed);
	if (fstatvfs(store->folder_descriptor, &state) < 0)
		return 0;
	uint64_t free_bytes = (uint64_t)state.f_bavail * state.f_frsize;
	atomic_store_explicit(&room->free_bytes, free_bytes, memory_order_relaxed);
	atomic_store_explicit(&room->looked_ms, now, memory_order_release);
	return free_bytes;
}
