#include "base/test.h"
#include "wire/address.h"
#include "wire/base-subject.h"
#include "wire/body-structure.h"
#include "wire/date.h"
#include "wire/header.h"
#include "wire/imap-fetch.h"
#include "wire/imap-flags.h"
#include "wire/imap-list.h"
#include "wire/imap-pattern.h"
#include "wire/imap-search.h"
#include "wire/imap-set.h"
#include "wire/mime-decode.h"
#include "wire/mime-pack.h"
#include "wire/smtp-command.h"
#include "wire/utf7.h"
#include <malloc.h>
#include <time.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

/*
 * Nothing hostile costs more than in proportion to its size. Of each input eight times as
 * much is parsed: eight times the work is expected, 64 times would be quadratic. What is
 * counted is this thread's processor time, the least of several tries, so that it does not
 * matter what else the machine does.
 */
#define SMALL ((size_t)32 << 10)
#define TIMES 8
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define GROWTH \
	(TIMES * 5.0) /* whose memory is fresh at each try, and costs the kernel most */
#else
#define GROWTH (TIMES * 3.0)
#endif
#define TRIES    5
#define KEPT     (1 << 30)
#define ROOM     ((size_t)1 << 30)
#define LEAST_US 50 /* what takes less is not counted on */

typedef void parse(struct arena *arena, struct slice text);

/* --- the parsers ------------------------------------------------------------------ */

static void
parse_mime(struct arena *arena, struct slice text)
{
	SCOPED(buffer_free) struct buffer packed = buffer_with(ROOM);
	const struct wire_message *message = wire_mime_parse(arena, text);
	wire_mime_pack(message, true, &packed);
	buffer_cut(&packed, 0);
	wire_body_put(&packed, message->top, WIRE_BODY_STRUCTURE, false);
	const struct wire_mime_part *shown = wire_preview_part(message->top);
	if (shown)
		wire_preview(arena, shown,
			slice_part(text, shown->body_start, wire_mime_part_size(shown)));
}

static void
parse_mime_by_bytes(struct arena *arena, struct slice text)
{
	struct wire_mime_parser *parser = wire_mime_begin(arena);
	for (size_t at = 0; at < text.length; at++)
		wire_mime_feed(parser, slice_part(text, at, 1));
	(void)wire_mime_end(parser);
}

static void
parse_block(struct arena *arena, struct slice text)
{
	struct wire_header field;
	struct slice rest = text;
	SCOPED(buffer_free) struct buffer kept = buffer_with(ROOM);
	const struct slice names[] = {SLICE_INIT("Subject"), SLICE_INIT("To")};
	while (wire_header_next(&rest, &field))
		(void)wire_unfold(arena, field.raw);
	(void)wire_header_find(text, SLICE("Missing"), &field);
	wire_header_filter(text, names, 2, true, &kept);
}

static void
parse_value(struct arena *arena, struct slice text)
{
	struct wire_content_type type;
	struct wire_disposition disposition;
	struct wire_date date;
	struct slice rest = text, id;
	struct slice readable = wire_header_text(arena, text);
	bool is_reply;
	if (wire_content_type_parse(arena, text, &type))
		(void)wire_parameter_text(
			arena, &(struct wire_parameter){.value = type.type});
	(void)!wire_disposition_parse(arena, text, &disposition);
	(void)!wire_date_parse(text, &date);
	(void)wire_base_subject(arena, readable, &is_reply);
	while (wire_message_id_next(&rest, &id))
		continue;
}

static void
parse_addresses(struct arena *arena, struct slice text)
{
	struct wire_addresses addresses = {0};
	struct wire_path path;
	struct slice rest = text;
	SCOPED(buffer_free) struct buffer put = buffer_with(ROOM);
	wire_addresses_parse(arena, text, &addresses);
	wire_addresses_put(&put, &addresses);
	(void)!wire_path_parse(arena, &rest, &path, NULL);
}

