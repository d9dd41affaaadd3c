#ifndef POST_SEARCH_JOINTS_H
#define POST_SEARCH_JOINTS_H

#include "post/search-signature.h"
#include "post/search-words.h"

/*
 * Where the runs of a text meet (search-words.h says what a run is), so that few messages
 * that have all words of a phrase, but apart, are looked at. Pure.
 *
 * A joint is a piece of the text around the place where a run begins behind another: some
 * characters before it, a blank between them not counted, and some of it, whatever further
 * runs these belong to. All joints of a needle are joints of each text that holds it.
 *
 * A message keeps its joints as a signature: one that it has not is found missing half
 * the time, and a phrase of three words has a dozen.
 */
typedef void search_joint_seen(void *argument, uint32_t joint); /* not 0 */
void search_joints_walk(struct slice text, search_joint_seen *seen, void *argument);

/* Two short words with a blank between: " " and both. */
#define SEARCH_PAIRED_MOST 12
typedef void search_pair_seen(void *argument, struct slice pair);
void search_pairs_walk(struct slice text, search_pair_seen *seen, void *argument);

/* Those of a needle; of a long one the first ones. */
#define SEARCH_JOINTS_MOST 64
struct search_needle_joints {
	uint32_t list[SEARCH_JOINTS_MOST];
	size_t count;
	bool is_pair; /* of parts of two words: pairs that hold it stand in texts that do */
};
void search_joints_of(struct slice needle, struct search_needle_joints *joints);

#endif
