#ifndef WIRE_TEST_TEXT_SOURCE_H
#define WIRE_TEST_TEXT_SOURCE_H

#include "base/flow.h"
#include "base/slice.h"

/*
 * For tests: gives a text, which the caller keeps, in pieces of so many bytes, then its end
 * or a failure. closed counts how often it was closed.
 */
struct base_source *test_text_source(
	struct slice text, size_t piece, bool fails, int *closed);

#endif
