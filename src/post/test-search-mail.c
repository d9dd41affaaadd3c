#include "post/test-search-mail.h"
#include "base/test.h"

uint64_t
test_random_below(uint64_t *random, uint64_t limit)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	assert_true(limit > 0);
	return limit ? *random % limit : 0;
}

static const char *const WORDS[] = {"the", "of", "and", "tea", "Invoice", "payment",
	"don't", "http://example.org/path?x=1&y=2", "anna@troika.test", "e-mail", "3.14",
	"2026-11-30", "(see", "below)", "...", "\xe2\x80\x94", "Gr\303\274\303\237e",
	"caf\xc3\xa9", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
	"\xd0\xbf\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xbe", "\xd0\xb8", "\xd0\xb2",
	"\xd0\x94\xd0\xbe\xd0\xb3\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x80",
	"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe6\x96\x87",
	"\xe4\xb8\xad\xe6\x96\x87\xe9\x82\xae\xe4\xbb\xb6", "\xe6\x97\xa5",
	"\343\203\241\343\203\274\343\203\253abc", "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4",
	"\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2", "\xf0\x9f\x93\xa7",
	"\xf0\xa0\x80\x80\xf0\xa0\x80\x81", "A\xcc\x88pfel", "======", "_under_score_",
	"tab\tbed", "a", "I"};

static void
put_word(uint64_t *random, struct buffer *into)
{
	uint64_t kind = test_random_below(random, 20);
	if (kind > 3) {
		buffer_put_text(into,
			WORDS[test_random_below(random, sizeof WORDS / sizeof *WORDS)]);
		return;
	}
	uint64_t length = 1 + test_random_below(random, kind ? 9 : 150);
	for (uint64_t i = 0; i < length; i++)
		buffer_put_byte(into, (char)('a' + test_random_below(random, 26)));
}

static void
put_words(uint64_t *random, struct buffer *into, uint64_t count, const char *line_end)
{
	for (uint64_t i = 0; i < count; i++) {
		put_word(random, into);
		buffer_put_text(into, test_random_below(random, 12) ? " " : line_end);
	}
}

static void
put_text_part(uint64_t *random, struct buffer *into)
{
	bool html = test_random_below(random, 3) == 0;
	buffer_printf(into, "Content-Type: text/%s; charset=utf-8\r\n\r\n",
		html ? "html" : "plain");
	for (uint64_t i = test_random_below(random, 5); i > 0; i--) {
		if (html)
			buffer_put_text(
				into, test_random_below(random, 2) ? "<p>" : "<b>x");
		put_words(random, into, test_random_below(random, 80), "\r\n");
		if (html)
			buffer_put_text(into, "</b>&amp;y<br>");
	}
	buffer_put_text(into, "\r\n");
}

void
test_put_message(uint64_t *random, struct buffer *into)
{
	buffer_put_text(into, "Received: by mail.example.org id ");
	buffer_put_number(into, test_random_below(random, 1000000));
	buffer_put_text(into, "\r\nFrom: ");
	put_words(random, into, 2, "\r\n ");
	buffer_put_text(into, "<joerg@example.org>\r\nTo: ");
	put_words(random, into, 3, "\r\n ");
	buffer_put_text(into, "\r\nSubject: ");
	put_words(random, into, 1 + test_random_below(random, 8), "\r\n ");
	buffer_put_text(into, "\r\nMIME-Version: 1.0\r\n");
	if (test_random_below(random, 2)) {
		put_text_part(random, into);
		return;
	}
	buffer_put_text(into, "Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n");
	put_text_part(random, into);
	buffer_put_text(
		into, "--xx\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner ");
	put_word(random, into);
	buffer_put_text(into, "\r\n");
	put_text_part(random, into);
	buffer_put_text(into, "--xx--\r\n");
}
