#include "base/texts.h"
#include "base/file.h"
#include "base/texts-internal.h"

void
base_texts_destroy(struct base_texts *texts)
{
	if (!texts)
		return;
	map_destroy(texts->translations);
	arena_destroy(texts->arena);
}

enum base_failure
base_texts_parse(struct slice po, const char *name_for_errors, struct base_texts **texts,
	struct base_error *error)
{
	*texts = NULL;
	if (po.length > BASE_TEXTS_MOST)
		return base_fail(error, BASE_TOO_LARGE, "%s: larger than %d bytes",
			name_for_errors, BASE_TEXTS_MOST);
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_texts *made = ARENA_NEW(arena, struct base_texts);
	made->arena = arena;
	made->translations = map_create();
	enum base_failure failure = texts_fill(made, po, name_for_errors, error);
	if (failure)
		base_texts_destroy(made);
	else
		*texts = made;
	return failure;
}

enum base_failure
base_texts_read(const char *path, struct base_texts **texts, struct base_error *error)
{
	SCOPED(buffer_free) struct buffer po = buffer_with(BASE_TEXTS_MOST);
	*texts = NULL;
	enum base_failure failure = base_file_read(path, &po, error);
	return failure ? failure : base_texts_parse(buffer_slice(&po), path, texts, error);
}

const char *
base_text(const struct base_texts *texts, const char *english)
{
	if (!texts)
		return english;
	const char *translated = map_get(texts->translations, slice_of_text(english));
	return translated ? translated : english;
}

bool
base_texts_next(const struct base_texts *texts, size_t *position, struct slice *english,
	const char **translated)
{
	void *value;
	if (!map_next(texts->translations, position, english, &value))
		return false;
	*translated = value;
	return true;
}

struct slice
base_texts_language(struct slice locale)
{
	size_t length = 0;
	while (length < locale.length && byte_is_alpha(locale.data[length]))
		length++;
	struct slice language = slice_first(locale, length);
	return length == 2 || length == 3 ? language : SLICE_NONE;
}
