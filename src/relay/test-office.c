/* What the tests of this room share; no test itself. */
#include "relay/test-office.h"
#include "base/test-calm.h"
#include <ftw.h>
#include <unistd.h>

#define STEP_US    5000
#define PATIENCE   12000 /* steps: a minute; sanitizers are slow */
#define BYTES_MOST (16 * 1024 * 1024)

/* --- the rooms ------------------------------------------------------------------- */

static void
open_post(struct office *office)
{
	struct base_error error = {0};
	const struct store_settings store = {
		.folder = office->folder, .clock = office->clock, .log = office->log};
	assert_int_equal(store_open(&store, &office->store, &error), BASE_OK);
	const struct post_settings post = {.store = office->store,
		.clock = office->clock,
		.log = office->log,
		.host_name = SLICE("mail.troika.test")};
	assert_int_equal(post_open(&post, &office->post, &error), BASE_OK);
}

static void
open_net(struct office *office)
{
	static const struct slice ZONE = SLICE_INIT("test");
	const struct net_settings net = {.workers = 2,
		.clock = office->clock,
		.log = office->log,
		.metrics = office->metrics};
	struct net_address nobody; /* what is not in the zone is not to be found out */
	assert_true(net_address_parse(SLICE("127.0.0.1"), 9, &nobody));
	const struct net_resolver_settings resolver = {.way = NET_RESOLVE_SERVERS,
		.servers = office->name_server ? office->name_server : &nobody,
		.server_count = 1,
		.zones = &ZONE,
		.zone_count = 1,
		.records = office->records,
		.record_count = office->record_count,
		.clock = office->clock};
	assert_int_equal(net_create(&net, &office->net, NULL), BASE_OK);
	struct base_error error = {0};
	if (net_resolver_create(&resolver, &office->resolver, &error))
		fail_msg("%s", error.text);
	assert_int_equal(net_start(office->net, NULL), BASE_OK);
}

static void
open_relay(struct office *office)
{
	struct base_error error = {0};
	const struct relay_settings relay = {.post = office->post,
		.net = office->net,
		.resolver = office->resolver,
		.clock = office->clock,
		.log = office->log,
		.metrics = office->metrics,
		.host_name = SLICE("mail.troika.test"),
		.expire_ms = office->expire_ms,
		.warn_ms = office->warn_ms,
		.connections_most = office->connections_most,
		.connections_per_destination = office->connections_per_destination,
		.port = office->port,
		.clock_step_ms = 20};
	assert_int_equal(relay_open(&relay, &office->relay, &error), BASE_OK);
	if (!office->idle)
		relay_start(office->relay);
}

static void
open_rooms(struct office *office)
{
	open_post(office);
	open_net(office);
	open_relay(office);
}

static void
close_rooms(struct office *office)
{
	relay_stop(office->relay);
	net_resolver_stop(office->resolver);
	net_stop(office->net);
	relay_close(office->relay);
	net_destroy(office->net);
	net_resolver_destroy(office->resolver);
	post_close(office->post);
	store_close(office->store);
}

void
office_open(struct office *office)
{
	struct base_error error = {0};
	office->log_file = tmpfile();
	assert_non_null(office->log_file);
	snprintf(office->folder, sizeof office->folder, "/tmp/troika-relay-XXXXXX");
	assert_non_null(mkdtemp(office->folder));
	office->clock = base_clock_create();
	office->log = base_log_create(
		fileno(office->log_file), BASE_LOG_KEY_VALUE, BASE_LOG_DEBUG);
	office->metrics = base_metrics_create();
	open_rooms(office);
	office_done(post_domain_add(office->post, SLICE("troika.test"), &error));
	office_done(post_account_add(
		office->post, SLICE("anna@troika.test"), SLICE("secret"), &error));
}

void
office_run(struct office *office)
{
	office->idle = false;
	relay_start(office->relay);
}

