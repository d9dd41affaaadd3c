#include "base/test.h"
#include "net/listen-socket.h"
#include "net/stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The peer is the other end of a socket pair, in the test's own hand. */
struct fixture {
	struct base_clock *clock;
	struct net_stream *stream;
	int peer;
	atomic_bool cancelled;
	int looks;
};

static const uint64_t plenty = 60000;

static bool
is_cancelled(void *argument)
{
	return atomic_load(&((struct fixture *)argument)->cancelled);
}

static struct net_stream_settings
settings_of(struct fixture *f)
{
	return (struct net_stream_settings){.clock = f->clock,
		.cancelled = is_cancelled,
		.cancel_argument = f,
		.least_rate = 100,
		.line_most = 32};
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	int pair[2];

	*state = f;
	f->clock = base_clock_create();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	struct net_stream_settings settings = settings_of(f);
	f->stream = net_stream_over(&settings, pair[0]);
	f->peer = pair[1];
	return 0;
}

static void
begin_anew(struct fixture *f, const struct net_stream_settings *settings)
{
	int pair[2];

	net_stream_close(f->stream);
	close(f->peer);
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	f->stream = net_stream_over(settings, pair[0]);
	f->peer = pair[1];
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	net_stream_close(f->stream);
	if (f->peer >= 0)
		close(f->peer);
	base_clock_destroy(f->clock);
	free(f);
	return 0;
}

static void
say(struct fixture *f, const char *text)
{
	assert_int_equal(write(f->peer, text, strlen(text)), strlen(text));
}

static void
hang_up(struct fixture *f)
{
	close(f->peer);
	f->peer = -1;
}

static void
expect_line(struct fixture *f, const char *wanted)
{
	struct slice line;

	assert_int_equal(net_stream_read_line(f->stream, plenty, &line), BASE_OK);
	assert_true(slice_equal(line, slice_of_text(wanted)));
}

static void
expect_failure(struct fixture *f, enum base_failure wanted, const char *text)
{
	struct slice line;

	assert_int_equal(net_stream_read_line(f->stream, plenty, &line), wanted);
	assert_true(slice_absent(line));
	assert_non_null(strstr(net_stream_error(f->stream)->text, text));
	/* Broken is broken. */
	assert_int_equal(net_stream_put(f->stream, SLICE("x"), plenty), wanted);
}

/* --- lines and bytes ---------------------------------------------------------------- */

static void
lines_end_at_lf_with_or_without_cr(void **state)
{
	say(*state, "220 hello\r\n250-a\n\r\nlone\rcr\r\n250 b\r\r\n");
	expect_line(*state, "220 hello");
	expect_line(*state, "250-a");
	expect_line(*state, "");
	expect_line(*state, "lone\rcr");
	expect_line(*state, "250 b\r");
}

static void
a_line_may_fill_the_ceiling_but_not_pass_it(void **state)
{
	say(*state, "123456789012345678901234567890\r\n");
	expect_line(*state, "123456789012345678901234567890");
	say(*state, "a\r\n1234567890123456789012345678901\r\n");
	expect_line(*state, "a");
	expect_failure(*state, BASE_TOO_LARGE, "more than 32 bytes");
}

static void
an_end_in_a_line_is_a_failure(void **state)
{
	say(*state, "220 hel");
	hang_up(*state);
	expect_failure(*state, BASE_UNAVAILABLE, "closed");
}

static void
bytes_follow_lines(void **state)
{
	struct fixture *f = *state;
	char bytes[16];
	size_t got;

	say(f, "line\r\n0123456789");
	expect_line(f, "line");
	assert_true(net_stream_readable(f->stream));
	assert_int_equal(net_stream_read(f->stream, bytes, 4, plenty, &got), BASE_OK);
	assert_int_equal(got, 4);
	assert_memory_equal(bytes, "0123", 4);
	say(f, "abcdef");
	assert_int_equal(net_stream_read_all(f->stream, bytes, 12, plenty), BASE_OK);
	assert_memory_equal(bytes, "456789abcdef", 12);
	assert_false(net_stream_readable(f->stream));
	hang_up(f);
	assert_true(net_stream_readable(f->stream));
	assert_int_equal(net_stream_read(f->stream, bytes, 4, plenty, &got), BASE_OK);
	assert_int_equal(got, 0);
	assert_int_equal(
		net_stream_read_all(f->stream, bytes, 1, plenty), BASE_UNAVAILABLE);
}

