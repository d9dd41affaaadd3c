#include "popd/popd-internal.h"
#include "wire/nul-free.h"

struct answer_source {
	struct base_source source;
	struct base_source *inner;
	uint64_t *pulled;
};

static size_t
pull(struct base_source *source, char *into, size_t room)
{
	struct answer_source *answer = (struct answer_source *)source;
	size_t got = answer->inner->pull(answer->inner, into, room);
	if (got == BASE_SOURCE_FAILED)
		return got;
	wire_hide_nul(into, got);
	*answer->pulled += got;
	return got;
}

static void
close_answer(struct base_source *source)
{
	struct answer_source *answer = (struct answer_source *)source;
	answer->inner->close(answer->inner);
	free(answer);
}

struct base_source *
popd_answer_source(struct base_source *inner, uint64_t *pulled)
{
	struct answer_source *answer = malloc(sizeof *answer);
	ASSERT(answer);
	answer->source = (struct base_source){.pull = pull, .close = close_answer};
	answer->inner = inner;
	answer->pulled = pulled;
	return &answer->source;
}
