/* SEARCH=FUZZY: RFC 6203 4, how well messages fit. */
#include "imapd/searching.h"

/*
 * The query is asked again of what was found, each time more strictly; who still answers
 * fits better. Scores are these classes, so they say nothing between two searches.
 */
static const struct {
	unsigned nearness;
	uint8_t score;
} CLASSES[] = {
	{IMAPD_ALIKE | IMAPD_IN_SUBJECT, 45},
	{IMAPD_WORDS, 60},
	{IMAPD_WORDS | IMAPD_IN_SUBJECT, 75},
	{IMAPD_PHRASE, 85},
	{IMAPD_PHRASE | IMAPD_IN_SUBJECT, 100},
};
enum { LEAST_SCORE = 30, CLASS_COUNT = sizeof CLASSES / sizeof *CLASSES };

struct scoring {
	struct imapd_session *session;
	struct imapd_searching *searching;
	struct arena *arena; /* of the class under way */
	struct post_uids *found;
	imapd_scored *done;
	struct post_search *search; /* of the class under way */
	struct post_query queries[2], both;
	int class;
	uint8_t *scores;
	enum base_failure failure;
};

static void
release(void *argument)
{
	struct scoring *scoring = argument;
	post_search_destroy(scoring->search);
	post_uids_destroy(scoring->found);
	arena_destroy(scoring->arena);
}

static void
begin_class(struct scoring *scoring)
{
	const char *fault;
	struct post_query *queries = scoring->queries;
	arena_reset(scoring->arena);
	queries[0] = (struct post_query){.kind = POST_QUERY_UIDS, .uids = scoring->found};
	/* What was a query once is one again. */
	if (!imapd_query_as_near(scoring->session, scoring->arena,
		    scoring->searching->charset, scoring->searching->wanted.key,
		    CLASSES[scoring->class].nearness, &queries[1], &fault))
		queries[1] = (struct post_query){
			.kind = POST_QUERY_UIDS, .uids = scoring->found};
	scoring->both = (struct post_query){
		.kind = POST_QUERY_AND, .children = queries, .count = 2};
	scoring->search = post_search_begin(scoring->searching->view, &scoring->both);
}

static void
end_class(struct scoring *scoring)
{
	SCOPED(post_uids_release) struct post_uids *fitting = NULL;
	scoring->failure = post_search_end(scoring->search, &fitting);
	scoring->search = NULL;
	if (scoring->failure)
		return;
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(scoring->found);
	uint32_t uid;
	for (size_t i = 0; (uid = post_uids_cursor_next(walk)); i++)
		if (post_uids_has(fitting, uid))
			scoring->scores[i] = CLASSES[scoring->class].score;
	scoring->class ++;
}

static bool
step(void *state)
{
	struct scoring *scoring = state;
	if (scoring->failure || scoring->class == CLASS_COUNT)
		return false;
	if (!scoring->search)
		begin_class(scoring);
	if (!post_search_step(scoring->search))
		end_class(scoring);
	return true;
}

static enum net_next
finish(struct imapd_session *session, void *state)
{
	struct scoring *scoring = state;
	if (!scoring->failure)
		return scoring->done(
			session, scoring->searching, scoring->found, scoring->scores);
	imapd_forget_results(session, scoring->searching);
	return imapd_failed(session, scoring->failure);
}

enum net_next
imapd_score(struct imapd_session *session, struct imapd_searching *searching,
	const struct post_uids *found, imapd_scored *done)
{
	struct arena *arena = session->call->arena;
	struct scoring *scoring = ARENA_NEW(arena, struct scoring);
	size_t count = post_uids_count(found);
	*scoring = (struct scoring){.session = session,
		.searching = searching,
		.arena = arena_create(IMAPD_CALL_MEMORY),
		.found = post_uids_copy(found),
		.done = done,
		.scores = ARENA_MANY(arena, uint8_t, count + 1)};
	memset(scoring->scores, LEAST_SCORE, count);
	arena_on_release(arena, release, scoring);
	return imapd_steps(session,
		&(struct imapd_steps){.step = step, .done = finish, .state = scoring});
}

bool
imapd_is_fuzzy(const struct wire_imap_search_key *key)
{
	if (key->kind == WIRE_IMAP_SEARCH_FUZZY)
		return true;
	for (const struct wire_imap_search_key *at = key->child; at; at = at->next)
		if (imapd_is_fuzzy(at))
			return true;
	return false;
}

void
imapd_put_scores(const struct post_uids *found, const struct post_uids *told,
	const uint8_t *scores, struct buffer *into)
{
	SCOPED(post_uids_cursor_release)
	struct post_uids_cursor *walk = post_uids_walk(found);
	uint32_t uid;
	bool some = false;
	for (size_t i = 0; (uid = post_uids_cursor_next(walk)); i++) {
		if (!post_uids_has(told, uid))
			continue;
		buffer_put_text(into, some ? " " : " RELEVANCY (");
		buffer_put_number(into, scores[i]);
		some = true;
	}
	if (some)
		buffer_put_byte(into, ')');
}

const struct imapd_extension imapd_extension_fuzzy = {
	.capability = "SEARCH=FUZZY",
	.rfc = "6203",
	.purpose = "SEARCH and SORT for words alike, and how well each message fits",
	.file = __FILE__,
};
