#include "wire/mbox.h"

static const struct slice from_word = SLICE_INIT("From ");

void
wire_mbox_init(struct wire_mbox *mbox)
{
	mbox->from = buffer_with(WIRE_MBOX_FROM_MOST);
	mbox->start_length = mbox->blanks = 0;
	mbox->in_message = mbox->in_line = mbox->in_from = mbox->not_mbox = false;
	mbox->is_dated = mbox->is_begun = false;
}

void
wire_mbox_free(struct wire_mbox *mbox)
{
	buffer_free(&mbox->from);
}

bool
wire_mbox_needs_quote(struct slice line)
{
	size_t quotes = 0;
	while (quotes < line.length && line.data[quotes] == '>')
		quotes++;
	return slice_starts(slice_from(line, quotes), from_word);
}

static struct slice
start_of(const struct wire_mbox *mbox)
{
	return slice_of(mbox->start, mbox->start_length);
}

static bool
is_blank(struct slice line)
{
	return slice_equal(line, SLICE("\n")) || slice_equal(line, SLICE("\r\n"));
}

static enum base_failure
hand_on(struct wire_mbox *mbox, struct slice bytes)
{
	if (!mbox->in_message) {
		mbox->not_mbox = mbox->not_mbox || bytes.length > 0;
		return BASE_OK;
	}
	return bytes.length ? mbox->bytes(mbox->argument, bytes) : BASE_OK;
}

/* A blank line that did not turn out to stand before a "From ". */
static enum base_failure
give_blank(struct wire_mbox *mbox)
{
	struct slice blank = slice_of(mbox->blank, mbox->blanks);
	mbox->blanks = 0;
	return hand_on(mbox, blank);
}

static enum base_failure
end_message(struct wire_mbox *mbox)
{
	mbox->blanks = 0;
	if (!mbox->in_message)
		return BASE_OK;
	mbox->in_message = false;
	return mbox->end(mbox->argument);
}

/* "18:22" */
static bool
has_time(struct slice line)
{
	for (size_t i = 0; i + 3 < line.length; i++)
		if (byte_is_digit(line.data[i]) && line.data[i + 1] == ':' &&
			byte_is_digit(line.data[i + 2]) && byte_is_digit(line.data[i + 3]))
			return true;
	return false;
}

static bool
has_month(struct slice line)
{
	static const struct slice months[] = {SLICE_INIT(" Jan "), SLICE_INIT(" Feb "),
		SLICE_INIT(" Mar "), SLICE_INIT(" Apr "), SLICE_INIT(" May "),
		SLICE_INIT(" Jun "), SLICE_INIT(" Jul "), SLICE_INIT(" Aug "),
		SLICE_INIT(" Sep "), SLICE_INIT(" Oct "), SLICE_INIT(" Nov "),
		SLICE_INIT(" Dec ")};
	for (size_t i = 0; i < sizeof months / sizeof *months; i++)
		if (slice_find(line, months[i]) < line.length)
			return true;
	return false;
}

static bool
looks_dated(struct slice line)
{
	return has_month(line) && has_time(line);
}

/* Is there anything but its own bytes against this line's beginning a message? */
static bool
may_begin(const struct wire_mbox *mbox)
{
	return !mbox->in_message || mbox->blanks;
}

/* What the line is may be known before its end: after so many bytes at the latest. */
static bool
is_decided(const struct wire_mbox *mbox, bool complete)
{
	struct slice start = start_of(mbox);
	if (complete || start.length == sizeof mbox->start)
		return true;
	size_t quotes = 0;
	while (quotes < start.length && start.data[quotes] == '>')
		quotes++;
	struct slice rest = slice_from(start, quotes);
	if (rest.length == 0 || slice_equal(rest, SLICE("\r")))
		return false;
	if (rest.length >= from_word.length)
		return quotes || !mbox->is_dated || !may_begin(mbox) ||
		       !slice_starts(rest, from_word);
	return !slice_starts(from_word, rest);
}

static bool
begins_message(const struct wire_mbox *mbox)
{
	struct slice start = start_of(mbox);
	return slice_starts(start, from_word) && may_begin(mbox) &&
	       (!mbox->is_dated || looks_dated(start));
}

static enum base_failure
begin_message(struct wire_mbox *mbox)
{
	enum base_failure failure = end_message(mbox);
	buffer_clear(&mbox->from);
	buffer_put(&mbox->from, slice_from(start_of(mbox), from_word.length));
	mbox->in_from = true;
	mbox->start_length = 0;
	return failure;
}

static enum base_failure
begin_line(struct wire_mbox *mbox)
{
	struct slice start = start_of(mbox);
	if (begins_message(mbox))
		return begin_message(mbox);
	enum base_failure failure = give_blank(mbox);
	mbox->start_length = 0;
	if (failure)
		return failure;
	if (is_blank(start)) {
		memcpy(mbox->blank, start.data, start.length);
		mbox->blanks = start.length;
		return BASE_OK;
	}
	if (start.length && start.data[0] == '>' && wire_mbox_needs_quote(start))
		start = slice_from(start, 1);
	mbox->in_line = true;
	return hand_on(mbox, start);
}

static enum base_failure
end_from_line(struct wire_mbox *mbox)
{
	struct slice from = slice_trim(buffer_slice(&mbox->from));
	mbox->in_from = false;
	mbox->in_message = true;
	mbox->is_dated = mbox->is_begun ? mbox->is_dated : looks_dated(from);
	mbox->is_begun = true;
	return mbox->begin(mbox->argument, from);
}

/* The rest of a line whose kind is known. */
static enum base_failure
go_on(struct wire_mbox *mbox, struct slice bytes, bool complete)
{
	if (mbox->in_from) {
		struct slice room =
			slice_first(bytes, WIRE_MBOX_FROM_MOST - mbox->from.length);
		buffer_put(&mbox->from, room);
		return complete ? end_from_line(mbox) : BASE_OK;
	}
	if (!mbox->in_line)
		return BASE_OK;
	mbox->in_line = !complete;
	return hand_on(mbox, bytes);
}

/* A run that belongs to one line; complete when it holds the line's end. */
static enum base_failure
add_run(struct wire_mbox *mbox, struct slice run, bool complete)
{
	if (mbox->in_line || mbox->in_from)
		return go_on(mbox, run, complete);
	struct slice some = slice_first(run, sizeof mbox->start - mbox->start_length);
	memcpy(mbox->start + mbox->start_length, some.data, some.length);
	mbox->start_length += some.length;
	struct slice rest = slice_from(run, some.length);
	if (!is_decided(mbox, complete && rest.length == 0))
		return BASE_OK;
	enum base_failure failure = begin_line(mbox);
	return failure ? failure : go_on(mbox, rest, complete);
}

enum base_failure
wire_mbox_add(struct wire_mbox *mbox, struct slice piece)
{
	enum base_failure failure = BASE_OK;
	while (piece.length && !failure) {
		size_t end = slice_find_byte(piece, '\n');
		bool complete = end < piece.length;
		size_t length = complete ? end + 1 : end;
		failure = add_run(mbox, slice_first(piece, length), complete);
		piece = slice_from(piece, length);
	}
	return failure;
}

enum base_failure
wire_mbox_end(struct wire_mbox *mbox)
{
	enum base_failure failure = BASE_OK;
	if (mbox->start_length)
		failure = begin_line(mbox);
	if (!failure && mbox->in_from)
		failure = end_from_line(mbox);
	enum base_failure ended = end_message(mbox);
	return failure ? failure : ended;
}