/* --- patience ----------------------------------------------------------------------- */

static void *
let_ten_minutes_pass(void *argument)
{
	struct fixture *f = argument;

	usleep(20000);
	base_clock_advance(f->clock, 600000);
	return NULL;
}

static void *
let_eleven_seconds_pass(void *argument)
{
	struct fixture *f = argument;

	usleep(20000);
	base_clock_advance(f->clock, 11000);
	return NULL;
}

/* The first window still counts what the socket's buffer took. */
static void *
let_two_windows_pass(void *argument)
{
	struct fixture *f = argument;

	for (int i = 0; i < 2; i++) {
		usleep(300000);
		base_clock_advance(f->clock, 11000);
	}
	return NULL;
}

static void *
let_eleven_seconds_pass_then_say(void *argument)
{
	struct fixture *f = argument;

	usleep(20000);
	base_clock_advance(f->clock, 11000);
	usleep(600000);
	(void)!write(f->peer, "250 thought well\r\n", 18);
	return NULL;
}

static void *
cancel_soon(void *argument)
{
	struct fixture *f = argument;

	usleep(20000);
	f->cancelled = true;
	return NULL;
}

/* A byte now and then, for ever: each comes in time, the line does not. */
static void *
drip(void *argument)
{
	struct fixture *f = argument;

	for (int i = 0; i < 20; i++) {
		(void)!write(f->peer, "x", 1);
		base_clock_advance(f->clock, 10000);
		usleep(1000);
	}
	return NULL;
}

static void
with(struct fixture *f, void *(*meanwhile)(void *), void (*act)(struct fixture *))
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, meanwhile, f), 0);
	act(f);
	pthread_join(thread, NULL);
}

static void
expect_too_late(struct fixture *f)
{
	expect_failure(f, BASE_UNAVAILABLE, "nothing within 60 s");
}

static void
expect_too_slow(struct fixture *f)
{
	expect_failure(f, BASE_UNAVAILABLE, "too slow");
}

static void
expect_cancelled(struct fixture *f)
{
	expect_failure(f, BASE_CANCELLED, "the server stops");
}

static void
expect_thought(struct fixture *f)
{
	expect_line(f, "250 thought well");
}

static void
a_silent_peer_is_left_at_the_deadline(void **state)
{
	with(*state, let_ten_minutes_pass, expect_too_late);
}

static void
the_deadline_is_for_the_line_not_for_each_byte(void **state)
{
	struct fixture *f = *state;
	struct net_stream_settings settings = settings_of(f);

	settings.least_rate = 0;
	begin_anew(f, &settings);
	with(f, drip, expect_too_late);
}

static void
half_a_line_may_not_be_slow(void **state)
{
	say(*state, "22");
	with(*state, let_eleven_seconds_pass, expect_too_slow);
}

static void
a_peer_that_thinks_is_not_slow(void **state)
{
	with(*state, let_eleven_seconds_pass_then_say, expect_thought);
}

/* Asked before each wait: the first ends late, and by the second the answer is there. */
static bool
sleep_then_say(void *argument)
{
	struct fixture *f = argument;

	if (f->looks++ == 0)
		base_clock_advance(f->clock, 600000);
	else if (f->looks == 2)
		say(f, "220 in time\r\n");
	return false;
}

static void
what_came_while_we_slept_came_in_time(void **state)
{
	struct fixture *f = *state;
	struct net_stream_settings settings = settings_of(f);

	settings.cancelled = sleep_then_say;
	begin_anew(f, &settings);
	expect_line(f, "220 in time");
}

static void
a_stop_interrupts(void **state)
{
	with(*state, cancel_soon, expect_cancelled);
}

/* --- writing ------------------------------------------------------------------------ */

#define MUCH (4 * 1024 * 1024)

