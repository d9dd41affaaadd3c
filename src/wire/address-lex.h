#ifndef WIRE_ADDRESS_LEX_H
#define WIRE_ADDRESS_LEX_H

#include "base/buffer.h"

/*
 * The lexer of address headers. It reads what RFC 5322 calls atoms, quoted strings,
 * comments, domain literals and specials, and bends where real mail does: dots and brackets
 * may stand in atoms, an encoded-word is one atom whatever it holds, a quote or comment
 * that never ends is a blank.
 */
enum address_token {
	ADDRESS_END,
	ADDRESS_WORD, /* atom or quoted string, without its quotes */
	ADDRESS_COMMENT,
	ADDRESS_SPECIAL, /* one of < > , ; : @ */
};

struct address_lexer {
	struct slice rest;
	bool quotes_end, comments_end; /* false: none of them ends any more */
	bool after_at;                 /* so a bracket begins a domain literal */
	/* The token just read. */
	enum address_token token;
	char special;
	bool blank_before; /* blanks, a comment, or another special than @ */
	bool quoted;       /* it was a quoted string */
	struct slice raw;  /* as it stands */
};

struct address_lexer address_lexer_of(struct slice text);
void address_lex(struct address_lexer *lexer);

/* Whether the token just read is that special; whether it ends an element of a list. */
bool address_at(const struct address_lexer *lexer, char special);
bool address_at_end(const struct address_lexer *lexer);

/* Puts what the token says: unquoted, unescaped, without line ends; NUL becomes a blank. */
void address_token_put(const struct address_lexer *lexer, struct buffer *into);

#endif
