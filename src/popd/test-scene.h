#ifndef POPD_TEST_SCENE_H
#define POPD_TEST_SCENE_H

#include "base/test.h"
#include "door/test-house.h"
#include "popd/popd.h"

/* A house that speaks POP3, with anna@troika.test, whose password is "troika". */
struct scene {
	struct house house;
	struct popd_context context;
};

int scene_clear(void **state);  /* loopback may sign in without TLS */
int scene_secure(void **state); /* it may not */
int scene_end(void **state);
#define CLEAR(name)  cmocka_unit_test_setup_teardown(name, scene_clear, scene_end)
#define SECURE(name) cmocka_unit_test_setup_teardown(name, scene_secure, scene_end)

extern const struct slice LETTER;
void deliver(struct scene *scene, struct slice text);

void dial(struct scene *scene, struct peer *peer);
void sign_in(struct scene *scene, struct peer *peer);
void ask(struct peer *peer, const char *command, const char *start);
/* Lines up to the lone dot, "|" after each, dots unstuffed; free it. */
char *lines(struct peer *peer);
void assert_lines(struct peer *peer, const char *command, const char *wanted);
void await_end_of_sessions(struct scene *scene);

#endif