struct counting_source {
	struct base_source source;
	size_t left;
	size_t fail_at; /* 0: never */
	int closed;
};

static size_t
counting_pull(struct base_source *source, char *into, size_t room)
{
	struct counting_source *s = (struct counting_source *)source;
	size_t part = s->left < room ? s->left : room;

	if (s->fail_at > 0 && s->left <= s->fail_at)
		return BASE_SOURCE_FAILED;
	memset(into, 'm', part);
	s->left -= part;
	return part;
}

static void
counting_close(struct base_source *source)
{
	((struct counting_source *)source)->closed++;
}

static struct counting_source
counting_source(size_t size, size_t fail_at)
{
	return (struct counting_source){.source = {counting_pull, counting_close},
		.left = size,
		.fail_at = fail_at};
}

static void *
swallow(void *argument)
{
	struct fixture *f = argument;
	static char bytes[65536];
	size_t total = 0;
	ssize_t got;

	while ((got = read(f->peer, bytes, sizeof bytes)) > 0)
		total += (size_t)got;
	return (void *)total;
}

static void
slices_and_sources_arrive_whole(void **state)
{
	struct fixture *f = *state;
	struct counting_source source = counting_source(MUCH, 0);
	struct slice parts[] = {
		SLICE_INIT("a"), SLICE_INIT(""), SLICE_NONE, SLICE_INIT("bc")};
	pthread_t thread;
	void *total;

	assert_int_equal(net_stream_write(f->stream, parts, 4, plenty), BASE_OK);
	char bytes[4];
	assert_int_equal(read(f->peer, bytes, sizeof bytes), 3);
	assert_memory_equal(bytes, "abc", 3);

	pthread_create(&thread, NULL, swallow, f);
	assert_int_equal(net_stream_send(f->stream, &source.source, plenty), BASE_OK);
	assert_int_equal(source.closed, 1);
	SCOPED(scoped_free) char *much = calloc(1, MUCH);
	parts[0] = slice_of(much, MUCH);
	assert_int_equal(net_stream_write(f->stream, parts, 4, plenty), BASE_OK);
	net_stream_release(&f->stream);
	pthread_join(thread, &total);
	assert_int_equal((size_t)total, 2 * MUCH + 2);
}

static void
write_much(struct fixture *f)
{
	struct counting_source source = counting_source(MUCH, 0);

	assert_int_equal(
		net_stream_send(f->stream, &source.source, plenty), BASE_UNAVAILABLE);
	assert_int_equal(source.closed, 1);
	assert_non_null(strstr(net_stream_error(f->stream)->text, "too slow"));
}

static void
write_much_in_eight_seconds(struct fixture *f)
{
	SCOPED(scoped_free) char *much = calloc(1, MUCH);

	assert_int_equal(
		net_stream_put(f->stream, slice_of(much, MUCH), 8000), BASE_UNAVAILABLE);
	assert_non_null(strstr(net_stream_error(f->stream)->text, "nothing within 8 s"));
}

static void
a_peer_that_never_reads_is_too_slow(void **state)
{
	with(*state, let_two_windows_pass, write_much);
}

static void
a_peer_that_never_reads_meets_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct net_stream_settings settings = settings_of(f);
	int pair[2];

	settings.least_rate = 0;
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	net_stream_close(f->stream);
	f->stream = net_stream_over(&settings, pair[0]);
	with(f, let_eleven_seconds_pass, write_much_in_eight_seconds);
	close(pair[1]);
}

static void
a_source_that_fails_breaks_the_stream(void **state)
{
	struct fixture *f = *state;
	struct counting_source source = counting_source(64 * 1024, 40 * 1024);
	struct counting_source second = counting_source(10, 0);

	assert_int_equal(net_stream_send(f->stream, &source.source, plenty), BASE_DAMAGED);
	assert_int_equal(source.closed, 1);
	assert_int_equal(net_stream_send(f->stream, &second.source, plenty), BASE_DAMAGED);
	assert_int_equal(second.closed, 1);
}

static void
a_peer_that_is_gone_is_no_signal(void **state)
{
	struct fixture *f = *state;

	hang_up(f);
	assert_int_equal(
		net_stream_put(f->stream, SLICE("QUIT\r\n"), plenty), BASE_UNAVAILABLE);
}

