#ifndef POST_SEARCH_JOINTS_H
#define POST_SEARCH_JOINTS_H

#include "post/search-words.h"

/*
 * Where the runs of a text meet (search-words.h says what a run is), so that few messages
 * that have all words of a phrase, but apart, are looked at. Pure.
 *
 * A joint is the last character or two of a run, whether a blank follows, and the first
 * one or two of the next. All of a needle's joints are joints of a text that holds it: of
 * its first run the end is known, of its last one the beginning.
 *
 * A message keeps its joints as a set of bits, about 1.4 for each; a joint that it has
 * not is found missing half the time, and a phrase of three words has eight.
 */
#define SEARCH_JOINT_EIGHTHS 11 /* of a bit for each */
#define SEARCH_RUN_END       8  /* bytes: two characters */
#define SEARCH_PAIRED_MOST   12

typedef void search_joint_seen(void *argument, uint32_t joint);
/* Two short words with a blank between: " " and both. */
typedef void search_pair_seen(void *argument, struct slice pair);

struct search_run {
	enum search_class class;
	size_t length;                  /* 0: there is none */
	char start[SEARCH_PAIRED_MOST]; /* as far as it goes */
	char end[SEARCH_RUN_END];       /* the last ones, at its end */
};

/* Texts in pieces that cut no character; end after each text. */
struct search_joints {
	search_joint_seen *seen;
	search_pair_seen *pair; /* NULL: not wanted */
	void *argument;
	struct search_run before, run;
	bool blank; /* between them */
};
struct search_joints search_joints_begin(
	search_joint_seen *seen, search_pair_seen *pair, void *argument);
void search_joints_put(struct search_joints *joints, struct slice piece);
void search_joints_end(struct search_joints *joints);

/* Those of a needle; of a long one the first ones. */
#define SEARCH_JOINTS_MOST 48
struct search_needle_joints {
	uint32_t list[SEARCH_JOINTS_MOST];
	size_t count;
	bool is_pair; /* of parts of two words: " " and pair_text stand in pairs that hold
			 it */
};
void search_joints_of(struct slice needle, struct search_needle_joints *joints);

/* Different joints, gathered. */
struct search_joint_set {
	uint32_t *table; /* 0: free */
	size_t size, count;
};
void search_joint_set_add(struct search_joint_set *set, uint32_t joint);
void search_joint_set_clear(struct search_joint_set *set);
void search_joint_set_free(struct search_joint_set *set);

/* A set as bits, and whether it may have one. */
void search_signature_put(const struct search_joint_set *set, struct buffer *into);
bool search_signature_has(struct slice signature, uint32_t joint);

#endif
