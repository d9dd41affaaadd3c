#include "store/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest_tables all, front;
	/* More records never take anything back. */
	if (manifest_read(slice_of(data, size), &all) &&
		manifest_read(slice_of(data, size / 2), &front))
		ASSERT(front.log <= all.log && front.sequence <= all.sequence);
	/* Behind the checksums, which would keep most inputs out. */
	front = (struct manifest_tables){.log = 7, .sequence = 9};
	(void)manifest_read_record(slice_of(data, size), &front);
	ASSERT(front.log >= 7 && front.sequence >= 9);
	return 0;
}
