#include "base/test.h"
#include "base/texts.h"
#include <unistd.h>

static const char RUSSIAN[] = "# the header\n"
			      "msgid \"\"\n"
			      "msgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n"
			      "\n"
			      "#: src/cli/queue.c:12\n"
			      "msgid \"nothing is queued\"\n"
			      "msgstr \"очередь пуста\"\n"
			      "\n"
			      "msgid \"\"\n"
			      "\"two \"\n"
			      "\"lines\\n\"\n"
			      "msgstr \"две \\\"строки\\\"\"\n"
			      "\"\\n\"\n"
			      "#, c-format\n"
			      "msgid \"%d of %s\"\n"
			      "msgstr \"%d из %s, 100%%\"\n"
			      "#, fuzzy, c-format\n"
			      "msgid \"guessed\"\n"
			      "msgstr \"угадано\"\n"
			      "\n"
			      "msgid \"not yet\"\n"
			      "msgstr \"\"\n"
			      "#~ msgid \"gone\"\n"
			      "#~ msgstr \"ушло\"\n"
			      "#, no-c-format\n"
			      "msgid \"5 % sure\"\n"
			      "msgstr \"уверен на 5 %\"";

static struct base_texts *
parsed(struct slice po)
{
	struct base_texts *texts;
	struct base_error error = {.text = ""};
	if (base_texts_parse(po, "ru.po", &texts, &error))
		fail_msg("%s", error.text);
	return texts;
}

static void
texts_are_translated_or_stay(void **state)
{
	(void)state;
	static const struct {
		const char *english, *shown;
	} cases[] = {
		{"nothing is queued", "очередь пуста"},
		{"two lines\n", "две \"строки\"\n"},
		{"%d of %s", "%d из %s, 100%%"},
		{"guessed", "guessed"},
		{"not yet", "not yet"},
		{"gone", "gone"},
		{"5 % sure", "уверен на 5 %"},
		{"never seen", "never seen"},
		{"", ""},
	};
	struct base_texts *texts = parsed(slice_of_text(RUSSIAN));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_string_equal(base_text(texts, cases[i].english), cases[i].shown);
		assert_ptr_equal(base_text(NULL, cases[i].english), cases[i].english);
	}
	base_texts_destroy(texts);
	base_texts_destroy(NULL);
}

static void
a_walk_sees_what_is_translated(void **state)
{
	(void)state;
	struct base_texts *texts = parsed(slice_of_text(RUSSIAN));
	struct slice english;
	const char *translated;
	size_t count = 0;
	for (size_t position = 0; base_texts_next(texts, &position, &english, &translated);)
		count++;
	assert_int_equal(count, 4);
	base_texts_destroy(texts);
}

static void
finished_sentences_are_found_by_their_words(void **state)
{
	(void)state;
	static const char po[] =
		"msgid \"%s is full\"\nmsgstr \"%s: полно\"\n\n"
		"msgid \"the number %d of %s is wrong, off\"\n"
		"msgstr \"число %d (%s) неверно, на 5 %%\"\n\n"
		"msgid \"can't open %.*s: %s\"\nmsgstr \"%.*s не открыть: %s\"\n\n"
		"msgid \"account %llu\"\nmsgstr \"ящик %llu\"\n\n"
		"msgid \"no such file\"\nmsgstr \"нет файла\"\n\n"
		"msgid \"host\"\nmsgstr \"узел\"\n\n"
		"msgid \"%s: %s\"\nmsgstr \"%s. %s\"\n";
	static const struct {
		const char *english, *shown;
	} cases[] = {
		{"no such file", "нет файла"},
		{"/a is full", "/a: полно"},
		{"/a is full is full", "/a: полно: полно"},
		{"can't open /a: no such file", "/a не открыть: нет файла"},
		{"can't open host: b", "host не открыть: b"},
		{"the number 7 of it is wrong, off", "число 7 (it) неверно, на 5 %"},
		{"the number x of it is wrong, off", "the number x of it is wrong, off"},
		{"t.conf:14: a.b: no such file", "t.conf:14: a.b: нет файла"},
		{"account 5: no such file", "ящик 5: нет файла"},
		{"one: two", "one: two"},
		{" is full", ": полно"},
		{"", ""},
	};
	struct base_texts *texts = parsed(slice_of_text(po));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		SCOPED(buffer_free) struct buffer shown = buffer_with(1024);
		base_text_put(texts, slice_of_text(cases[i].english), &shown);
		buffer_put_byte(&shown, 0);
		assert_string_equal(shown.data, cases[i].shown);
	}
	SCOPED(buffer_free) struct buffer shown = buffer_with(1024);
	base_text_put(NULL, SLICE("no such file"), &shown);
	assert_slice_is(buffer_slice(&shown), "no such file");
	base_texts_destroy(texts);
}

