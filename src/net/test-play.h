#ifndef NET_TEST_PLAY_H
#define NET_TEST_PLAY_H

#include "base/test.h"
#include "net/parent.h"

#include <stdatomic.h>
#include <sys/types.h>

/* A place where the test may hold who comes by. */
struct gate {
	_Atomic bool shut;
	_Atomic bool reached;
};

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
	_Atomic int times;   /* that extra.pem is in the plan besides */
	struct gate reading; /* the parent, in the midst of a plan */
	struct gate ready;   /* the child, before it says that it is ready */
	_Atomic pid_t child; /* of now */
	bool as_nobody;
};

struct play {
	struct stage *stage; /* shared with parent and child */
	char folder[64];
	struct net_address ports[2];
	int hear;
	int tell; /* write end: theirs only, so that their end is heard */
	pid_t parent;
	struct base_log *log; /* theirs */
};

void play_write(const struct play *play, const char *name, const char *text);
void play_start(struct play *play);
/* Waits for a line that has all of `wanted` in it. */
void play_expect(const struct play *play, const char *wanted);
/* The same; says in how many lines before it `counted` was. */
size_t play_count(const struct play *play, const char *counted, const char *wanted);
/* Waits until somebody stands at a shut gate. */
void play_reach(const struct gate *gate);
void play_command(const struct net_address *port, char letter);
void play_answers(const struct net_address *port);
int play_end(const struct play *play); /* the parent's exit code */
void play_stop(const struct play *play);

/* Of each test. */
int play_set_up(void **state);
int play_tear_down(void **state);

#endif
