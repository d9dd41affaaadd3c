/* Finished sentences: which format made it, and what it was given. */
#include "base/buffer.h"
#include "base/texts-internal.h"

enum {
	GAPS_MOST = 8,
	DEPTH_MOST = 3,   /* a sentence in a sentence in a sentence */
	LETTERS_LEAST = 3 /* of its own, or a format fits everything */
};

struct fit {
	const char *translation;
	size_t own; /* bytes that are the format's own */
	struct slice gaps[GAPS_MOST];
	size_t gap_count;
};

static bool
is_number(struct slice conversion)
{
	char kind = conversion.data[conversion.length - 1];
	return kind && strchr("diuxX", kind);
}

static bool
can_be_number(struct slice gap)
{
	for (size_t i = 0; i < gap.length; i++)
		if (byte_hex_value(gap.data[i]) < 0 && gap.data[i] != '-')
			return false;
	return gap.length > 0;
}

/* The text up to the next conversion. An original with "%%" is not found by its words. */
static struct slice
cut_own(struct slice *format, struct slice *conversion)
{
	struct slice rest = *format;
	*conversion = texts_next_conversion(&rest);
	size_t end = slice_absent(*conversion) ? format->length
					       : (size_t)(conversion->data - format->data);
	struct slice own = slice_first(*format, end);
	*format = rest;
	return own;
}

static size_t
letters_in(struct slice own)
{
	size_t count = 0;
	for (size_t i = 0; i < own.length; i++)
		count += byte_is_alpha(own.data[i]);
	return count;
}

/* The first place of each own piece will do; the last one stands at the end. */
static bool
fits(struct slice sentence, struct slice format, struct fit *fit)
{
	struct slice conversion, next;
	struct slice own = cut_own(&format, &conversion);
	size_t letters = letters_in(own);
	*fit = (struct fit){.own = own.length};
	if (slice_absent(conversion) || !slice_starts(sentence, own))
		return false;
	sentence = slice_from(sentence, own.length);
	for (; !slice_absent(conversion); conversion = next) {
		own = cut_own(&format, &next);
		size_t end = slice_find(sentence, own);
		if (slice_absent(next) && slice_ends(sentence, own))
			end = sentence.length - own.length;
		else if (slice_absent(next) || end == sentence.length)
			return false;
		struct slice gap = slice_first(sentence, end);
		if (fit->gap_count == GAPS_MOST ||
			(is_number(conversion) && !can_be_number(gap)))
			return false;
		fit->gaps[fit->gap_count++] = gap;
		fit->own += own.length;
		letters += letters_in(own);
		sentence = slice_from(sentence, end + own.length);
	}
	return letters >= LETTERS_LEAST;
}

static bool
find_best(const struct base_texts *texts, struct slice sentence, struct fit *best)
{
	struct slice english;
	const char *translation;
	*best = (struct fit){0};
	for (size_t at = 0; base_texts_next(texts, &at, &english, &translation);) {
		struct fit fit;
		if (!fits(sentence, english, &fit) || fit.own <= best->own)
			continue;
		fit.translation = translation;
		*best = fit;
	}
	return best->translation;
}

static bool put_sentence(const struct base_texts *texts, struct slice sentence, int depth,
	struct buffer *into);

/* A word alone may be a name that happens to be one of ours. */
static void
put_gap(const struct base_texts *texts, struct slice gap, int depth, struct buffer *into)
{
	bool is_sentence = slice_find_byte(gap, ' ') < gap.length;
	if (depth == DEPTH_MOST || !is_sentence ||
		!put_sentence(texts, gap, depth + 1, into))
		buffer_put(into, gap);
}

static void
put_own(struct slice own, struct buffer *into)
{
	for (size_t i = 0; i < own.length; i++) {
		buffer_put_byte(into, own.data[i]);
		i += own.data[i] == '%'; /* "%%" */
	}
}

static void
put_fit(const struct base_texts *texts, const struct fit *fit, int depth,
	struct buffer *into)
{
	struct slice format = slice_of_text(fit->translation), conversion;
	for (size_t i = 0; i <= fit->gap_count; i++) {
		put_own(cut_own(&format, &conversion), into);
		if (i < fit->gap_count)
			put_gap(texts, fit->gaps[i], depth, into);
	}
}

static bool
put_whole(const struct base_texts *texts, struct slice sentence, int depth,
	struct buffer *into)
{
	const char *exact = map_get(texts->translations, sentence);
	struct fit fit;
	if (exact)
		buffer_put_text(into, exact);
	else if (find_best(texts, sentence, &fit))
		put_fit(texts, &fit, depth, into);
	else
		return false;
	return true;
}

/* Whole, or what stands behind one of its colons: "troika.conf:14: relay.retry: …". */
static bool
put_sentence(const struct base_texts *texts, struct slice sentence, int depth,
	struct buffer *into)
{
	static const struct slice colon = SLICE_INIT(": ");
	if (put_whole(texts, sentence, depth, into))
		return true;
	size_t begun = into->length;
	for (size_t at = 0; at < sentence.length;) {
		size_t end = at + slice_find(slice_from(sentence, at), colon);
		if (end >= sentence.length)
			break;
		at = end + colon.length;
		put_gap(texts, slice_first(sentence, end), depth, into);
		buffer_put(into, colon);
		if (put_whole(texts, slice_from(sentence, at), depth, into))
			return true;
		buffer_cut(into, begun);
	}
	return false;
}

void
base_text_put(const struct base_texts *texts, struct slice sentence, struct buffer *into)
{
	if (!texts || sentence.length > BASE_SENTENCE_MOST ||
		!put_sentence(texts, sentence, 0, into))
		buffer_put(into, sentence);
}
