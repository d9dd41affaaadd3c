#include "cli/texts.h"

extern const char cli_po_ru[];
extern const size_t cli_po_ru_length;

static const struct {
	struct slice language;
	const char *po;
	const size_t *length;
} compiled[] = {{SLICE_INIT("ru"), cli_po_ru, &cli_po_ru_length}};

/* One that can't be read is a bug that the tests find; people then read English. */
void
cli_texts_load(struct cli_texts *texts)
{
	*texts = (struct cli_texts){0};
	for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++) {
		struct base_texts *read;
		if (base_texts_parse(slice_of(compiled[i].po, *compiled[i].length),
			    compiled[i].language.data, &read, NULL))
			continue;
		texts->languages[texts->count] = compiled[i].language;
		texts->texts[texts->count++] = read;
	}
}

void
cli_texts_free(struct cli_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		base_texts_destroy(texts->texts[i]);
	texts->count = 0;
}

const struct base_texts *
cli_texts_in(const struct cli_texts *texts, struct slice language)
{
	for (size_t i = 0; i < texts->count; i++)
		if (slice_equal(texts->languages[i], language))
			return texts->texts[i];
	return NULL;
}

struct slice
cli_language(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return base_texts_language(slice_of_text(value));
	}
	return SLICE_NONE;
}
