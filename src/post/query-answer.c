#include "post/mailbox-internal.h"
#include "post/message-internal.h"
#include "post/query-internal.h"
#include "wire/date.h"
#include "wire/header.h"

/* What a plan says of one message, as far as its records tell. */

#define DAY_SECONDS 86400

static enum post_answer
answer_of(bool yes)
{
	return yes ? POST_YES : POST_NO;
}

static bool
is_flagged(const struct post_view *view, struct slice name, uint32_t uid)
{
	int number = post_view_flag_number(view, name);
	const struct post_uids *uids =
		number < 0 ? NULL : post_view_flagged(view, (unsigned)number);
	return uids && post_uids_has(uids, uid);
}

static int64_t
day_of(int64_t seconds)
{
	return seconds >= 0 ? seconds / DAY_SECONDS
			    : -((DAY_SECONDS - 1 - seconds) / DAY_SECONDS);
}

static enum post_answer
answer_by_day(enum post_query_kind kind, int64_t day, int64_t wanted)
{
	switch (kind) {
	case POST_QUERY_BEFORE:
	case POST_QUERY_SAVED_BEFORE:
	case POST_QUERY_SENT_BEFORE:
		return answer_of(day < wanted);
	case POST_QUERY_ON:
	case POST_QUERY_SAVED_ON:
	case POST_QUERY_SENT_ON:
		return answer_of(day == wanted);
	default:
		return answer_of(day >= wanted);
	}
}

static enum post_answer
answer_by_entry(const struct post_query *query, const struct post_entry_record *entry)
{
	int64_t wanted = (int64_t)query->number;
	switch (query->kind) {
	case POST_QUERY_LARGER:
		return answer_of(entry->size > query->number);
	case POST_QUERY_SMALLER:
		return answer_of(entry->size < query->number);
	case POST_QUERY_ARRIVED_SINCE:
		return answer_of(entry->internal_date >= wanted);
	case POST_QUERY_ARRIVED_UNTIL:
		return answer_of(entry->internal_date <= wanted);
	case POST_QUERY_EMAIL:
		return answer_of(entry->email == query->number);
	case POST_QUERY_SAVED_BEFORE:
	case POST_QUERY_SAVED_ON:
	case POST_QUERY_SAVED_SINCE:
		return answer_by_day(query->kind, day_of(entry->save_date), wanted);
	default:
		/* RFC 3501 6.4.4: the date as it stands, its time and zone disregarded. */
		return answer_by_day(query->kind,
			day_of(entry->internal_date + (int64_t)entry->zone * 60), wanted);
	}
}

/* --- headers -----------------------------------------------------------------------------
 */

bool
post_subject_read(struct post_subject *subject)
{
	if (subject->with_message)
		return true;
	subject->failure = post_message_read(
		subject->view, subject->uid, subject->arena, &subject->message);
	if (!subject->failure)
		subject->failure =
			post_message_fields(subject->view->mailbox->account->post->store,
				(struct post_view *)(uintptr_t)subject->view,
				&subject->message, subject->arena, &subject->fields);
	subject->with_message = !subject->failure;
	return subject->with_message;
}

static bool
field_contains(
	struct post_subject *subject, const struct wire_header *field, struct slice needle)
{
	SCOPED(buffer_free) struct buffer addresses = buffer_with(4 * POST_TEXT_HEADER);
	SCOPED(buffer_free) struct buffer folded = buffer_with(2 * WIRE_HEADER_TEXT_LENGTH);
	post_search_fold(wire_header_text(subject->arena, field->raw), &folded);
	struct slice value = buffer_slice(&folded);
	/* Blanks at its start belong to what stands before it, as in the kept texts. */
	if (slice_starts(value, SLICE(" ")))
		value = slice_from(value, 1);
	if (post_search_contains(value, needle))
		return true;
	post_text_addresses(field->name, field->raw, value, subject->arena, &addresses);
	return addresses.length && post_search_contains(buffer_slice(&addresses), needle);
}

/* The words of all such fields together. */
static enum post_answer
answer_by_likeness(const struct post_plan *plan, struct post_subject *subject)
{
	struct wire_header field;
	struct slice rest = subject->fields;
	struct search_alike alike = {.terms = &plan->leaf->terms};
	struct search_words words = search_words_begin(search_alike_word, &alike);
	while (wire_header_next(&rest, &field)) {
		if (!slice_equal_nocase(field.name, plan->query->name))
			continue;
		SCOPED(buffer_free)
		struct buffer folded = buffer_with(2 * WIRE_HEADER_TEXT_LENGTH);
		SCOPED(buffer_free)
		struct buffer addresses = buffer_with(4 * POST_TEXT_HEADER);
		post_search_fold(wire_header_text(subject->arena, field.raw), &folded);
		post_text_addresses(field.name, field.raw, buffer_slice(&folded),
			subject->arena, &addresses);
		search_words_put(&words, buffer_slice(&folded));
		search_words_end(&words);
		search_words_put(&words, buffer_slice(&addresses));
		search_words_end(&words);
	}
	return answer_of(search_alike_all(&alike));
}

