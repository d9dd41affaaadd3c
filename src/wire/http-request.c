#include "wire/http-request.h"
#include "base/error.h"
#include <http_parser.h>

struct parsing {
	http_parser parser;
	uint64_t body_size;
	bool done;
};

static struct wire_http_request *
request_of(http_parser *parser)
{
	return parser->data;
}

static int
on_target(http_parser *parser, const char *at, size_t length)
{
	struct wire_http_request *request = request_of(parser);
	if (buffer_put(&request->target, slice_of(at, length)))
		return 0;
	request->refused_status = 414;
	return 1;
}

static int
on_body(http_parser *parser, const char *at, size_t length)
{
	struct wire_http_request *request = request_of(parser);
	struct parsing *parsing = request->parser;
	(void)at;
	parsing->body_size += length;
	if (parsing->body_size <= WIRE_HTTP_BODY_MOST)
		return 0;
	request->refused_status = 413;
	return 1;
}

static int
on_complete(http_parser *parser)
{
	struct parsing *parsing = request_of(parser)->parser;
	parsing->done = true;
	http_parser_pause(parser, 1); /* what follows is the next request's */
	return 0;
}

static const http_parser_settings callbacks = {
	.on_url = on_target, .on_body = on_body, .on_message_complete = on_complete};

static enum base_taken
finish(struct wire_http_request *request, const http_parser *parser)
{
	request->is_get = parser->method == HTTP_GET;
	request->is_head = parser->method == HTTP_HEAD;
	request->keep_alive = http_should_keep_alive(parser) && !parser->upgrade;
	return BASE_TAKE_DONE;
}

static enum base_taken
take(struct base_taker *taker, struct slice input, size_t *consumed)
{
	struct wire_http_request *request = (struct wire_http_request *)taker;
	struct parsing *parsing = request->parser;
	if (input.length == 0) { /* an empty run means the end to http-parser */
		*consumed = 0;
		return BASE_TAKE_MORE;
	}
	*consumed =
		http_parser_execute(&parsing->parser, &callbacks, input.data, input.length);
	if (parsing->done)
		return finish(request, &parsing->parser);
	if (HTTP_PARSER_ERRNO(&parsing->parser) == HPE_OK && !parsing->parser.upgrade)
		return BASE_TAKE_MORE;
	if (!request->refused_status)
		request->refused_status = 400;
	return BASE_TAKE_REFUSED;
}

void
wire_http_request_init(struct wire_http_request *request)
{
	struct parsing *parsing = calloc(1, sizeof *parsing);
	ASSERT(parsing);
	*request = (struct wire_http_request){.taker.take = take,
		.target = buffer_with(WIRE_HTTP_TARGET_MOST),
		.parser = parsing};
	wire_http_request_reset(request);
}

void
wire_http_request_reset(struct wire_http_request *request)
{
	struct parsing *parsing = request->parser;
	*parsing = (struct parsing){0};
	http_parser_init(&parsing->parser, HTTP_REQUEST);
	parsing->parser.data = request;
	buffer_clear(&request->target);
	request->refused_status = 0;
}

void
wire_http_request_free(struct wire_http_request *request)
{
	buffer_free(&request->target);
	free(request->parser);
	request->parser = NULL;
}

struct slice
wire_http_request_path(const struct wire_http_request *request)
{
	struct slice rest = buffer_slice(&request->target);
	return slice_cut(&rest, '?');
}

static const char *
reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	default:
		return "Bad Request";
	}
}

bool
wire_http_response_put(struct buffer *into, int status, struct slice content_type,
	size_t content_length, bool keep_alive)
{
	return buffer_printf(into,
		"HTTP/1.1 %d %s\r\n"
		"Content-Type: %.*s\r\n"
		"Content-Length: %zu\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"Cache-Control: no-store\r\n"
		"Connection: %s\r\n\r\n",
		status, reason(status), SLICE_ARG(content_type), content_length,
		keep_alive ? "keep-alive" : "close");
}
