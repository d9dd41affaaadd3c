#include "store/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the look calls whole must be whole when it is looked at alone. */
static void
look(struct slice log, bool batches)
{
	struct keylog_verdict verdict = keylog_look(log, batches, 0);
	ASSERT(verdict.whole <= log.length);
	struct keylog_verdict again =
		keylog_look(slice_first(log, verdict.whole), batches, 0);
	ASSERT(again.end == KEYLOG_WHOLE);
	ASSERT(again.whole == verdict.whole && again.batches == verdict.batches);
	ASSERT(again.sequence == verdict.sequence);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look(slice_of(data, size), true);
	look(slice_of(data, size), false);
	return 0;
}
