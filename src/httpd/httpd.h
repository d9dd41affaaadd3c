#ifndef HTTPD_HTTPD_H
#define HTTPD_HTTPD_H

#include "base/base.h"
#include "net/net.h"

/*
 * HTTP. For now one resource, for the operator's Prometheus: GET /metrics, on a port of its
 * own that the configuration binds to loopback unless told otherwise.
 */
struct httpd_context {
	struct base_metrics *metrics;
};

#define HTTPD_METRICS_MOST (4 * 1024 * 1024)
#define HTTPD_DEADLINE     (30 * 1000)
#define HTTPD_LEAST_RATE   50

extern const struct net_protocol httpd_protocol;

#endif
