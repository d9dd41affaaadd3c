#ifndef CLI_TEXTS_H
#define CLI_TEXTS_H

#include "base/texts.h"

/*
 * What is said to people, in the languages of po/, which are compiled in. English is the
 * source itself. To add one: po/XX.po, its line in meson.build and in texts.c.
 */
#define CLI_LANGUAGES_MOST 8

/* To whom something is said: a person, in some language (NULL: English), or a program. */
struct cli_voice {
	bool json;
	const struct base_texts *texts;
};

struct cli_texts {
	struct slice languages[CLI_LANGUAGES_MOST];
	struct base_texts *texts[CLI_LANGUAGES_MOST];
	size_t count;
};

void cli_texts_load(struct cli_texts *texts);
void cli_texts_free(struct cli_texts *texts);

/* NULL: English. */
const struct base_texts *cli_texts_in(const struct cli_texts *texts, struct slice language);

/* The person's, by LC_ALL, LC_MESSAGES, LANG: "ru"; absent for English. */
struct slice cli_language(void);

#endif