/* --- dialling ----------------------------------------------------------------------- */

static struct net_address
address(const char *text, uint16_t port)
{
	struct net_address parsed;

	assert_true(net_address_parse(slice_of_text(text), port, &parsed));
	return parsed;
}

static int
listen_somewhere(struct net_address *at)
{
	struct net_address any = address("127.0.0.1", 0);
	int s;

	assert_int_equal(net_listen_socket(&any, &s, NULL), BASE_OK);
	at->length = sizeof at->storage;
	getsockname(s, (struct sockaddr *)&at->storage, &at->length);
	return s;
}

static void
it_dials_from_the_address_it_is_told(void **state)
{
	struct fixture *f = *state;
	struct net_stream_settings settings = settings_of(f);
	struct net_address at, source = address("127.0.0.5", 0);
	SCOPED(scoped_close) int listening = listen_somewhere(&at);
	SCOPED(net_stream_release) struct net_stream *stream = NULL;
	char text[2][NET_ADDRESS_TEXT_MOST];

	assert_int_equal(
		net_stream_dial(&settings, &at, &source, plenty, &stream, NULL), BASE_OK);
	assert_true(listening >= 0);
	assert_slice_is(net_address_text(net_stream_local(stream), text[0]), "127.0.0.5");
	assert_true(slice_equal(net_address_text_port(net_stream_peer(stream), text[0]),
		net_address_text_port(&at, text[1])));
}

static void
a_refused_connection_is_said(void **state)
{
	struct fixture *f = *state;
	struct net_stream_settings settings = settings_of(f);
	struct net_address at, far = address("192.0.2.1", 0);
	struct net_stream *stream;
	struct base_error error;

	close(listen_somewhere(&at));
	assert_int_equal(net_stream_dial(&settings, &at, NULL, plenty, &stream, &error),
		BASE_UNAVAILABLE);
	assert_null(stream);
	assert_non_null(strstr(error.text, "refused"));
	assert_int_equal(net_stream_dial(&settings, &at, &far, plenty, &stream, &error),
		BASE_UNAVAILABLE);
	assert_non_null(strstr(error.text, "192.0.2.1"));
}

static void
it_dials_a_path(void **state)
{
	struct fixture *f = *state;
	struct net_stream_settings settings = settings_of(f);
	SCOPED(scoped_close) int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SCOPED(net_stream_release) struct net_stream *stream = NULL;
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct net_stream *none;

	snprintf(at.sun_path, sizeof at.sun_path, "/tmp/stream-%d", getpid());
	assert_return_code(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
	assert_return_code(listen(listening, 1), 0);
	assert_int_equal(
		net_stream_dial_path(&settings, at.sun_path, plenty, &stream, NULL),
		BASE_OK);
	unlink(at.sun_path);
	assert_int_equal(net_stream_dial_path(&settings, at.sun_path, plenty, &none, NULL),
		BASE_UNAVAILABLE);
}

#define STREAM(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STREAM(lines_end_at_lf_with_or_without_cr),
		STREAM(a_line_may_fill_the_ceiling_but_not_pass_it),
		STREAM(an_end_in_a_line_is_a_failure),
		STREAM(bytes_follow_lines),
		STREAM(a_silent_peer_is_left_at_the_deadline),
		STREAM(the_deadline_is_for_the_line_not_for_each_byte),
		STREAM(half_a_line_may_not_be_slow),
		STREAM(a_peer_that_thinks_is_not_slow),
		STREAM(what_came_while_we_slept_came_in_time),
		STREAM(a_stop_interrupts),
		STREAM(slices_and_sources_arrive_whole),
		STREAM(a_peer_that_never_reads_is_too_slow),
		STREAM(a_peer_that_never_reads_meets_the_deadline),
		STREAM(a_source_that_fails_breaks_the_stream),
		STREAM(a_peer_that_is_gone_is_no_signal),
		STREAM(it_dials_from_the_address_it_is_told),
		STREAM(a_refused_connection_is_said),
		STREAM(it_dials_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
