#include "imap-mix.h"

enum { LISTED = 20, COMPARED = 100, LETTER_LINES = 58 };

const char *const mix_names[MIX_KINDS] = {"list", "flags", "read", "store", "search",
	"append", "delete", "expunge", "status", "idle"};

/* Of a hundred commands; an EXPUNGE comes with each DELETE besides. */
static const unsigned weights[MIX_KINDS] = {
	[MIX_LIST] = 16,
	[MIX_FLAGS] = 8,
	[MIX_READ] = 12,
	[MIX_STORE] = 18,
	[MIX_SEARCH] = 10,
	[MIX_APPEND] = 8,
	[MIX_DELETE] = 8,
	[MIX_STATUS] = 12,
	[MIX_IDLE] = 8,
};

struct mix_dice
mix_dice(uint64_t seed)
{
	return (struct mix_dice){seed * 0x9e3779b97f4a7c15u + 1};
}

/* xorshift64* (Marsaglia): below `sides`. */
static uint32_t throw(struct mix_dice * dice, uint32_t sides)
{
	dice->state ^= dice->state >> 12;
	dice->state ^= dice->state << 25;
	dice->state ^= dice->state >> 27;
	return (uint32_t)((dice->state * 0x2545f4914f6cdd1du) >> 32) % sides;
}

enum mix_kind
mix_draw(struct mix_dice *dice)
{
	uint32_t all = 0;
	for (size_t i = 0; i < MIX_KINDS; i++)
		all += weights[i];
	uint32_t thrown = throw(dice, all);
	size_t kind = 0;
	while (thrown >= weights[kind])
		thrown -= weights[kind++];
	return (enum mix_kind)kind;
}

static void
put_window(struct mix_dice *dice, uint32_t exists, uint32_t width, struct buffer *into)
{
	uint32_t first = 1 + throw(dice, exists);
	uint32_t last = exists - first < width ? exists : first + width - 1;
	buffer_printf(into, "x FETCH %u:%u ", first, last);
}

static void
put_store(struct mix_dice *dice, uint32_t exists, struct buffer *into)
{
	static const char *const flags[] = {"\\Seen", "\\Seen", "\\Flagged", "\\Answered"};
	uint32_t number = 1 + throw(dice, exists);
	char sign = throw(dice, 3) ? '+' : '-';
	buffer_printf(
		into, "x STORE %u %cFLAGS (%s)\r\n", number, sign, flags[throw(dice, 4)]);
}

static void
put_search(struct mix_dice *dice, struct buffer *into)
{
	static const char *const keys[] = {
		"UNSEEN", "FLAGGED", "UNSEEN UNDELETED", "UNANSWERED FLAGGED"};
	buffer_printf(into, "x SEARCH %s\r\n", keys[throw(dice, 4)]);
}

static void
put_append(struct mix_dice *dice, struct buffer *into)
{
	SCOPED(buffer_free) struct buffer letter = buffer_with(16 * 1024);
	unsigned number = throw(dice, UINT32_MAX);
	buffer_printf(&letter,
		"Date: Mon, 3 Mar 2025 10:00:00 +0100\r\nFrom: Anna <anna@example.net>\r\n"
		"To: Boris <boris@example.net>\r\nSubject: letter %u\r\n"
		"Message-ID: <%08x@example.net>\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n\r\n",
		number, number);
	for (size_t i = 0; i < LETTER_LINES; i++)
		buffer_printf(&letter,
			"Line %08x of a letter such as people write, about as long as "
			"this\r\n",
			throw(dice, UINT32_MAX));
	buffer_printf(into, "x APPEND INBOX (\\Seen) {%zu+}\r\n", letter.length);
	buffer_put(into, buffer_slice(&letter));
	buffer_put_text(into, "\r\n");
}

void
mix_put(enum mix_kind kind, struct mix_dice *dice, uint32_t exists, struct buffer *into)
{
	switch (kind) {
	case MIX_LIST:
		put_window(dice, exists, LISTED, into);
		buffer_put_text(into, "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)\r\n");
		break;
	case MIX_FLAGS:
		put_window(dice, exists, COMPARED, into);
		buffer_put_text(into, "(UID FLAGS)\r\n");
		break;
	case MIX_READ:
		put_window(dice, exists, 1, into);
		buffer_put_text(into, "BODY.PEEK[]\r\n");
		break;
	case MIX_STORE:
		put_store(dice, exists, into);
		break;
	case MIX_SEARCH:
		put_search(dice, into);
		break;
	case MIX_APPEND:
		put_append(dice, into);
		break;
	case MIX_DELETE:
		buffer_printf(into, "x STORE %u +FLAGS.SILENT (\\Deleted)\r\n",
			1 + throw(dice, exists));
		break;
	case MIX_EXPUNGE:
		buffer_put_text(into, "x EXPUNGE\r\n");
		break;
	case MIX_STATUS:
		buffer_put_text(into, "x STATUS Receipts (MESSAGES UNSEEN UIDNEXT)\r\n");
		break;
	case MIX_IDLE:
		buffer_put_text(into, "x IDLE\r\n");
		break;
	case MIX_KINDS:
		break;
	}
}
