/* What a mailbox is for: RFC 6154, 8457. */
#include "imapd/metadata.h"

static const struct {
	enum wire_imap_special_use bit;
	enum post_use use;
	const char *name;
} USES[] = {{WIRE_IMAP_USE_ALL, POST_USE_ALL, "\\All"},
	{WIRE_IMAP_USE_ARCHIVE, POST_USE_ARCHIVE, "\\Archive"},
	{WIRE_IMAP_USE_DRAFTS, POST_USE_DRAFTS, "\\Drafts"},
	{WIRE_IMAP_USE_FLAGGED, POST_USE_FLAGGED, "\\Flagged"},
	{WIRE_IMAP_USE_JUNK, POST_USE_JUNK, "\\Junk"},
	{WIRE_IMAP_USE_SENT, POST_USE_SENT, "\\Sent"},
	{WIRE_IMAP_USE_TRASH, POST_USE_TRASH, "\\Trash"},
	{WIRE_IMAP_USE_IMPORTANT, POST_USE_IMPORTANT, "\\Important"}};

enum { USE_COUNT = sizeof USES / sizeof *USES };

const char *
imapd_use_name(enum post_use use)
{
	for (size_t i = 0; i < USE_COUNT; i++)
		if (USES[i].use == use)
			return USES[i].name;
	return "";
}

/* One use a mailbox; \All and \Flagged are views that a mailbox can't be. */
bool
imapd_use_of(unsigned bits, enum post_use *use)
{
	*use = POST_USE_NONE;
	if (bits & (WIRE_IMAP_USE_ALL | WIRE_IMAP_USE_FLAGGED))
		return false;
	for (size_t i = 0; i < USE_COUNT; i++)
		if (bits == USES[i].bit)
			*use = USES[i].use;
	return !bits || *use != POST_USE_NONE;
}

bool
imapd_use_of_text(struct slice text, enum post_use *use)
{
	unsigned bits = 0;
	struct slice rest = slice_trim(text);
	while (!slice_empty(rest)) {
		unsigned bit = 0;
		struct slice word = slice_cut(&rest, ' ');
		for (size_t i = 0; i < USE_COUNT; i++)
			if (slice_equal_nocase(word, slice_of_text(USES[i].name)))
				bit = USES[i].bit;
		if (!bit)
			return false;
		bits |= bit;
	}
	return imapd_use_of(bits, use);
}
