#include "store/pack.h"
#include "store/spill.h"
#include <unistd.h>

#define SAMPLE (8 * STORE_FRAME_SIZE) /* what saves nothing up to here is left */

struct spill_packing {
	struct store_spill *spill;
	struct store_packer *packer;
	int descriptor; /* the new file */
	uint64_t done, stored;
	struct buffer raw, packed, frames;
	bool given_up;
};

static enum base_failure
read_frame(struct spill_packing *packing, uint64_t index)
{
	const struct store_spill *spill = packing->spill;
	struct store_frame frame = store_frame_at(buffer_slice(&spill->frames), index);
	buffer_clear(&packing->raw);
	char *into = buffer_reserve(&packing->raw, frame.stored);
	ASSERT(into);
	enum base_failure failure = store_read_whole(
		spill->descriptor, STORE_SPILL_BODY + packing->done, into, frame.stored);
	buffer_commit(&packing->raw, frame.stored);
	if (!failure && base_crc32c(0, buffer_slice(&packing->raw)) != frame.crc)
		failure = BASE_DAMAGED;
	return failure;
}

static enum base_failure
write_frame(struct spill_packing *packing)
{
	buffer_clear(&packing->packed);
	store_packer_add(packing->packer, buffer_slice(&packing->raw), &packing->packed,
		&packing->frames);
	struct iovec part = {packing->packed.data, packing->packed.length};
	enum base_failure failure = store_write_whole(
		packing->descriptor, &part, 1, STORE_SPILL_BODY + packing->stored);
	packing->done += packing->raw.length;
	packing->stored += packing->packed.length;
	return failure;
}

/* Mail that came meanwhile goes first. */
static bool
goes_on(const struct spill_packing *packing)
{
	return packing->done < SAMPLE ||
	       (store_has_time_to_pack(packing->spill->store) &&
		       store_pack_is_worth_it(packing->stored, packing->done));
}

static enum base_failure
pack_all(struct spill_packing *packing)
{
	uint64_t length = packing->spill->length;
	enum base_failure failure = BASE_OK;
	for (uint64_t i = 0; packing->done < length && !failure; i++) {
		if (!goes_on(packing)) {
			packing->given_up = true;
			return BASE_OK;
		}
		failure = read_frame(packing, i);
		/* No room for the copy: then the raw one is what there is. */
		if (!failure && write_frame(packing))
			packing->given_up = true;
		if (packing->given_up)
			return BASE_OK;
	}
	return failure;
}

static void
take_packed(struct spill_packing *packing)
{
	struct store_spill *spill = packing->spill;
	close(spill->descriptor);
	spill->descriptor = packing->descriptor;
	packing->descriptor = -1;
	buffer_free(&spill->frames);
	spill->frames = packing->frames;
	packing->frames = buffer_with(SIZE_MAX);
}

static void
release_packing(struct spill_packing *packing)
{
	store_packer_destroy(packing->packer);
	scoped_close(&packing->descriptor);
	buffer_free(&packing->raw);
	buffer_free(&packing->packed);
	buffer_free(&packing->frames);
}

static bool
may_pack(const struct store_spill *spill)
{
	struct store *store = spill->store;
	return spill->length > STORE_PACK_ABOVE && store_has_time_to_pack(store) &&
	       store_room_free(store) > store->settings.reserve_bytes + spill->length;
}

enum base_failure
store_spill_pack(struct store_spill *spill, enum store_codec *codec, uint64_t *stored)
{
	*codec = STORE_CODEC_RAW;
	*stored = spill->length;
	int descriptor;
	if (!may_pack(spill) || store_spill_open_file(spill->store, &descriptor))
		return BASE_OK;
	SCOPED(release_packing)
	struct spill_packing packing = {.spill = spill,
		.packer = store_packer_create(),
		.descriptor = descriptor,
		.raw = buffer_with(STORE_FRAME_SIZE),
		.packed = buffer_with(STORE_FRAME_SIZE),
		.frames = buffer_with(SIZE_MAX)};
	enum base_failure failure = pack_all(&packing);
	if (failure || packing.given_up ||
		!store_pack_is_worth_it(packing.stored, spill->length))
		return failure;
	*codec = STORE_CODEC_ZSTD;
	*stored = packing.stored;
	take_packed(&packing);
	return BASE_OK;
}
