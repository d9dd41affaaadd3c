#ifndef NET_TEST_PLAY_H
#define NET_TEST_PLAY_H

#include "base/test.h"
#include "net/parent.h"

#include <stdatomic.h>
#include <sys/types.h>

/*
 * Each test starts a parent in a process of its own. Parent and child tell what they do by
 * lines in one pipe (the log is written there too), which the test waits for. The child
 * takes commands of one letter by TCP on its ports.
 */
struct stage {
	_Atomic int ports;     /* listeners in the plan */
	_Atomic bool broken;   /* the plan can't be read */
	_Atomic bool no_start; /* the child leaves with 3 before it is ready */
	_Atomic bool needs_missing_file;
	bool as_nobody;
};

struct play {
	struct stage *stage; /* shared with parent and child */
	char folder[64];
	struct net_address ports[2];
	int tell; /* write end */
	int hear;
	pid_t parent;
	struct base_log *log;
};

void play_write(const struct play *play, const char *name, const char *text);
void play_start(struct play *play);
/* Waits for a line that has all of `wanted` in it; copies it when asked. */
void play_expect(const struct play *play, const char *wanted, char *copy, size_t room);
void play_command(const struct net_address *port, char letter);
void play_answers(const struct net_address *port);
int play_end(const struct play *play); /* the parent's exit code */
void play_stop(const struct play *play);

/* Of each test. */
int play_set_up(void **state);
int play_tear_down(void **state);

#endif
