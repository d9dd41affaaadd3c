#ifndef NET_TEST_GROUP_H
#define NET_TEST_GROUP_H

#include "net/test-echo.h"

/* One echo server for all tests of a program: cmocka_run_group_tests(tests, start, stop).
 */
extern struct echo_server server;
int start(void **state);
int stop(void **state);

/* They have heard the server's hello; the second under TLS. */
struct peer greeted_peer(void);
struct peer secured_peer(void);

#endif
