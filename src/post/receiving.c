#include "post/receiving.h"

void
post_receiving_begin(struct post_receiving *receiving, size_t most)
{
	receiving->structure_most = most / 4;
	receiving->bytes_most = most - receiving->structure_most;
	atomic_init(&receiving->bytes, 0);
	atomic_init(&receiving->structure, 0);
}

/* Giving back always succeeds. */
static bool
resize(atomic_size_t *all, size_t most, size_t *share, size_t wanted)
{
	if (wanted <= *share) {
		atomic_fetch_sub(all, *share - wanted);
	} else {
		size_t more = wanted - *share;
		if (atomic_fetch_add(all, more) + more > most) {
			atomic_fetch_sub(all, more);
			return false;
		}
	}
	*share = wanted;
	return true;
}

bool
post_receiving_hold_bytes(
	struct post_receiving *receiving, struct post_receiving_share *share, size_t wanted)
{
	return resize(&receiving->bytes, receiving->bytes_most, &share->bytes, wanted);
}

bool
post_receiving_hold_structure(
	struct post_receiving *receiving, struct post_receiving_share *share, size_t wanted)
{
	size_t counted = wanted > POST_RECEIVING_OWN ? wanted - POST_RECEIVING_OWN : 0;
	return resize(&receiving->structure, receiving->structure_most, &share->structure,
		counted);
}

void
post_receiving_spilled(struct post_receiving *receiving, struct post_receiving_share *share)
{
	atomic_fetch_sub(&receiving->bytes, share->bytes);
	share->bytes = 0;
}

void
post_receiving_end(struct post_receiving *receiving, struct post_receiving_share *share)
{
	post_receiving_spilled(receiving, share);
	atomic_fetch_sub(&receiving->structure, share->structure);
	share->structure = 0;
}