void
office_reopen(struct office *office)
{
	close_rooms(office);
	open_rooms(office);
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

void
office_close(struct office *office)
{
	close_rooms(office);
	base_metrics_destroy(office->metrics);
	base_log_destroy(office->log);
	base_clock_destroy(office->clock);
	fclose(office->log_file);
	nftw(office->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
office_done(struct base_ticket *ticket)
{
	assert_non_null(ticket);
	assert_int_equal(base_ticket_await(ticket), BASE_OK);
}

void
office_advance(struct office *office, int64_t ms)
{
	test_await_calm();
	base_clock_advance(office->clock, ms);
	net_clock_advanced(office->net);
}

void
office_route(struct office *office, const char *domain, const char *host, uint16_t port)
{
	char target[128];
	snprintf(target, sizeof target, "smtp://%s:%u", host, port);
	office_done(relay_route_add(
		office->relay, slice_of_text(domain), slice_of_text(target), NULL));
}

/* --- letters --------------------------------------------------------------------- */

static const char TEXT[] = "From: anna@troika.test\r\n"
			   "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n"
			   "Message-ID: <1@troika.test>\r\n"
			   "\r\n"
			   "Hello.\r\n.dot\r\n..two\r\nBye.\r\n";

static struct post_incoming *
incoming_of(struct office *office, const struct office_letter *letter)
{
	struct post_incoming *incoming = post_incoming_create(office->post);
	const char *text = letter->text ? letter->text : TEXT;
	struct slice bytes =
		slice_of(text, letter->text_length ? letter->text_length : strlen(text));
	assert_int_equal(post_incoming_add(incoming, bytes), BASE_OK);
	post_incoming_set_trace(
		incoming, SLICE("Received: from client by mail.troika.test\r\n"));
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	return incoming;
}

void
office_send(struct office *office, const struct office_letter *letter)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_recipient *recipients =
		ARENA_MANY(arena, struct relay_recipient, letter->to_count);
	char made[BASE_ID_LENGTH];
	const char *sender = letter->sender ? letter->sender : "anna@troika.test";
	for (size_t i = 0; i < letter->to_count; i++)
		recipients[i] =
			(struct relay_recipient){.address = slice_of_text(letter->to[i]),
				.notify = letter->notify,
				.original_type = letter->original_type,
				.original = letter->original};
	base_id_make(base_clock_wall_ms(office->clock), made);
	struct post_incoming *incoming = incoming_of(office, letter);
	struct post_delivery *delivery =
		post_delivery_create(incoming, slice_of_text(sender));
	const struct relay_letter queued = {
		.id = letter->id ? slice_of_text(letter->id) : slice_of(made, sizeof made),
		.sender = slice_of_text(sender),
		.eight_bit = letter->eight_bit,
		.smtputf8 = letter->smtputf8,
		.binary = letter->binary,
		.headers_only = letter->headers_only,
		.whole = letter->whole,
		.envelope_id = slice_of_text(letter->envelope_id),
		.recipients = recipients,
		.count = letter->to_count};
	assert_int_equal(relay_enqueue(office->relay, &queued, delivery), BASE_OK);
	office_done(post_delivery_submit(&delivery, NULL));
	post_incoming_destroy(incoming);
}

void
office_send_to(struct office *office, const char *address)
{
	office_send(office, &(struct office_letter){.to = &address, .to_count = 1});
}

/* --- looking --------------------------------------------------------------------- */

size_t
office_rows(struct office *office, struct arena *arena, struct relay_row **rows)
{
	return relay_list(
		office->relay, &(struct relay_choice){.all = true}, 0, arena, rows);
}

static size_t
count_rows(struct office *office)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_row *rows;
	return office_rows(office, arena, &rows);
}

void
office_await_rows(struct office *office, size_t count)
{
	for (int i = 0; count_rows(office) != count; i++) {
		if (i == PATIENCE)
			fail_msg("the queue has %zu rows, not %zu", count_rows(office),
				count);
		usleep(STEP_US);
	}
}

static bool
has_attempts(struct office *office, uint32_t attempts)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct relay_row *rows;
	return office_rows(office, arena, &rows) == 1 && rows[0].attempts == attempts &&
	       rows[0].state == RELAY_WAITING;
}

