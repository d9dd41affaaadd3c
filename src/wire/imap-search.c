#include "wire/imap-search.h"
#include "wire/imap-flags.h"
#include "wire/imap-select.h"

enum shape {
	PLAIN,   /* nothing follows */
	STRING,  /* an astring */
	FIELD,   /* a field name and an astring */
	KEYWORD, /* an atom */
	DATE,
	NUMBER,
	INTERVAL,   /* seconds, not 0 */
	MODSEQ,     /* perhaps an entry and its type, and a mod-sequence */
	UIDS,       /* a set */
	UID_AFTER,  /* one UID: those above it */
	UID_BEFORE, /* one UID: those below it */
	NEGATION,   /* one key */
	ALTERNATIVE /* two keys */
};

struct word {
	struct slice name;
	enum wire_imap_search_kind kind;
	enum shape shape;
	bool negated;
	unsigned number;    /* of FLAG */
	struct slice field; /* of HEADER */
};

#define FLAG(text, bit, no)                                                               \
	{                                                                                 \
		.name = SLICE_INIT(text), .kind = WIRE_IMAP_SEARCH_FLAG, .number = (bit), \
		.negated = (no)                                                           \
	}
#define HEADER(text)                                                       \
	{                                                                  \
		.name = SLICE_INIT(text), .kind = WIRE_IMAP_SEARCH_HEADER, \
		.shape = STRING, .field = SLICE_INIT(text)                 \
	}
#define TAKES(text, what, how)                                           \
	{                                                                \
		.name = SLICE_INIT(text), .kind = (what), .shape = (how) \
	}

/* RFC 3501 6.4.4; ALL and NEW, which are more than one key or none, stand apart. */
static const struct word WORDS[] = {
	FLAG("ANSWERED", WIRE_IMAP_ANSWERED, false),
	FLAG("DELETED", WIRE_IMAP_DELETED, false),
	FLAG("DRAFT", WIRE_IMAP_DRAFT, false),
	FLAG("FLAGGED", WIRE_IMAP_FLAGGED, false),
	FLAG("SEEN", WIRE_IMAP_SEEN, false),
	FLAG("UNANSWERED", WIRE_IMAP_ANSWERED, true),
	FLAG("UNDELETED", WIRE_IMAP_DELETED, true),
	FLAG("UNDRAFT", WIRE_IMAP_DRAFT, true),
	FLAG("UNFLAGGED", WIRE_IMAP_FLAGGED, true),
	FLAG("UNSEEN", WIRE_IMAP_SEEN, true),
	HEADER("BCC"),
	HEADER("CC"),
	HEADER("FROM"),
	HEADER("SUBJECT"),
	HEADER("TO"),
	TAKES("HEADER", WIRE_IMAP_SEARCH_HEADER, FIELD),
	TAKES("BODY", WIRE_IMAP_SEARCH_BODY, STRING),
	TAKES("TEXT", WIRE_IMAP_SEARCH_TEXT, STRING),
	TAKES("KEYWORD", WIRE_IMAP_SEARCH_KEYWORD, KEYWORD),
	{.name = SLICE_INIT("UNKEYWORD"),
		.kind = WIRE_IMAP_SEARCH_KEYWORD,
		.shape = KEYWORD,
		.negated = true},
	TAKES("BEFORE", WIRE_IMAP_SEARCH_BEFORE, DATE),
	TAKES("ON", WIRE_IMAP_SEARCH_ON, DATE),
	TAKES("SINCE", WIRE_IMAP_SEARCH_SINCE, DATE),
	TAKES("SENTBEFORE", WIRE_IMAP_SEARCH_SENT_BEFORE, DATE),
	TAKES("SENTON", WIRE_IMAP_SEARCH_SENT_ON, DATE),
	TAKES("SENTSINCE", WIRE_IMAP_SEARCH_SENT_SINCE, DATE),
	TAKES("LARGER", WIRE_IMAP_SEARCH_LARGER, NUMBER),
	TAKES("SMALLER", WIRE_IMAP_SEARCH_SMALLER, NUMBER),
	TAKES("YOUNGER", WIRE_IMAP_SEARCH_YOUNGER, INTERVAL),
	TAKES("OLDER", WIRE_IMAP_SEARCH_OLDER, INTERVAL),
	TAKES("SAVEDBEFORE", WIRE_IMAP_SEARCH_SAVED_BEFORE, DATE),
	TAKES("SAVEDON", WIRE_IMAP_SEARCH_SAVED_ON, DATE),
	TAKES("SAVEDSINCE", WIRE_IMAP_SEARCH_SAVED_SINCE, DATE),
	TAKES("SAVEDATESUPPORTED", WIRE_IMAP_SEARCH_AND, PLAIN), /* as ALL: RFC 8514 4.3 */
	TAKES("MODSEQ", WIRE_IMAP_SEARCH_MODSEQ, MODSEQ),
	TAKES("EMAILID", WIRE_IMAP_SEARCH_EMAILID, KEYWORD),
	TAKES("THREADID", WIRE_IMAP_SEARCH_THREADID, KEYWORD),
	TAKES("FILTER", WIRE_IMAP_SEARCH_FILTER, KEYWORD),
	TAKES("FUZZY", WIRE_IMAP_SEARCH_FUZZY, NEGATION),
	TAKES("UID", WIRE_IMAP_SEARCH_UID, UIDS),
	TAKES("UIDAFTER", WIRE_IMAP_SEARCH_UID, UID_AFTER), /* RFC 9738 3.2 */
	TAKES("UIDBEFORE", WIRE_IMAP_SEARCH_UID, UID_BEFORE),
	TAKES("RECENT", WIRE_IMAP_SEARCH_RECENT, PLAIN),
	{.name = SLICE_INIT("OLD"), .kind = WIRE_IMAP_SEARCH_RECENT, .negated = true},
	TAKES("NOT", WIRE_IMAP_SEARCH_NOT, NEGATION),
	TAKES("OR", WIRE_IMAP_SEARCH_OR, ALTERNATIVE),
};