static enum post_answer
answer_by_header(const struct post_plan *plan, struct post_subject *subject)
{
	struct wire_header field;
	struct slice rest = subject->fields;
	if (plan->leaf && plan->leaf->alike)
		return answer_by_likeness(plan, subject);
	while (wire_header_next(&rest, &field))
		if (slice_equal_nocase(field.name, plan->query->name) &&
			(slice_empty(plan->needle) ||
				field_contains(subject, &field, plan->needle)))
			return POST_YES;
	return POST_NO;
}

static enum post_answer
answer_by_sent(const struct post_query *query, struct post_subject *subject)
{
	struct wire_header field;
	struct wire_date date;
	if (!wire_header_find(subject->fields, SLICE("Date"), &field) ||
		!wire_date_parse(field.raw, &date))
		return POST_NO;
	return answer_by_day(query->kind, wire_date_day(date), (int64_t)query->number);
}

/* --- the index ---------------------------------------------------------------------------
 */

static enum post_answer
answer_by_texts(const struct post_plan *plan, struct post_subject *subject)
{
	if (!subject->texts_asked &&
		!search_index_texts(subject->index, subject->entry->email, &subject->texts))
		subject->texts = SLICE_NONE;
	subject->texts_asked = true;
	if (slice_absent(subject->texts))
		return POST_UNKNOWN;
	return answer_of(search_texts_contain(subject->texts, plan->leaf));
}

static enum post_answer
answer_by_index(const struct post_plan *plan, struct post_subject *subject)
{
	if (!plan->leaf || !subject->index)
		return POST_UNKNOWN;
	switch (search_index_says(subject->index, plan->leaf, subject->entry->email)) {
	case SEARCH_SAYS_NO:
		return POST_NO;
	case SEARCH_SAYS_YES:
		return POST_YES;
	case SEARCH_SAYS_NOTHING:
		return answer_by_texts(plan, subject);
	}
	return POST_UNKNOWN;
}

/* --- records -----------------------------------------------------------------------------
 */

static enum post_answer
answer_by_content(const struct post_plan *plan, struct post_subject *subject)
{
	enum post_answer answer = answer_by_index(plan, subject);
	if (answer != POST_UNKNOWN)
		return answer;
	if (!post_subject_read(subject))
		return POST_NO;
	if (plan->query->kind == POST_QUERY_THREAD)
		return answer_of(
			post_message_thread(&subject->message) == plan->query->number);
	return plan->query->kind == POST_QUERY_HEADER
		       ? answer_by_header(plan, subject)
		       : answer_by_sent(plan->query, subject);
}

static enum post_answer
answer_by_body(const struct post_plan *plan, struct post_subject *subject)
{
	if (slice_empty(plan->needle) || subject->found[plan->body_index])
		return POST_YES;
	return subject->body_read ? POST_NO : answer_by_index(plan, subject);
}

/* --- the tree ----------------------------------------------------------------------------
 */

static enum post_answer
answer_of_all(const struct post_plan *plan, struct post_subject *subject)
{
	enum post_answer result = POST_YES;
	for (size_t i = 0; i < plan->count; i++) {
		enum post_answer answer = post_plan_answer(&plan->children[i], subject);
		if (answer == POST_NO)
			return POST_NO;
		if (answer == POST_UNKNOWN)
			result = POST_UNKNOWN;
	}
	return result;
}

static enum post_answer
answer_of_any(const struct post_plan *plan, struct post_subject *subject)
{
	enum post_answer result = POST_NO;
	for (size_t i = 0; i < plan->count; i++) {
		enum post_answer answer = post_plan_answer(&plan->children[i], subject);
		if (answer == POST_YES)
			return POST_YES;
		if (answer == POST_UNKNOWN)
			result = POST_UNKNOWN;
	}
	return result;
}

static enum post_answer
opposite(enum post_answer answer)
{
	if (answer == POST_UNKNOWN)
		return POST_UNKNOWN;
	return answer == POST_YES ? POST_NO : POST_YES;
}

static enum post_answer
answer_by_bitmap(const struct post_query *query, const struct post_subject *subject)
{
	switch (query->kind) {
	case POST_QUERY_UIDS:
		return answer_of(post_uids_has(query->uids, subject->uid));
	case POST_QUERY_FLAG:
		return answer_of(is_flagged(subject->view, query->text, subject->uid));
	default:
		return POST_YES;
	}
}

enum post_answer
post_plan_answer(const struct post_plan *plan, struct post_subject *subject)
{
	if (plan->query->kind == POST_QUERY_NOT)
		return opposite(answer_of_all(plan, subject));
	if (plan->query->kind == POST_QUERY_AND)
		return answer_of_all(plan, subject);
	if (plan->query->kind == POST_QUERY_OR)
		return answer_of_any(plan, subject);
	if (plan->hopeless)
		return POST_NO;
	switch (plan->cost) {
	case POST_COST_BITMAP:
		return answer_by_bitmap(plan->query, subject);
	case POST_COST_ENTRY:
		return answer_by_entry(plan->query, subject->entry);
	case POST_COST_CONTENT:
		return answer_by_content(plan, subject);
	case POST_COST_BODY:
		return answer_by_body(plan, subject);
	}
	return POST_NO;
}
