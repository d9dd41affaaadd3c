#ifndef BASE_TEXTS_H
#define BASE_TEXTS_H

#include "base/buffer.h"
#include "base/error.h"

/*
 * What a person reads, in their language. The English text is the key; a language is one
 * file po/LANGUAGE.po in gettext's format, read whole at the start and never changed, so
 * any thread may look. The language is an argument: no locale is set, no global kept.
 *
 *	puts(base_text(texts, "nothing is queued"));
 *
 * Of the format: comments, flags, msgid, msgstr. Entries marked fuzzy and empty ones are
 * passed over. Contexts and plurals are refused: a sentence that avoids them is found in
 * any language. As texts are handed to printf, a translation must hold the conversions
 * (%s, %lld) of its original in their order, unless it is marked no-c-format.
 */
struct base_texts;

#define BASE_TEXTS_MOST (1 << 20) /* bytes of a file */

enum base_failure base_texts_parse(struct slice po, const char *name_for_errors,
	struct base_texts **texts, struct base_error *error) MUST_CHECK;
enum base_failure base_texts_read(
	const char *path, struct base_texts **texts, struct base_error *error) MUST_CHECK;
void base_texts_destroy(struct base_texts *texts); /* NULL is fine */

/* The translation, which lives as long as texts; or english itself. NULL texts: English. */
const char *base_text(const struct base_texts *texts, const char *english)
	__attribute__((format_arg(2)));

/* Marks a text in a table, for tools/texts.py: it is looked up where it is shown. */
#define BASE_TEXT(english) english

/*
 * The same for a sentence that is finished already, as those of errors are (base/error.h):
 * the format that made it is found by its own words, and its translation filled in with
 * what the sentence was given. Behind a colon may stand another sentence, and so may in a
 * gap. What is not found stays as it is.
 */
#define BASE_SENTENCE_MOST 4096 /* bytes; a longer one is left alone */
void base_text_put(
	const struct base_texts *texts, struct slice sentence, struct buffer *into);

/* Walks over the translations in no order; start with *position = 0. */
bool base_texts_next(const struct base_texts *texts, size_t *position,
	struct slice *english, const char **translated);

/* The language of a locale's name: "ru" of "ru_RU.UTF-8"; absent for "C", "POSIX", "". */
struct slice base_texts_language(struct slice locale);

#endif
