#ifndef STORE_SPILL_H
#define STORE_SPILL_H

#include "store/internal.h"

/*
 * A spill is a segment in the making, in a file without a name: room for its two headers,
 * then the body as it arrives. What the frame table needs is counted along the way.
 */
#define STORE_SPILL_BODY (STORE_SEGMENT_HEADER + STORE_RECORD_HEAD)

struct store_spill {
	struct store *store;
	int descriptor;
	uint64_t length;
	struct buffer frames;
	struct store_frame frame; /* the one being filled */
};

/* Sets *descriptor to a file without a name in the blob folder. */
enum base_failure store_spill_open_file(struct store *store, int *descriptor) MUST_CHECK;

/*
 * Once all has arrived: compresses the body into another file that takes the place of this
 * one, when the machine has time, there is room for both, and it saves something. *stored:
 * the length of the body as it is in the file now. BASE_DAMAGED: other bytes than arrived.
 */
enum base_failure store_spill_pack(
	struct store_spill *spill, enum store_codec *codec, uint64_t *stored) MUST_CHECK;

/*
 * Headers before the body and the tail behind it, then synced and linked: a segment of its
 * own. record: lengths, hash and space are known; the checksum is filled in.
 */
enum base_failure store_spill_finish(struct store_spill *spill, struct store_record *record,
	struct slice tail, struct store_place *place) MUST_CHECK;
void store_spill_unlink(struct store *store, uint64_t segment);

#endif
