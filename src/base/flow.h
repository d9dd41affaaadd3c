#ifndef BASE_FLOW_H
#define BASE_FLOW_H

#include "base/slice.h"

/*
 * Takers and sources let net move bytes without knowing a protocol.
 *
 * A taker is fed what arrived. It says how much it consumed and whether it wants more,
 * is done (what follows belongs to the next taker), or refuses. Once done or refused it is
 * fed no more until its owner resets it. It keeps what it needs: the bytes are gone after
 * the call.
 */
enum base_taken { BASE_TAKE_MORE, BASE_TAKE_DONE, BASE_TAKE_REFUSED };

struct base_taker {
	enum base_taken (*take)(
		struct base_taker *taker, struct slice input, size_t *consumed);
};

/*
 * A source gives bytes when there is room for them: bytes in memory, a range of a blob,
 * a frame being decoded. pull writes at most room bytes and returns how many; 0 is the
 * end, BASE_SOURCE_FAILED a failure in the middle (the session is then closed, as the
 * peer cannot be told). It may read our own disk, nothing slower.
 * close releases the source itself and accepts one that was not read to its end.
 */
#define BASE_SOURCE_FAILED SIZE_MAX

struct base_source {
	size_t (*pull)(struct base_source *source, char *into, size_t room);
	void (*close)(struct base_source *source);
};

#endif