#define WORD_COUNT (sizeof WORDS / sizeof *WORDS)

struct parser {
	struct wire_imap_cursor *cursor;
	size_t keys;
	bool has_modseq;
};

static struct wire_imap_search_key *take_key(struct parser *parser, unsigned depth);

/* NULL, with an error, past a limit. */
static struct wire_imap_search_key *
new_key(struct parser *parser, enum wire_imap_search_kind kind, unsigned depth)
{
	if (depth > WIRE_IMAP_SEARCH_DEPTH_MOST)
		wire_imap_fail(parser->cursor, "The search is nested too deeply");
	if (++parser->keys > WIRE_IMAP_SEARCH_KEYS_MOST)
		wire_imap_fail(parser->cursor, "The search has too many keys");
	if (parser->cursor->error)
		return NULL;
	struct wire_imap_search_key *key = wire_imap_take(parser->cursor, 1, sizeof *key);
	if (key)
		key->kind = kind;
	return key;
}

/* Puts a child behind the others, whose last link *end is; false without one. */
static bool
add_child(struct wire_imap_search_key *child, struct wire_imap_search_key ***end)
{
	if (!child)
		return false;
	**end = child;
	*end = &child->next;
	return true;
}

static struct wire_imap_search_key *
negate(struct parser *parser, struct wire_imap_search_key *key, unsigned depth)
{
	struct wire_imap_search_key *not = new_key(parser, WIRE_IMAP_SEARCH_NOT, depth);
	if (!not || !key)
		return NULL;
	not ->child = key;
	return not ;
}

