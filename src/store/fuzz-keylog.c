#include "store/keylog.h"

#define BLOCK  32768
#define HEADER 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the look calls whole must be whole when it is looked at alone. */
static void
look(struct slice log, bool batches)
{
	struct keylog_verdict verdict = keylog_look(log, batches, 0);
	char note[KEYLOG_NOTE_MOST];
	ASSERT(verdict.whole <= log.length);
	ASSERT(verdict.batches ? verdict.last < verdict.whole : verdict.last == 0);
	ASSERT(keylog_note(log, verdict.last, note) <= sizeof note);
	struct keylog_verdict again =
		keylog_look(slice_first(log, verdict.whole), batches, 0);
	ASSERT(again.end == KEYLOG_WHOLE);
	ASSERT(again.whole == verdict.whole && again.batches == verdict.batches);
	ASSERT(again.sequence == verdict.sequence);
}

/* Makes the checksums of the fragments right, so that what is behind them is reached. */
static void
repair(char *log, size_t size)
{
	for (size_t at = 0; at + HEADER <= size;) {
		size_t left = BLOCK - at % BLOCK;
		unsigned char *header = (unsigned char *)log + at;
		size_t length = header[4] | (size_t)header[5] << 8;
		if (left < HEADER) {
			at += left;
			continue;
		}
		if (length > left - HEADER || length > size - at - HEADER)
			return;
		uint32_t crc = base_crc32c(0, slice_of(header + 6, 1 + length));
		crc = ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
		for (size_t i = 0; i < 4; i++)
			header[i] = (unsigned char)(crc >> (8 * i));
		at += HEADER + length;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look(slice_of(data, size), true);
	look(slice_of(data, size), false);
	char *copy = malloc(size + 1);
	ASSERT(copy);
	memcpy(copy, data, size);
	repair(copy, size);
	look(slice_of(copy, size), true);
	look(slice_of(copy, size), false);
	free(copy);
	return 0;
}