static void
parse_command(struct arena *arena, struct slice text)
{
	struct wire_imap_search search;
	struct wire_imap_fetch fetch;
	struct wire_imap_flags flags;
	struct wire_imap_list list;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(text, arena);
	(void)!wire_imap_search_parse(&cursor, &search);
	cursor = wire_imap_cursor_over(text, arena);
	(void)!wire_imap_fetch_parse(&cursor, &fetch);
	cursor = wire_imap_cursor_over(slice_from(text, 1), arena);
	(void)!wire_imap_flag_list(&cursor, &flags);
	cursor = wire_imap_cursor_over(text, arena);
	(void)!wire_imap_list_parse(&cursor, &list);
	struct wire_smtp_command command;
	struct wire_smtp_fault fault = wire_smtp_command_parse(text, arena, &command);
	(void)fault;
}

static void
parse_set(struct arena *arena, struct slice text)
{
	struct wire_imap_set set;
	struct wire_imap_cursor cursor = wire_imap_cursor_over(text, arena);
	if (!wire_imap_set_parse(&cursor, &set))
		return;
	wire_imap_set_resolve(&set, 1000000);
	for (uint32_t number = 1; number < 1000; number++)
		(void)wire_imap_set_contains(&set, number * 997);
}

/* The longest pattern there may be, and a name (short, as this takes their product) that it
 * almost matches. */
static void
match_pattern(struct arena *arena, struct slice text)
{
	struct slice pattern = slice_first(text, WIRE_IMAP_PATTERN_MOST);
	size_t length = text.length / 64;
	char *name = arena_take(arena, length);
	memset(name, 'a', length);
	(void)wire_imap_pattern_matches(pattern, slice_of(name, length), '/');
}

static void
parse_html(struct arena *arena, struct slice text)
{
	SCOPED(buffer_free) struct buffer readable = buffer_with(ROOM);
	(void)arena;
	(void)wire_html_text(text, &readable);
}

static void
parse_office(struct arena *arena, struct slice text)
{
	SCOPED(buffer_free) struct buffer readable = buffer_with(ROOM);
	(void)arena;
	(void)wire_office_text(text, &readable);
}

static void
parse_utf7(struct arena *arena, struct slice text)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(ROOM);
	(void)arena;
	(void)!wire_utf7_decode(text, &utf8);
}

/* --- what is given to them -------------------------------------------------------- */

struct input {
	const char *name;
	parse *parse;
	const char *front, *unit; /* a # in it: its number */
	const char *end;
};

