#include "base/buffer.h"
#include "base/texts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MOST ((size_t)1 << 22)

static void
put_quoted(struct buffer *po, const char *keyword, struct slice text)
{
	buffer_printf(po, "%s \"", keyword);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (c == '"' || c == '\\')
			buffer_put_byte(po, '\\');
		if (c == '\n' || c == '\t')
			buffer_put_text(po, c == '\n' ? "\\n" : "\\t");
		else
			buffer_put_byte(po, c);
	}
	buffer_put_text(po, "\"\n");
}

static void
write_all(const struct base_texts *texts, struct buffer *po)
{
	struct slice english;
	const char *translated;
	for (size_t at = 0; base_texts_next(texts, &at, &english, &translated);) {
		buffer_put_text(po, "#, no-c-format\n");
		put_quoted(po, "msgid", english);
		put_quoted(po, "msgstr", slice_of_text(translated));
	}
}

/* Any text may be a sentence, the file itself too. */
static void
put_sentences(const struct base_texts *texts, struct slice data)
{
	struct slice english;
	const char *translated;
	SCOPED(buffer_free) struct buffer shown = buffer_with(FILE_MOST);
	base_text_put(texts, data, &shown);
	for (size_t at = 0; base_texts_next(texts, &at, &english, &translated);) {
		buffer_clear(&shown);
		base_text_put(texts, english, &shown);
		ASSERT(slice_equal(buffer_slice(&shown), slice_of_text(translated)) ||
			english.length > BASE_SENTENCE_MOST);
	}
}

/* What was read is written and read again, and is the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_texts *texts, *again;
	struct base_error error = {.text = ""};
	if (base_texts_parse(slice_of(data, size), "fuzz", &texts, &error)) {
		ASSERT(slice_starts(slice_of_text(error.text), SLICE("fuzz:")));
		return 0;
	}
	SCOPED(buffer_free) struct buffer po = buffer_with(FILE_MOST);
	write_all(texts, &po);
	ASSERT(base_texts_parse(buffer_slice(&po), "again", &again, &error) == BASE_OK);
	struct slice english;
	const char *translated;
	for (size_t at = 0; base_texts_next(texts, &at, &english, &translated);) {
		/* The key of the first lives in its map; a copy ends in NUL. */
		SCOPED(buffer_free) struct buffer key = buffer_with(FILE_MOST);
		buffer_put(&key, english);
		buffer_put_byte(&key, 0);
		ASSERT(strcmp(base_text(again, key.data), translated) == 0);
	}
	put_sentences(texts, slice_of(data, size));
	base_texts_destroy(texts);
	base_texts_destroy(again);
	return 0;
}
