#ifndef IMAPD_LANGUAGE_H
#define IMAPD_LANGUAGE_H

#include "base/texts.h"
#include "imapd/imapd.h"

/*
 * What IMAP says to people, in their language (RFC 5255 3): English, which is i-default
 * too, and what is compiled in from LANGUAGE.po.
 */
struct imapd_language {
	struct slice tag;               /* "ru" */
	const struct base_texts *texts; /* NULL: English */
};

/* The language of a tag such as "ru-RU" (RFC 4647 3.4); NULL: unknown. */
const struct imapd_language *imapd_language_find(
	const struct imapd_texts *texts, struct slice range);
/* By number, NULL past the last. */
const struct imapd_language *imapd_language_at(
	const struct imapd_texts *texts, size_t number);

#endif
