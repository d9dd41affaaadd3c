#include "httpd/httpd.h"
#include "wire/http-request.h"

struct httpd_session {
	struct net_session *net;
	const struct httpd_context *context;
	struct wire_http_request request;
	bool ready;
};

static net_step request_step;

static enum net_next
next_request(struct httpd_session *session)
{
	wire_http_request_reset(&session->request);
	return net_park(session->net,
		&(struct net_want){.taker = &session->request.taker,
			.idle = true,
			.deadline = HTTPD_DEADLINE,
			.least_rate = HTTPD_LEAST_RATE},
		request_step);
}

static enum net_next
respond(struct httpd_session *session, int status, struct slice type, struct slice body)
{
	SCOPED(buffer_free) struct buffer head = buffer_with(1024);
	bool keep = session->request.keep_alive && status < 500 && status != 400;
	wire_http_response_put(&head, status, type, body.length, keep);
	net_put(session->net, buffer_slice(&head));
	if (!session->request.is_head)
		net_put(session->net, body);
	return keep ? next_request(session) : NET_CLOSE;
}

static enum net_next
respond_metrics(struct httpd_session *session)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(HTTPD_METRICS_MOST);
	base_metrics_render(session->context->metrics, &text);
	return respond(session, 200, SLICE("text/plain; version=0.0.4; charset=utf-8"),
		buffer_slice(&text));
}

static enum net_next
refuse(struct httpd_session *session, int status, struct slice body)
{
	return respond(session, status, SLICE("text/plain; charset=utf-8"), body);
}

static enum net_next
request_step(struct net_session *net, const struct net_event *event)
{
	struct httpd_session *session = net_state(net);
	const struct wire_http_request *request = &session->request;
	if (event->why == NET_REFUSED) {
		session->request.keep_alive = false;
		return refuse(
			session, request->refused_status, SLICE("That is no request.\n"));
	}
	if (event->why != NET_TAKEN)
		return NET_CLOSE;
	if (!request->is_get && !request->is_head)
		return refuse(session, 405, SLICE("Only GET is answered here.\n"));
	if (!slice_equal(wire_http_request_path(request), SLICE("/metrics")))
		return refuse(
			session, 404, SLICE("There is /metrics here, and nothing else.\n"));
	return respond_metrics(session);
}

static enum net_next
greet(struct net_session *net, const struct net_event *event)
{
	struct httpd_session *session = net_state(net);
	(void)event;
	session->net = net;
	session->context = net_owner(net);
	wire_http_request_init(&session->request);
	session->ready = true;
	return next_request(session);
}

static void
closed(struct net_session *net)
{
	struct httpd_session *session = net_state(net);
	if (session->ready)
		wire_http_request_free(&session->request);
}

const struct net_protocol httpd_protocol = {
	.name = "http",
	.session_size = sizeof(struct httpd_session),
	.greet = greet,
	.closed = closed,
	.busy = SLICE_INIT("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n"),
};
