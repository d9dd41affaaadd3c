#ifndef STORE_WHOLE_H
#define STORE_WHOLE_H

#include "store/keys.h"

/*
 * Is what a group wrote into a segment there whole? Every length, checksum and hash of its
 * records is looked at. bytes: those of the range, of that length. Pure.
 */
MUST_CHECK bool store_written_is_whole(
	const struct store_written *written, struct slice bytes);

#endif
