#include "wire/address-lex.h"
#include "wire/header-lex.h"
#include "wire/rfc2047.h"

#define ENCODED_WORD_MOST 512 /* of one that may hold specials */
#define LITERAL_MOST      255

struct address_lexer
address_lexer_of(struct slice text)
{
	return (struct address_lexer){
		.rest = text, .quotes_end = true, .comments_end = true};
}

static bool
is_special(char c)
{
	return c == '<' || c == '>' || c == ',' || c == ';' || c == ':' || c == '@';
}

static bool
ends_word(char c)
{
	return wire_is_blank(c) || is_special(c) || c == '"' || c == '(' || c == ')';
}

static void
take(struct address_lexer *lexer, enum address_token token, size_t length)
{
	lexer->token = token;
	lexer->raw = slice_first(lexer->rest, length);
	lexer->rest = slice_from(lexer->rest, length);
}

/* Length with both quotes, or 0 when the string does not end. */
static size_t
quoted_length(struct slice text)
{
	for (size_t i = 1; i < text.length; i++) {
		if (text.data[i] == '"')
			return i + 1;
		i += text.data[i] == '\\';
	}
	return 0;
}

static bool
lex_quoted(struct address_lexer *lexer)
{
	size_t length = lexer->quotes_end ? quoted_length(lexer->rest) : 0;
	lexer->quotes_end = length > 0;
	lexer->quoted = length > 0;
	if (length > 0)
		take(lexer, ADDRESS_WORD, length);
	return length > 0;
}

static bool
lex_comment(struct address_lexer *lexer)
{
	struct slice after = lexer->rest;
	lexer->comments_end = lexer->comments_end && wire_skip_comment(&after);
	if (lexer->comments_end)
		take(lexer, ADDRESS_COMMENT, lexer->rest.length - after.length);
	return lexer->comments_end;
}

/* "[IPv6:2001:db8::1]": of what ends a word only the colon, and blanks, may stand in it. */
static size_t
literal_length(struct slice text)
{
	for (size_t i = 1; i < text.length && i < LITERAL_MOST; i++) {
		char c = text.data[i];
		if (c == ']')
			return i + 1;
		if (c == '[' || (c != ':' && !wire_is_blank(c) && ends_word(c)))
			return 0;
	}
	return 0;
}

/*
 * An encoded-word at the start of text, or 0. Commas and the like are often left as they
 * are in it; at signs may not be, or an address could become one when it is written.
 */
static size_t
encoded_word_length(struct slice text)
{
	struct encoded_word word;
	if (!encoded_word_parse(slice_first(text, ENCODED_WORD_MOST), &word))
		return 0;
	for (size_t i = 0; i < word.length; i++)
		if (wire_is_blank(text.data[i]) || text.data[i] == '@' ||
			text.data[i] == '<' || text.data[i] == '>')
			return 0;
	return word.length;
}

static size_t
word_length(struct slice text)
{
	size_t length = 0;
	while (length < text.length && !ends_word(text.data[length])) {
		size_t encoded = text.data[length] == '='
					 ? encoded_word_length(slice_from(text, length))
					 : 0;
		length += encoded ? encoded : 1;
	}
	return length;
}

static bool
lex_word(struct address_lexer *lexer)
{
	char first = lexer->rest.data[0];
	size_t length = first == '[' && lexer->after_at ? literal_length(lexer->rest) : 0;
	take(lexer, ADDRESS_WORD, length ? length : word_length(lexer->rest));
	return true;
}

static bool
lex_special(struct address_lexer *lexer)
{
	lexer->special = lexer->rest.data[0];
	take(lexer, ADDRESS_SPECIAL, 1);
	return true;
}

/* False if what stands there is a blank, or has to be taken for one. */
static bool
lex_one(struct address_lexer *lexer)
{
	char first = lexer->rest.data[0];
	lexer->quoted = false;
	if (wire_is_blank(first) || first == ')')
		return false;
	if (first == '"')
		return lex_quoted(lexer);
	if (first == '(')
		return lex_comment(lexer);
	return is_special(first) ? lex_special(lexer) : lex_word(lexer);
}

void
address_lex(struct address_lexer *lexer)
{
	bool after_comment = lexer->token == ADDRESS_COMMENT;
	if (!after_comment)
		lexer->after_at = lexer->token == ADDRESS_SPECIAL && lexer->special == '@';
	lexer->blank_before =
		after_comment || (lexer->token == ADDRESS_SPECIAL && lexer->special != '@');
	while (lexer->rest.length > 0) {
		if (lex_one(lexer))
			return;
		lexer->rest = slice_from(lexer->rest, 1);
		lexer->blank_before = true;
	}
	lexer->token = ADDRESS_END;
	lexer->raw = SLICE_NONE;
}

bool
address_at(const struct address_lexer *lexer, char special)
{
	return lexer->token == ADDRESS_SPECIAL && lexer->special == special;
}

bool
address_at_end(const struct address_lexer *lexer)
{
	return lexer->token == ADDRESS_END || address_at(lexer, ',') ||
	       address_at(lexer, ';');
}

void
address_token_put(const struct address_lexer *lexer, struct buffer *into)
{
	bool framed = lexer->quoted || lexer->token == ADDRESS_COMMENT;
	struct slice text =
		framed ? slice_part(lexer->raw, 1, lexer->raw.length - 2) : lexer->raw;
	for (size_t i = 0; i < text.length; i++) {
		if (framed && text.data[i] == '\\' && i + 1 < text.length)
			i++;
		if (text.data[i] != '\r' && text.data[i] != '\n')
			buffer_put_byte(into, text.data[i] ? text.data[i] : ' ');
	}
}