static const struct input inputs[] = {
	{"levels of parts", parse_mime, "",
		"Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n", ""},
	{"levels of parts, one boundary", parse_mime, "",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", ""},
	{"levels of messages", parse_mime, "", "Content-Type: message/rfc822\r\n\r\n", ""},
	{"parts", parse_mime, "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
		"--b\r\n\r\nx\r\n", "--b--\r\n"},
	{"empty parts", parse_mime, "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
		"--b\r\n", ""},
	{"parts with names", parse_mime,
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
		"--b\r\nContent-Disposition: attachment; filename=\"f#\"\r\n\r\n", ""},
	{"letters as parts", parse_mime,
		"Content-Type: multipart/digest; boundary=b\r\n\r\n",
		"--b\r\n\r\nFrom: a@b\r\nSubject: #\r\n\r\nx\r\n", ""},
	{"almost boundaries", parse_mime,
		"Content-Type: multipart/mixed; boundary=bbbbbbbbb\r\n\r\n",
		"--bbbbbbbb\r\n", ""},
	{"dashes", parse_mime, "Content-Type: multipart/mixed; boundary=\"-----\"\r\n\r\n",
		"-----", ""},
	{"levels, byte by byte", parse_mime_by_bytes, "",
		"Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n", ""},
	{"lines, byte by byte", parse_mime_by_bytes, "", "X: y\r\n", "\r\n"},
	{"boundary without end", parse_mime,
		"Content-Type: multipart/mixed; boundary=", "b", "\r\n\r\n--b\r\n"},
	{"text in base64", parse_mime, "Content-Transfer-Encoding: base64\r\n\r\n", "QUJD",
		""},
	{"text in quoted-printable", parse_mime,
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=3D ", ""},
	{"blanks in quoted-printable", parse_mime,
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n", "        ", ""},
	{"header lines", parse_block, "", "X-#: y\r\n", "\r\n"},
	{"header lines without a colon", parse_block, "", "xyz\r\n", "\r\n"},
	{"a folded line", parse_block, "X:", " y\r\n", "\r\n"},
	{"blank folds", parse_block, "X:", " \r\n", "\r\n"},
	{"encoded words", parse_value, "", "=?utf-8?q?a=20b?= ", ""},
	{"encoded words in base64", parse_value, "", "=?utf-8?b?QUJD?=\r\n ", ""},
	{"an overlong encoded word", parse_value, "=?utf-8?q?", "a", "?="},
	{"begun encoded words", parse_value, "", "=?utf-8?q?", ""},
	{"almost encoded words", parse_value, "", "=?", ""},
	{"charsets of encoded words", parse_value, "", "=?x#?q?a?=", ""},
	{"parameters", parse_value, "text/plain", "; a#=b", ""},
	{"the same parameter", parse_value, "text/plain", "; a=b", ""},
	{"continued parameters", parse_value, "text/plain", "; a*#=b", ""},
	{"continued encoded parameters", parse_value, "text/plain", "; a*#*=%41", ""},
	{"a quoted value", parse_value, "text/plain; a=\"", "\\\"", "\""},
	{"semicolons", parse_value, "text/plain", ";", ""},
	{"open comments", parse_value, "text/plain ", "(", ""},
	{"comments", parse_value, "text/plain ", "()", ""},
	{"comments in a date", parse_value, "Mon, 1 Jan 2024 ", "(a)", "10:00:00 +0000"},
	{"replies", parse_value, "", "Re: ", "x"},
	{"forwards", parse_value, "", "[fwd: ", "x"},
	{"list names", parse_value, "", "[a] ", "x"},
	{"trailers", parse_value, "x", " (fwd)", ""},
	{"message ids", parse_value, "", "<a@b> ", ""},
	{"open angle brackets", parse_value, "", "<", ""},
	{"addresses", parse_addresses, "", "a# <b@c.example>, ", ""},
	{"bare addresses", parse_addresses, "", "a@b,", ""},
	{"open parentheses", parse_addresses, "", "(", ""},
	{"nested parentheses", parse_addresses, "a@b ", "(()", ""},
	{"open quotes", parse_addresses, "", "\"", ""},
	{"backslashes", parse_addresses, "\"", "\\\\", ""},
	{"angle brackets", parse_addresses, "", "<", ""},
	{"angle brackets, closed", parse_addresses, "", "<>", ""},
	{"routes", parse_addresses, "<", "@a,", ":b@c>"},
	{"commas", parse_addresses, "", ",", ""},
	{"groups", parse_addresses, "", "a:;", ""},
	{"open groups", parse_addresses, "", "a:", ""},
	{"words", parse_addresses, "", "a ", "<b@c>"},
	{"dots", parse_addresses, "a", ".a", "@b"},
	{"at signs", parse_addresses, "a", "@", "b"},
	{"domain literals", parse_addresses, "a@", "[", ""},
	{"parentheses of a search", parse_command, " ", "(", ""},
	{"negations", parse_command, " ", "NOT ", "ALL"},
	{"alternatives", parse_command, " ", "OR ", "ALL"},
	{"conditions", parse_command, "", " SEEN", ""},
	{"a quoted string", parse_command, " TEXT \"", "\\\\", "\""},
	{"items of a fetch", parse_command, " 1 (", "FLAGS ", "UID)"},
	{"fields of a fetch", parse_command, " 1 BODY[HEADER.FIELDS (", "a# ", "b)]"},
	{"a part's number", parse_command, " 1 BODY[", "1.", "1]"},
	{"keywords", parse_command, " (", "k# ", "k)"},
	{"patterns of a list", parse_command, " \"\" (", "a ", "b)"},
	{"parameters of MAIL", parse_command, "MAIL FROM:<a@b>", " A#=B", ""},
	{"ranges", parse_set, "", "#:*,", "1"},
	{"numbers", parse_set, "", "#,", "1"},
	{"the same range", parse_set, "", "1:9,", "1"},
	{"turned ranges", parse_set, "", "9#:1,", "1"},
	{"stars of a pattern", match_pattern, "", "*a", ""},
	{"stars and percents", match_pattern, "", "%*", ""},
	{"percents", match_pattern, "", "a%", ""},
	{"tags", parse_html, "", "<b>", ""},
	{"open tags", parse_html, "", "<", ""},
	{"open comments of HTML", parse_html, "", "<!--", ""},
	{"scripts", parse_html, "", "<script>", ""},
	{"entities", parse_html, "", "&amp", ""},
	{"ampersands", parse_html, "", "&", ""},
	{"attributes", parse_html, "<a ", "a='", ""},
	{"elements of an office document", parse_office, "", "<p>", ""},
	{"open elements", parse_office, "", "<p ", ""},
	{"open comments of XML", parse_office, "", "<!--", ""},
	{"formulas", parse_office, "", "<f></g>", ""},
	{"shifts of UTF-7", parse_utf7, "", "&BBA-", ""},
	{"a long shift of UTF-7", parse_utf7, "&", "BBAEMQQy", "-"},
};

static void
put_unit(struct buffer *into, const char *unit, size_t number)
{
	for (const char *at = unit; *at; at++)
		if (*at == '#')
			buffer_put_number(into, number);
		else
			buffer_put_byte(into, *at);
}

static struct buffer
make(const struct input *input, size_t size)
{
	struct buffer text = buffer_with(ROOM);
	buffer_put_text(&text, input->front);
	for (size_t number = 1; text.length < size; number++)
		put_unit(&text, input->unit, number);
	buffer_put_text(&text, input->end);
	return text;
}

static double
cpu_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double
least_us(const struct input *input, size_t size)
{
	SCOPED(buffer_free) struct buffer text = make(input, size);
	double least = 0;
	for (int i = 0; i < TRIES; i++) {
		struct arena *arena = arena_create(ARENA_NO_CEILING);
		double begun = cpu_us();
		input->parse(arena, buffer_slice(&text));
		double took = cpu_us() - begun;
		arena_destroy(arena);
		least = i && least < took ? least : took;
	}
	return least;
}

static double
growth_of(const struct input *input)
{
	double few = least_us(input, SMALL);
	double many = least_us(input, SMALL * TIMES);
	double growth = many / (few > LEAST_US ? few : LEAST_US);
	if (growth > GROWTH)
		printf("%s: %.0f us, of %d times as much %.0f us\n", input->name, few,
			TIMES, many);
	return growth;
}

/* Others on the machine cost caches now and then; a square is steep each time. */
static bool
is_steep(const struct input *input)
{
	for (int i = 0; i < TRIES; i++)
		if (growth_of(input) <= GROWTH)
			return false;
	return true;
}

static void
work_grows_with_size(void **state)
{
	size_t steep = 0;
	(void)state;
	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
		steep += is_steep(&inputs[i]);
	assert_int_equal(steep, 0);
}

/* So that the test can fail: what is quadratic is found. */
static void
parse_again_and_again(struct arena *arena, struct slice text)
{
	size_t sum = 0;
	(void)arena;
	for (size_t at = 0; at < text.length; at += 64)
		sum += slice_find(slice_from(text, at), SLICE("missing"));
	assert_true(sum > 0);
}

static void
a_square_is_found(void **state)
{
	static const struct input square = {"a square", parse_again_and_again, "", "x", ""};
	(void)state;
	assert_true(least_us(&square, SMALL * TIMES) > GROWTH * least_us(&square, SMALL));
}

/* Memory stays, so that the kernel's share of a larger input is not taken for the parser's.
 */
static void
keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, KEPT);
	mallopt(M_TRIM_THRESHOLD, KEPT);
}

int
main(void)
{
	keep_memory();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_grows_with_size),
		cmocka_unit_test(a_square_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