void
office_await_attempts(struct office *office, uint32_t attempts)
{
	for (int i = 0; !has_attempts(office, attempts); i++) {
		if (i == PATIENCE)
			fail_msg("the row was not tried %u times", attempts);
		usleep(STEP_US);
	}
}

static struct post_mailbox *
open_inbox(struct office *office, const char *address, struct post_account **account)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	struct post_mailbox *mailbox;
	assert_int_equal(
		post_account_find(office->post, slice_of_text(address), arena, &info),
		BASE_OK);
	assert_int_equal(post_account_open(office->post, info.id, account), BASE_OK);
	assert_int_equal(post_mailbox_open(*account, SLICE("INBOX"), &mailbox), BASE_OK);
	return mailbox;
}

static struct slice
read_message(struct post_view *view, size_t index, struct arena *arena)
{
	struct post_message message;
	struct slice bytes;
	uint32_t uid = post_view_uid(view, (uint32_t)index + 1);
	assert_int_equal(post_message_read(view, uid, arena, &message), BASE_OK);
	assert_int_equal(post_message_bytes(view, &message, 0, message.size, arena,
				 BYTES_MOST, &bytes),
		BASE_OK);
	return bytes;
}

size_t
office_inbox_count(struct office *office, const char *address)
{
	struct post_account *account;
	struct post_mailbox *mailbox = open_inbox(office, address, &account);
	struct post_view *view = post_view_newest(mailbox);
	size_t count = post_view_count(view);
	post_view_drop(view);
	post_mailbox_close(mailbox);
	post_account_close(account);
	return count;
}

struct slice
office_inbox(struct office *office, const char *address, size_t count, size_t index,
	struct arena *arena)
{
	struct post_account *account;
	for (int i = 0; office_inbox_count(office, address) != count; i++) {
		if (i == PATIENCE)
			fail_msg("%zu messages, not %zu",
				office_inbox_count(office, address), count);
		usleep(STEP_US);
	}
	struct post_mailbox *mailbox = open_inbox(office, address, &account);
	struct post_view *view = post_view_newest(mailbox);
	struct slice bytes = read_message(view, index, arena);
	post_view_drop(view);
	post_mailbox_close(mailbox);
	post_account_close(account);
	return bytes;
}

char *
office_log(struct office *office)
{
	long length = lseek(fileno(office->log_file), 0, SEEK_END);
	char *text = calloc(1, (size_t)length + 1);
	assert_non_null(text);
	assert_true(pread(fileno(office->log_file), text, (size_t)length, 0) == length);
	return text;
}

size_t
office_logged(struct office *office, const char *part)
{
	char *text = office_log(office);
	struct slice rest = slice_of_text(text);
	size_t count = 0;
	while (!slice_empty(rest)) {
		struct slice line = slice_cut(&rest, '\n');
		count += slice_find(line, slice_of_text(part)) < line.length;
	}
	free(text);
	return count;
}

static bool
count_row(void *argument, struct slice key, struct slice value)
{
	size_t *count = argument;
	(void)key, (void)value;
	(*count)++;
	return true;
}

void
office_expect_clean(struct office *office)
{
	uint64_t rows;
	size_t pairs = 0;
	office_await_rows(office, 0);
	close_rooms(office);
	open_rooms(office);
	assert_int_equal(relay_check(office->relay, NULL, NULL, &rows), BASE_OK);
	assert_int_equal(rows, 0);
	for (unsigned i = 0; i < RELAY_QUEUE_SPACES; i++) {
		const struct store_range all = {.from = SLICE(""), .until = SLICE_NONE};
		struct store_space *space =
			store_space_open(office->store, POST_SPACE_QUEUE_FIRST + i);
		assert_int_equal(store_scan(space, &all, count_row, &pairs, NULL), BASE_OK);
		store_space_close(space);
	}
	assert_int_equal(pairs, 0);
}