/* "NEW" (RFC 3501 6.4.4): "(RECENT UNSEEN)". */
static struct wire_imap_search_key *
new_messages(struct parser *parser, unsigned depth)
{
	struct wire_imap_search_key *and = new_key(parser, WIRE_IMAP_SEARCH_AND, depth);
	struct wire_imap_search_key *recent =
		new_key(parser, WIRE_IMAP_SEARCH_RECENT, depth + 1);
	struct wire_imap_search_key *seen =
		new_key(parser, WIRE_IMAP_SEARCH_FLAG, depth + 2);
	struct wire_imap_search_key *unseen = negate(parser, seen, depth + 1);
	if (!unseen)
		return NULL;
	seen->number = WIRE_IMAP_SEEN;
	and->child = recent;
	recent->next = unseen;
	return and;
}

static bool
take_children(struct parser *parser, struct wire_imap_search_key *key, size_t count,
	unsigned depth)
{
	struct wire_imap_search_key **end = &key->child;
	for (size_t i = 0; i < count; i++)
		if (!wire_imap_space(parser->cursor) ||
			!add_child(take_key(parser, depth + 1), &end))
			return false;
	return true;
}

/*
 * RFC 7162 3.1.5: "MODSEQ "/flags/\\draft" all 620". Flags have no mod-sequences of their
 * own here, which that section allows for.
 */
static bool
take_modseq(struct wire_imap_cursor *cursor, struct wire_imap_search_key *key)
{
	struct slice entry;
	if (!wire_imap_space(cursor))
		return false;
	if (wire_imap_peek(cursor) == '"') {
		if (!wire_imap_string(cursor, &entry) || !wire_imap_space(cursor))
			return false;
		if (!wire_imap_maybe_word(cursor, SLICE("ALL")) &&
			!wire_imap_maybe_word(cursor, SLICE("PRIV")) &&
			!wire_imap_maybe_word(cursor, SLICE("SHARED")))
			return wire_imap_fail(cursor, "all, priv or shared was expected");
		if (!wire_imap_space(cursor))
			return false;
	}
	return wire_imap_modseq(cursor, &key->modseq);
}

static bool
take_interval(struct wire_imap_cursor *cursor, struct wire_imap_search_key *key)
{
	uint32_t seconds = 0;
	bool taken = wire_imap_space(cursor) && wire_imap_nz_number(cursor, &seconds);
	key->number = seconds;
	return taken;
}

/* RFC 9738 3.2: as a set. No message has the last UID that there is. */
static bool
take_bound(struct wire_imap_cursor *cursor, bool after, struct wire_imap_search_key *key)
{
	const uint32_t nobody = WIRE_IMAP_STAR - 1;
	struct wire_imap_range range = {nobody, nobody};
	uint32_t uid = 0;
	if (!wire_imap_space(cursor) || !wire_imap_nz_number(cursor, &uid))
		return false;
	if (after && uid < nobody)
		range.first = uid + 1;
	if (!after && uid > 1)
		range = (struct wire_imap_range){1, uid - 1};
	key->set.ranges = wire_imap_take(cursor, 1, sizeof range);
	if (!key->set.ranges)
		return false;
	key->set.ranges[0] = range;
	key->set.count = 1;
	return true;
}

static bool
take_argument(struct parser *parser, enum shape shape, struct wire_imap_search_key *key,
	unsigned depth)
{
	struct wire_imap_cursor *cursor = parser->cursor;
	switch (shape) {
	case PLAIN:
		return true;
	case STRING:
		return wire_imap_space(cursor) && wire_imap_astring(cursor, &key->text);
	case FIELD:
		return wire_imap_space(cursor) && wire_imap_astring(cursor, &key->field) &&
		       wire_imap_space(cursor) && wire_imap_astring(cursor, &key->text);
	case KEYWORD:
		return wire_imap_space(cursor) && wire_imap_atom(cursor, &key->text);
	case DATE:
		return wire_imap_space(cursor) && wire_imap_date(cursor, &key->day);
	case NUMBER: /* RFC 9051 9: 63 bits */
		return wire_imap_space(cursor) && wire_imap_number64(cursor, &key->number);
	case INTERVAL:
		return take_interval(cursor, key);
	case MODSEQ:
		parser->has_modseq = true;
		return take_modseq(cursor, key);
	case UID_AFTER:
	case UID_BEFORE:
		return take_bound(cursor, shape == UID_AFTER, key);
	case UIDS:
		return wire_imap_space(cursor) && wire_imap_set_parse(cursor, &key->set);
	case NEGATION:
		return take_children(parser, key, 1, depth);
	case ALTERNATIVE:
		break;
	}
	return take_children(parser, key, 2, depth);
}

