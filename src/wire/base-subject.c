#include "wire/base-subject.h"

/* RFC 5256 2.1, step 1: tabs and runs of blanks are one space, none at the ends. */
static struct slice
squeezed(struct arena *arena, struct slice text)
{
	char *out = arena_take(arena, text.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
		if (!blank)
			out[length++] = c;
		else if (length && out[length - 1] != ' ')
			out[length++] = ' ';
	}
	while (length && out[length - 1] == ' ')
		length--;
	return slice_of(out, length);
}

/* Step 2: subj-trailer. */
static bool
drop_trailer(struct slice *text)
{
	if (!slice_ends_nocase(*text, SLICE("(fwd)")))
		return false;
	*text = slice_trim(slice_first(*text, text->length - strlen("(fwd)")));
	return true;
}

/* subj-blob: "[…] " in front, without brackets inside; what is behind it, or absent. */
static struct slice
behind_blob(struct slice text)
{
	if (!slice_starts(text, SLICE("[")))
		return SLICE_NONE;
	for (size_t i = 1; i < text.length && text.data[i] != '['; i++)
		if (text.data[i] == ']')
			return slice_trim(slice_from(text, i + 1));
	return SLICE_NONE;
}

/* subj-refwd: "re", "fw" or "fwd", perhaps a blob, a colon; what is behind, or absent. */
static struct slice
behind_answer(struct slice text)
{
	static const struct slice words[] = {
		SLICE_INIT("re"), SLICE_INIT("fwd"), SLICE_INIT("fw")};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!slice_starts_nocase(text, words[i]))
			continue;
		struct slice rest = slice_trim(slice_from(text, words[i].length));
		struct slice behind = behind_blob(rest);
		if (!slice_absent(behind))
			rest = behind;
		if (slice_starts(rest, SLICE(":")))
			return slice_trim(slice_from(rest, 1));
	}
	return SLICE_NONE;
}

/* Step 3: subj-leader, which may have blobs before "Re:". */
static bool
drop_leader(struct slice *text)
{
	struct slice rest = *text;
	while (true) {
		struct slice behind = behind_answer(rest);
		if (!slice_absent(behind)) {
			*text = behind;
			return true;
		}
		rest = behind_blob(rest);
		if (slice_empty(rest))
			return false;
	}
}

/* Step 4: a blob in front, if something is left without it. */
static bool
drop_blob(struct slice *text)
{
	struct slice behind = behind_blob(*text);
	if (slice_empty(behind))
		return false;
	*text = behind;
	return true;
}

/* Step 6: "[fwd: …]" around it all. */
static bool
unwrap(struct slice *text)
{
	if (!slice_starts_nocase(*text, SLICE("[fwd:")) || !slice_ends(*text, SLICE("]")))
		return false;
	struct slice inner = slice_from(*text, strlen("[fwd:"));
	*text = slice_trim(slice_first(inner, inner.length - 1));
	return true;
}

struct slice
wire_base_subject(struct arena *arena, struct slice subject, bool *is_reply)
{
	struct slice text = squeezed(arena, subject);
	*is_reply = false;
	do {
		while (drop_trailer(&text))
			*is_reply = true;
		while (drop_leader(&text))
			*is_reply = true;
		/* No "Re:" stands behind any of these: that was looked at. */
		while (drop_blob(&text))
			continue;
	} while (unwrap(&text) && (*is_reply = true));
	return text;
}
