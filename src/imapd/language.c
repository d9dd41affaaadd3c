#include "imapd/language.h"

extern const char imapd_po_ru[];
extern const size_t imapd_po_ru_length;

enum { LANGUAGES = 3 };

struct imapd_texts {
	struct base_texts *russian;
	struct imapd_language languages[LANGUAGES];
};

/* One that can't be read is a bug that the tests find; people then read English. */
struct imapd_texts *
imapd_texts_load(void)
{
	struct imapd_texts *texts = calloc(1, sizeof *texts);
	ASSERT(texts);
	if (base_texts_parse(slice_of(imapd_po_ru, imapd_po_ru_length), "ru.po",
		    &texts->russian, NULL))
		texts->russian = NULL;
	texts->languages[0] = (struct imapd_language){.tag = SLICE("i-default")};
	texts->languages[1] = (struct imapd_language){.tag = SLICE("en")};
	texts->languages[2] =
		(struct imapd_language){.tag = SLICE("ru"), .texts = texts->russian};
	return texts;
}

void
imapd_texts_free(struct imapd_texts *texts)
{
	if (texts)
		base_texts_destroy(texts->russian);
	free(texts);
}

const struct imapd_language *
imapd_language_at(const struct imapd_texts *texts, size_t number)
{
	return number < LANGUAGES ? &texts->languages[number] : NULL;
}

static const struct imapd_language *
find_tag(const struct imapd_texts *texts, struct slice tag)
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (slice_equal_nocase(texts->languages[i].tag, tag))
			return &texts->languages[i];
	return NULL;
}

/* Looked up: the tag, then what is left of it without its last subtag. */
const struct imapd_language *
imapd_language_find(const struct imapd_texts *texts, struct slice range)
{
	if (slice_equal_nocase(range, SLICE("default")))
		return &texts->languages[0];
	for (;;) {
		const struct imapd_language *found = find_tag(texts, range);
		size_t end = slice_find_last_byte(range, '-');
		if (found || end >= range.length)
			return found;
		range = slice_first(range, end);
	}
}