static struct wire_imap_search_key *
take_word(struct parser *parser, const struct word *word, unsigned depth)
{
	unsigned own = word->negated ? depth + 1 : depth;
	struct wire_imap_search_key *key = new_key(parser, word->kind, own);
	if (!key)
		return NULL;
	key->number = word->number;
	key->field = word->field;
	if (!take_argument(parser, word->shape, key, own))
		return NULL;
	return word->negated ? negate(parser, key, depth) : key;
}

static struct wire_imap_search_key *
take_named(struct parser *parser, unsigned depth)
{
	if (wire_imap_maybe_word(parser->cursor, SLICE("ALL")))
		return new_key(parser, WIRE_IMAP_SEARCH_AND, depth);
	if (wire_imap_maybe_word(parser->cursor, SLICE("NEW")))
		return new_messages(parser, depth);
	for (size_t i = 0; i < WORD_COUNT; i++)
		if (wire_imap_maybe_word(parser->cursor, WORDS[i].name))
			return take_word(parser, &WORDS[i], depth);
	wire_imap_fail(parser->cursor, "There is no such search key");
	return NULL;
}

/* Keys parted by spaces, all of which must hold. */
static struct wire_imap_search_key *
take_keys(struct parser *parser, unsigned depth)
{
	struct wire_imap_search_key *and = new_key(parser, WIRE_IMAP_SEARCH_AND, depth);
	if (!and)
		return NULL;
	struct wire_imap_search_key **end = &and->child;
	do {
		if (!add_child(take_key(parser, depth + 1), &end))
			return NULL;
	} while (wire_imap_maybe(parser->cursor, ' '));
	return and;
}

static struct wire_imap_search_key *
take_key(struct parser *parser, unsigned depth)
{
	char next = wire_imap_peek(parser->cursor);
	if (wire_imap_maybe(parser->cursor, '(')) {
		struct wire_imap_search_key *and = take_keys(parser, depth);
		return wire_imap_byte(parser->cursor, ')') ? and : NULL;
	}
	if (!byte_is_digit(next) && next != '*' && next != '$')
		return take_named(parser, depth);
	struct wire_imap_search_key *key = new_key(parser, WIRE_IMAP_SEARCH_SET, depth);
	return key && wire_imap_set_parse(parser->cursor, &key->set) ? key : NULL;
}

bool
wire_imap_search_has_numbers(const struct wire_imap_search_key *key)
{
	if (key->kind == WIRE_IMAP_SEARCH_SET || key->set.saved)
		return true;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		if (wire_imap_search_has_numbers(at))
			return true;
	return false;
}

bool
wire_imap_search_keys_parse(
	struct wire_imap_cursor *cursor, struct wire_imap_search *search)
{
	struct parser parser = {.cursor = cursor};
	search->key = take_keys(&parser, 0);
	search->keys = parser.keys;
	search->has_modseq = parser.has_modseq;
	return search->key && wire_imap_end(cursor);
}

bool
wire_imap_search_parse(struct wire_imap_cursor *cursor, struct wire_imap_search *search)
{
	*search = (struct wire_imap_search){0};
	if (!wire_imap_space(cursor) || !wire_imap_results_parse(cursor, &search->results))
		return false;
	if (wire_imap_maybe_word(cursor, SLICE("CHARSET")) &&
		(!wire_imap_space(cursor) || !wire_imap_astring(cursor, &search->charset) ||
			!wire_imap_space(cursor)))
		return false;
	return wire_imap_search_keys_parse(cursor, search);
}
