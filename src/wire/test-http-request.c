#include "base/base.h"
#include "wire/http-request.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static enum base_taken
feed(struct wire_http_request *request, struct slice input, size_t piece, size_t *used)
{
	enum base_taken taken = BASE_TAKE_MORE;
	*used = 0;
	while (taken == BASE_TAKE_MORE && *used < input.length) {
		size_t consumed = 0;
		taken = request->taker.take(
			&request->taker, slice_part(input, *used, piece), &consumed);
		*used += consumed;
	}
	return taken;
}

static void
a_request_is_taken_and_the_next_left(void **state)
{
	(void)state;
	struct slice first = SLICE("GET /metrics?a=b HTTP/1.1\r\nHost: x\r\n\r\n");
	struct slice both =
		SLICE("GET /metrics?a=b HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n");
	for (size_t piece = 1; piece <= both.length; piece++) {
		struct wire_http_request request;
		size_t used;
		wire_http_request_init(&request);
		assert_int_equal(feed(&request, both, piece, &used), BASE_TAKE_DONE);
		assert_int_equal(used, first.length);
		assert_true(request.is_get);
		assert_true(request.keep_alive);
		assert_true(
			slice_equal(wire_http_request_path(&request), SLICE("/metrics")));
		wire_http_request_free(&request);
	}
}

static void
bodies_are_swallowed(void **state)
{
	(void)state;
	struct slice post = SLICE("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	struct wire_http_request request;
	size_t used;
	wire_http_request_init(&request);
	assert_int_equal(feed(&request, post, 7, &used), BASE_TAKE_DONE);
	assert_int_equal(used, post.length);
	assert_false(request.is_get);
	wire_http_request_free(&request);
}

static void
bad_ones_are_refused(void **state)
{
	(void)state;
	static const struct slice bad[] = {SLICE_INIT("EHLO there\r\n"),
		SLICE_INIT("GET /\x01 HTTP/1.1\r\n"), SLICE_INIT("\x16\x03\x01")};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct wire_http_request request;
		size_t used;
		wire_http_request_init(&request);
		assert_int_equal(feed(&request, bad[i], 64, &used), BASE_TAKE_REFUSED);
		assert_int_equal(request.refused_status, 400);
		wire_http_request_free(&request);
	}
}

static void
long_targets_are_refused(void **state)
{
	(void)state;
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 16);
	buffer_put_text(&text, "GET /");
	for (int i = 0; i < WIRE_HTTP_TARGET_MOST; i++)
		buffer_put_byte(&text, 'a');
	buffer_put_text(&text, " HTTP/1.1\r\n\r\n");
	struct wire_http_request request;
	size_t used;
	wire_http_request_init(&request);
	assert_int_equal(
		feed(&request, buffer_slice(&text), 1000, &used), BASE_TAKE_REFUSED);
	assert_int_equal(request.refused_status, 414);
	wire_http_request_free(&request);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_taken_and_the_next_left),
		cmocka_unit_test(bodies_are_swallowed),
		cmocka_unit_test(bad_ones_are_refused),
		cmocka_unit_test(long_targets_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
