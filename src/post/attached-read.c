/* The text of one message's attachments: bytes to a file in memory, a program's output
 * back. */
#include "post/attached-internal.h"
#include "wire/charset.h"
#include "wire/mime-decode.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	INPUT_MOST =
		32 * 1024 * 1024,   /* of a decoded attachment; of a larger one nothing */
	XML_MOST = 8 * 1024 * 1024, /* of which the text is a small part */
	PROGRAMS_MOST = 32,         /* run for one message */
	KILLED_MOST = 3             /* of these; then the rest is given up */
};

struct extracting {
	struct post_account *account;
	struct post *post;
	const struct post_message *message;
	struct arena *arena;
	struct post_attached *attached;
	size_t length; /* of all texts */
	unsigned runs, killed;
	enum base_failure failure;
};

/* --- in ---------------------------------------------------------------------------------
 */

static bool
write_all(int file, struct slice bytes)
{
	while (bytes.length) {
		ssize_t put = write(file, bytes.data, bytes.length);
		if (put <= 0)
			return false;
		bytes = slice_from(bytes, (size_t)put);
	}
	return true;
}

static bool
pour(struct base_source *source, const struct wire_mime_part *part, int file)
{
	char raw[64 * 1024];
	SCOPED(buffer_free) struct buffer decoded = buffer_with(2 * sizeof raw);
	struct wire_decoder decoder = wire_decoder_of(wire_encoding_of(part->encoding));
	size_t got;
	while ((got = source->pull(source, raw, sizeof raw)) > 0) {
		if (got == BASE_SOURCE_FAILED)
			return false;
		wire_decode(&decoder, slice_of(raw, got), &decoded);
		if (!write_all(file, buffer_slice(&decoded)))
			return false;
		buffer_clear(&decoded);
	}
	wire_decode_end(&decoder, &decoded);
	return write_all(file, buffer_slice(&decoded));
}

/* -1: it can't be read. Nobody changes the file behind the program's back, or grows it. */
static int
input_of(const struct extracting *extracting, const struct wire_mime_part *part)
{
	struct base_source *source;
	uint64_t length = wire_mime_part_size(part);
	if (!length || length > 2 * (uint64_t)INPUT_MOST ||
		post_message_open(extracting->post->store, NULL, extracting->message,
			part->body_start, length, &source))
		return -1;
	int file = memfd_create("attachment", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool poured = file >= 0 && pour(source, part, file);
	source->close(source);
	if (poured && lseek(file, 0, SEEK_CUR) <= INPUT_MOST &&
		fcntl(file, F_ADD_SEALS,
			F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return file;
	scoped_close(&file);
	return -1;
}

/* --- out --------------------------------------------------------------------------------
 */

/* Cut where a character ends. */
static struct slice
first_of(struct slice text, size_t most)
{
	while (most > 0 && most < text.length &&
		((unsigned char)text.data[most] & 0xc0) == 0x80)
		most--;
	return slice_first(text, most);
}

static void
keep(struct extracting *extracting, uint32_t part, struct slice text)
{
	size_t left = POST_ATTACHED_ALL_MOST - extracting->length;
	text = first_of(slice_trim(text),
		left < POST_ATTACHED_TEXT_MOST ? left : POST_ATTACHED_TEXT_MOST);
	if (slice_empty(text))
		return;
	extracting->length += text.length;
	extracting->attached->texts[extracting->attached->count++] =
		(struct post_attached_text){part, arena_copy(extracting->arena, text)};
}

static void
keep_output(struct extracting *extracting, const struct wire_mime_part *part,
	unsigned program, struct slice output)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(4 * (size_t)XML_MOST);
	SCOPED(buffer_free) struct buffer text = buffer_with(4 * (size_t)XML_MOST);
	wire_to_utf8(SLICE("utf-8"), output, &utf8);
	if (post_attached_programs[program].office)
		wire_office_text(buffer_slice(&utf8), &text);
	keep(extracting, part->number,
		buffer_slice(post_attached_programs[program].office ? &text : &utf8));
}

static void
log_end(const struct extracting *extracting, unsigned program, enum post_attached_end end)
{
	static const char *const whys[] = {[POST_ATTACHED_CUT] = "too much text",
		[POST_ATTACHED_FAILED] = "the program failed",
		[POST_ATTACHED_KILLED] = "the program was killed",
		[POST_ATTACHED_UNAVAILABLE] = "nobody runs programs now"};
	if (end == POST_ATTACHED_DONE)
		return;
	LOG(extracting->post->log, BASE_LOG_INFO, "post.attachment",
		LOG_NUMBER("account", extracting->account->id),
		LOG_NUMBER("email", extracting->message->email_id),
		LOG_STRING("program", post_attached_programs[program].arguments[0]),
		LOG_STRING("why", whys[end]));
}

static void
count(const struct extracting *extracting, enum post_attached_end end, size_t texts_before)
{
	const struct post_counters *counters = &extracting->post->counters;
	bool some = extracting->attached->count > texts_before;
	base_metric_add(some ? counters->attached : counters->attached_nothing, 1);
	if (end == POST_ATTACHED_KILLED)
		base_metric_add(counters->attached_killed, 1);
}

/* --- a part -----------------------------------------------------------------------------
 */

static void
run(struct extracting *extracting, const struct wire_mime_part *part, unsigned program)
{
	const struct post_attached_runner *runner = &extracting->post->settings.attached;
	size_t texts = extracting->attached->count;
	SCOPED(buffer_free)
	struct buffer output = buffer_with(post_attached_programs[program].office
						   ? XML_MOST
						   : POST_ATTACHED_TEXT_MOST);
	SCOPED(scoped_close) int input = input_of(extracting, part);
	if (input < 0)
		return;
	enum post_attached_end end = runner->run(runner->argument, program, input, &output);
	/* Of an archive that lacks some of the names, the others come all the same. */
	if (end == POST_ATTACHED_FAILED && post_attached_programs[program].office &&
		output.length)
		end = POST_ATTACHED_DONE;
	log_end(extracting, program, end);
	if (end == POST_ATTACHED_UNAVAILABLE) {
		extracting->failure = BASE_UNAVAILABLE;
		return;
	}
	keep_output(extracting, part, program, buffer_slice(&output));
	count(extracting, end, texts);
	extracting->runs++;
	extracting->killed += end == POST_ATTACHED_KILLED;
}

static bool
has_room(const struct extracting *extracting)
{
	return extracting->runs < PROGRAMS_MOST && extracting->killed < KILLED_MOST &&
	       extracting->length < POST_ATTACHED_ALL_MOST;
}

enum base_failure
post_attached_extract(struct post_account *account, const struct post_message *message,
	struct arena *arena, struct post_attached *attached)
{
	const struct post_attached_runner *runner = &account->post->settings.attached;
	*attached = (struct post_attached){
		.texts = ARENA_MANY(arena, struct post_attached_text, PROGRAMS_MOST)};
	struct extracting extracting = {.account = account,
		.post = account->post,
		.message = message,
		.arena = arena,
		.attached = attached};
	for (const struct wire_mime_part *part = message->structure->top;
		part && !extracting.failure; part = wire_mime_part_next(part)) {
		struct post_attached_what what = post_attached_what(arena, part);
		if (what.kind != POST_ATTACHED_PROGRAM)
			continue;
		if (!runner->has(runner->argument, what.program))
			attached->missing |= (uint64_t)1 << what.program;
		else if (has_room(&extracting))
			run(&extracting, part, what.program);
	}
	return extracting.failure;
}
