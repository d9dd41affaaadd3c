#include "base/test.h"
#include "wire/header.h"

struct content_case {
	const char *raw, *shape;
};

/* Types as type/subtype, parameters as ;name=value, extended ones with a star. */
static const struct content_case TYPES[] = {
	{"text/plain", "text/plain"},
	{" TEXT/Html ; Charset=UTF-8", "text/html;charset=UTF-8"},
	{"text/plain; charset=us-ascii (Plain text)", "text/plain;charset=us-ascii"},
	{"text/plain; charset=\"us-ascii\"", "text/plain;charset=us-ascii"},
	{"text/plain charset=utf-8", "text/plain;charset=utf-8"},
	{"text/plain; charset=utf-8 format=flowed",
		"text/plain;charset=utf-8;format=flowed"},
	{"text/plain; charset = utf-8 ;; format=flowed;",
		"text/plain;charset=utf-8;format=flowed"},
	{"multipart/mixed; boundary=\"a b;c\\\"d\\\\e\"",
		"multipart/mixed;boundary=a b;c\"d\\e"},
	{"multipart/mixed; boundary==_a/b=?", "multipart/mixed;boundary==_a/b=?"},
	{"multipart/mixed;\r\n\tboundary=\"----=_x\"", "multipart/mixed;boundary=----=_x"},
	{"text/plain; name=my file.txt", "text/plain;name=my file.txt"},
	{"text/plain; name=\"C:\\dir\\f.txt\"", "text/plain;name=C:\\dir\\f.txt"},
	{"text/plain; name=\"open", "text/plain;name=open"},
	{"text/plain; name", "text/plain"},
	{"text/plain; name=; x=y", "text/plain;name=;x=y"},
	{"text (c) / (d) plain (e)", "text/plain"},
	{"text", "text/plain"},
	{"multipart; boundary=x", "multipart/mixed;boundary=x"},
	{"application", NULL},
	{"", NULL},
	{"/plain", NULL},
	{"; charset=x", NULL},
	/* RFC 2231. */
	{"message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n "
	 "URL*1=\"cs.utk.edu/\"",
		"message/external-body;access-type=URL;url=ftp://cs.utk.edu/"},
	{"application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
		"application/"
		"x-stuff;title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"},
	{"application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n"
	 " title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"",
		"application/x-stuff;title*=us-ascii'en'This%20is%20even%20more%20"
		"%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!"},
	{"a/b; n*1=y; n*0=x; n*1=z; m=1", "a/b;n=xy;m=1"},
	{"a/b; n*0=a; n*1*=%C3%A9", "a/b;n*=''a%C3%A9"},
	{"a/b; n*x=1; *=2; n*99999=3", "a/b;n*x=1;*=2;n*99999=3"},
};

static void
put_parameters(struct buffer *into, const struct wire_parameters *parameters)
{
	for (uint32_t i = 0; i < parameters->count; i++)
		buffer_printf(into, ";%.*s%s=%.*s", SLICE_ARG(parameters->list[i].name),
			parameters->list[i].extended ? "*" : "",
			SLICE_ARG(parameters->list[i].value));
}

static void
test_reads_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		SCOPED(buffer_free) struct buffer shape = buffer_with(1000);
		struct wire_content_type type;
		print_message("%s\n", TYPES[i].raw);
		bool read =
			wire_content_type_parse(arena, slice_of_text(TYPES[i].raw), &type);
		assert_int_equal(read, TYPES[i].shape != NULL);
		if (!read)
			continue;
		buffer_printf(
			&shape, "%.*s/%.*s", SLICE_ARG(type.type), SLICE_ARG(type.subtype));
		put_parameters(&shape, &type.parameters);
		assert_slice_equals(buffer_slice(&shape), slice_of_text(TYPES[i].shape),
			__FILE__, __LINE__);
	}
}

static const struct content_case DISPOSITIONS[] = {
	{"attachment; filename=genome.jpeg", "attachment;filename=genome.jpeg"},
	{"INLINE", "inline"},
	{"filename=\"x.pdf\"", "attachment;filename=x.pdf"},
	{"; filename=x", "attachment;filename=x"},
	{"attachment;", "attachment"},
	{"\"inline\"; filename=\"x\"", "inline;filename=x"},
	{"\"\"", "attachment"},
	{";", "attachment"},
	{"", NULL},
	{" (nothing) ", NULL},
};

static void
test_reads_dispositions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof DISPOSITIONS / sizeof *DISPOSITIONS; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		SCOPED(buffer_free) struct buffer shape = buffer_with(1000);
		struct wire_disposition disposition;
		bool read = wire_disposition_parse(
			arena, slice_of_text(DISPOSITIONS[i].raw), &disposition);
		assert_int_equal(read, DISPOSITIONS[i].shape != NULL);
		if (!read)
			continue;
		buffer_put(&shape, disposition.kind);
		put_parameters(&shape, &disposition.parameters);
		assert_slice_equals(buffer_slice(&shape),
			slice_of_text(DISPOSITIONS[i].shape), __FILE__, __LINE__);
	}
}

static const struct content_case NAMES[] = {
	{"attachment; filename=\"=?utf-8?q?caf=C3=A9.txt?=\"", "caf\u00e9.txt"},
	{"attachment; filename=x; filename*=utf-8''caf%C3%A9.txt", "caf\u00e9.txt"},
	{"attachment; filename*=iso-8859-1'fr'caf%E9", "caf\u00e9"},
	{"attachment; filename*=caf%E9", "caf\u00e9"},
	{"attachment; filename*=utf-8''a%0Ab%zz%4", "a b%zz%4"},
	{"attachment; filename=caf\xe9", "caf\u00e9"},
};

static void
test_decodes_parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		SCOPED(arena_release) struct arena *arena = arena_create(65536);
		struct wire_disposition disposition;
		print_message("%s\n", NAMES[i].raw);
		assert_true(wire_disposition_parse(
			arena, slice_of_text(NAMES[i].raw), &disposition));
		assert_slice_equals(
			wire_parameter_text(arena,
				wire_parameter_find(&disposition.parameters, "FILENAME")),
			slice_of_text(NAMES[i].shape), __FILE__, __LINE__);
	}
}

static void
test_limits_parameters(void **state)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 20);
	SCOPED(buffer_free) struct buffer raw = buffer_with(1 << 20);
	struct wire_content_type type;
	(void)state;
	buffer_put_text(&raw, "a/b");
	for (int i = 0; i < 1000; i++)
		buffer_printf(&raw, "; n%d=v", i);
	assert_true(wire_content_type_parse(arena, buffer_slice(&raw), &type));
	assert_int_equal(type.parameters.count, WIRE_PARAMETERS_MOST);
	assert_slice_is(wire_parameter_value(&type.parameters, "n63"), "v");
	assert_true(slice_absent(wire_parameter_value(&type.parameters, "n64")));
	assert_null(wire_parameter_find(&type.parameters, "n64"));
	assert_true(slice_absent(wire_parameter_text(arena, NULL)));
}

static void
test_reads_tokens(void **state)
{
	(void)state;
	assert_slice_is(wire_header_token(SLICE(" (c) base64 ; x")), "base64");
	assert_slice_is(wire_header_token(SLICE("\"7bit\"")), "7bit");
	assert_slice_is(wire_header_token(SLICE(" ")), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_types),
		cmocka_unit_test(test_reads_dispositions),
		cmocka_unit_test(test_decodes_parameters),
		cmocka_unit_test(test_limits_parameters),
		cmocka_unit_test(test_reads_tokens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
