#ifndef WIRE_HTTP_REQUEST_H
#define WIRE_HTTP_REQUEST_H

#include "base/buffer.h"
#include "base/flow.h"

/*
 * One HTTP/1.1 request as a taker (RFC 9112), over http-parser behind this file alone.
 * Only the request line and what decides about the connection are kept: header fields
 * are checked and dropped, a body is swallowed. Ceilings: WIRE_HTTP_TARGET_MOST for the
 * target, http-parser's 80 KiB for the header, WIRE_HTTP_BODY_MOST for the body.
 */
#define WIRE_HTTP_TARGET_MOST 2048
#define WIRE_HTTP_BODY_MOST   65536

struct wire_http_request {
	struct base_taker taker;
	struct buffer target; /* "/metrics?x" */
	bool is_get, is_head;
	bool keep_alive;    /* the connection may carry another request */
	int refused_status; /* after BASE_TAKE_REFUSED: 400, 413, 414 … */
	void *parser;       /* private */
};

void wire_http_request_init(struct wire_http_request *request);
void wire_http_request_reset(struct wire_http_request *request); /* for the next one */
void wire_http_request_free(struct wire_http_request *request);

/* The target's path, without query. */
struct slice wire_http_request_path(const struct wire_http_request *request);

/* "HTTP/1.1 200 OK", the fields a client needs, a blank line; the body follows apart. */
bool wire_http_response_put(struct buffer *into, int status, struct slice content_type,
	size_t content_length, bool keep_alive);

#endif