static void
errors_name_the_line(void **state)
{
	(void)state;
	static const struct {
		struct slice po;
		const char *complaint;
	} cases[] = {
		{SLICE_INIT("msgid \"a\"\n\n"), "t:2: a msgid without its msgstr"},
		{SLICE_INIT("msgstr \"a\"\n"), "t:1: a msgstr without its msgid"},
		{SLICE_INIT("msgid \"a\"\nmsgstr \"b\"\nmsgid \"a\"\nmsgstr \"c\""),
			"t:4: the entry above stands twice"},
		{SLICE_INIT("msgid \"%s\"\nmsgstr \"%d\"\n"),
			"t:3: the entry above holds other conversions (%s) than its "
			"original"},
		{SLICE_INIT("msgid \"%s %d\"\nmsgstr \"%d %s\"\n"),
			"t:3: the entry above holds other conversions (%s) than its "
			"original"},
		{SLICE_INIT("msgid \"%s\"\nmsgstr \"%1$s\"\n"),
			"t:3: the entry above holds other conversions (%s) than its "
			"original"},
		{SLICE_INIT("msgid \"plain\"\nmsgstr \"%n\"\n"),
			"t:3: the entry above holds other conversions (%s) than its "
			"original"},
		{SLICE_INIT("msgid \"a\nmsgstr \"b\"\n"), "t:1: expects a text in quotes"},
		{SLICE_INIT("msgid \""), "t:1: expects a text in quotes"},
		{SLICE_INIT("msgid \"a\"b\""),
			"t:1: a quote inside a text is written \\\""},
		{SLICE_INIT("msgid \"\\q\""),
			"t:1: of escapes there are \\n, \\t, \\\" and \\\\"},
		{SLICE_INIT("msgid \"\\\""),
			"t:1: of escapes there are \\n, \\t, \\\" and \\\\"},
		{SLICE_INIT("msgid_plural \"a\""),
			"t:1: expects msgid, msgstr, a text in quotes or a comment"},
		{SLICE_INIT("msgctxt \"a\""),
			"t:1: expects msgid, msgstr, a text in quotes or a comment"},
		{SLICE_INIT("\"a\""),
			"t:1: expects msgid, msgstr, a text in quotes or a comment"},
		{SLICE_INIT("\n# \xFF"), "t:2: is not UTF-8"},
		{SLICE_INIT("# \0"), "t:1: is not UTF-8"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct base_texts *texts;
		struct base_error error = {.text = ""};
		assert_int_equal(
			base_texts_parse(cases[i].po, "t", &texts, &error), BASE_INVALID);
		assert_null(texts);
		assert_string_equal(error.text, cases[i].complaint);
	}
}

static void
languages_of_locales(void **state)
{
	(void)state;
	assert_slice_is(base_texts_language(SLICE("ru_RU.UTF-8")), "ru");
	assert_slice_is(base_texts_language(SLICE("de")), "de");
	assert_slice_is(base_texts_language(SLICE("ast_ES@euro")), "ast");
	assert_true(slice_absent(base_texts_language(SLICE("C"))));
	assert_true(slice_absent(base_texts_language(SLICE("C.UTF-8"))));
	assert_true(slice_absent(base_texts_language(SLICE("POSIX"))));
	assert_true(slice_absent(base_texts_language(SLICE("../etc"))));
	assert_true(slice_absent(base_texts_language(SLICE_NONE)));
}

static void
files_are_read_and_bounded(void **state)
{
	(void)state;
	char path[] = "/tmp/troika-test-texts-XXXXXX";
	SCOPED(scoped_close) int file = mkstemp(path);
	assert_true(file >= 0);
	assert_int_equal(write(file, RUSSIAN, sizeof RUSSIAN - 1), sizeof RUSSIAN - 1);
	struct base_texts *texts;
	struct base_error error;
	assert_int_equal(base_texts_read(path, &texts, &error), BASE_OK);
	assert_string_equal(base_text(texts, "nothing is queued"), "очередь пуста");
	base_texts_destroy(texts);
	assert_int_equal(ftruncate(file, BASE_TEXTS_MOST + 1), 0);
	assert_int_equal(base_texts_read(path, &texts, &error), BASE_TOO_LARGE);
	unlink(path);
	assert_int_equal(base_texts_read(path, &texts, &error), BASE_NOT_FOUND);
	assert_int_equal(base_texts_read("/tmp", &texts, &error), BASE_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_translated_or_stay),
		cmocka_unit_test(a_walk_sees_what_is_translated),
		cmocka_unit_test(finished_sentences_are_found_by_their_words),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(languages_of_locales),
		cmocka_unit_test(files_are_read_and_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
