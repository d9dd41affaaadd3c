#include "door/test-house.h"
#include "base/test-calm.h"
#include "net/certificate.h"
#include "net/listen-socket.h"
#include <arpa/inet.h>
#include <ftw.h>
#include <unistd.h>

#define PATIENCE_S 20

/* --- the house ------------------------------------------------------------------------ */

static void
set_certificate(struct house *house)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct slice name = SLICE("mx.troika.test");
	struct net_certificate made = {.name = SLICE("test.pem")};
	int64_t now = base_clock_wall_ms(house->clock) / 1000;
	struct net_certificate_times times = {now - 60, now + 86400};
	assert_int_equal(net_certificate_self_signed(
				 &name, 1, times, arena, &made.chain, &made.key, NULL),
		BASE_OK);
	assert_int_equal(net_set_certificates(house->net, &made, 1, NULL), BASE_OK);
}

static void
open_post(struct house *house)
{
	struct base_error error;
	struct store_settings store_settings = {
		.folder = house->folder, .clock = house->clock};
	assert_int_equal(store_open(&store_settings, &house->store, &error), BASE_OK);
	struct post_settings post_settings = {
		.store = house->store,
		.clock = house->clock,
		.log = house->log,
		.host_name = SLICE("mx.troika.test"),
	};
	assert_int_equal(post_open(&post_settings, &house->post, &error), BASE_OK);
	house_done(post_domain_add(house->post, SLICE("troika.test"), &error));
}

void
house_open(struct house *house, const struct house_settings *settings)
{
	*house = (struct house){.log_file = tmpfile()};
	assert_non_null(house->log_file);
	snprintf(house->folder, sizeof house->folder, "/tmp/troika-house-XXXXXX");
	assert_non_null(mkdtemp(house->folder));
	house->clock = base_clock_create();
	house->log = base_log_create(
		fileno(house->log_file), BASE_LOG_KEY_VALUE, BASE_LOG_DEBUG);
	house->metrics = base_metrics_create();
	open_post(house);
	struct net_settings net_settings = {
		.workers = 2,
		.lane_queue = {[NET_LANE_HASH] = settings->hash_queue},
		.clock = house->clock,
		.log = house->log,
		.metrics = house->metrics,
	};
	assert_int_equal(net_create(&net_settings, &house->net, NULL), BASE_OK);
	set_certificate(house);
	struct net_network loopback;
	assert_true(net_network_parse(SLICE("127.0.0.0/8"), &loopback));
	struct door_settings door_settings = {
		.post = house->post,
		.net = house->net,
		.clock = house->clock,
		.log = house->log,
		.metrics = house->metrics,
		.clear_networks = &loopback,
		.clear_network_count = settings->clear,
		.argon2_memory_kib = 64,
		.argon2_passes = 1,
		.failures_per_hour = settings->failures_per_hour,
	};
	assert_int_equal(door_create(&door_settings, &house->door, NULL), BASE_OK);
}

static uint16_t
listen_on(struct house *house, const struct net_protocol *protocol, void *owner,
	bool implicit_tls)
{
	struct net_address address;
	struct net_listener_settings listener = {
		.name = protocol->name,
		.implicit_tls = implicit_tls,
		.offers_tls = !implicit_tls,
		.protocol = protocol,
		.owner = owner,
	};
	assert_true(net_address_parse(SLICE("127.0.0.1"), 0, &address));
	assert_int_equal(net_listen_socket(&address, &listener.descriptor, NULL), BASE_OK);
	struct sockaddr_in bound = {0};
	socklen_t length = sizeof bound;
	assert_int_equal(getsockname(listener.descriptor, (struct sockaddr *)(void *)&bound,
				 &length),
		0);
	assert_int_equal(net_listen(house->net, &listener, NULL), BASE_OK);
	return ntohs(bound.sin_port);
}

void
house_listen(struct house *house, const struct net_protocol *protocol, void *owner)
{
	house->port = listen_on(house, protocol, owner, false);
	house->tls_port = listen_on(house, protocol, owner, true);
	assert_int_equal(net_start(house->net, NULL), BASE_OK);
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

void
house_close(struct house *house)
{
	net_stop(house->net);
	door_destroy(house->door);
	net_destroy(house->net);
	post_close(house->post);
	store_close(house->store);
	base_metrics_destroy(house->metrics);
	base_log_destroy(house->log);
	base_clock_destroy(house->clock);
	fclose(house->log_file);
	nftw(house->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
house_done(struct base_ticket *ticket)
{
	assert_non_null(ticket);
	assert_int_equal(base_ticket_await(ticket), BASE_OK);
}

void
house_account(struct house *house, const char *address, const char *password)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct base_error error;
	struct slice secret;
	assert_int_equal(door_secret_of_password(house->door, slice_of_text(password),
				 arena, &secret, &error),
		BASE_OK);
	house_done(post_account_add(house->post, slice_of_text(address), secret, &error));
}

void
house_deliver(struct house *house, const char *address, struct slice text)
{
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct post_account_info info;
	struct base_error error;
	assert_int_equal(
		post_account_find(house->post, slice_of_text(address), arena, &info),
		BASE_OK);
	struct post_incoming *incoming = post_incoming_create(house->post);
	assert_int_equal(post_incoming_add(incoming, text), BASE_OK);
	assert_int_equal(post_incoming_seal(incoming), BASE_OK);
	struct post_delivery *delivery =
		post_delivery_create(incoming, SLICE("sender@example.org"));
	struct post_delivery_target target = {
		.account = info.id, .delivered_to = slice_of_text(address)};
	assert_int_equal(post_delivery_local(delivery, &target), BASE_OK);
	house_done(post_delivery_submit(&delivery, &error));
	post_incoming_destroy(incoming);
}

void
house_advance(struct house *house, int64_t ms)
{
	test_await_calm();
	base_clock_advance(house->clock, ms);
	net_clock_advanced(house->net);
}

char *
house_log(struct house *house)
{
	off_t size = lseek(fileno(house->log_file), 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(pread(fileno(house->log_file), text, (size_t)size, 0), size);
	return text;
}

int64_t
house_metric(struct house *house, const char *name, const char *labels)
{
	return base_metric_value(base_metrics_counter(house->metrics, name, labels, ""));
}

/* --- the peer ------------------------------------------------------------------------- */

void
peer_dial(struct peer *peer, uint16_t port)
{
	*peer = (struct peer){
		.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
		.got = buffer_with(64 << 20),
		.line = buffer_with(1 << 20),
	};
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	assert_int_equal(setsockopt(peer->descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience,
				 sizeof patience),
		0);
	assert_int_equal(connect(peer->descriptor, (struct sockaddr *)(void *)&address,
				 sizeof address),
		0);
}

void
peer_secure(struct peer *peer)
{
	peer->context = SSL_CTX_new(TLS_client_method());
	peer->ssl = SSL_new(peer->context);
	assert_int_equal(SSL_set_fd(peer->ssl, peer->descriptor), 1);
	assert_int_equal(SSL_connect(peer->ssl), 1);
}

void
peer_send(struct peer *peer, struct slice bytes)
{
	while (bytes.length) {
		ssize_t sent = peer->ssl
				       ? SSL_write(peer->ssl, bytes.data, (int)bytes.length)
				       : send(peer->descriptor, bytes.data, bytes.length,
						 MSG_NOSIGNAL);
		assert_true(sent > 0);
		bytes = slice_from(bytes, (size_t)sent);
	}
}

void
peer_say(struct peer *peer, const char *line)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(1 << 20);
	buffer_put_text(&text, line);
	assert_true(buffer_put(&text, SLICE("\r\n")));
	peer_send(peer, buffer_slice(&text));
}

/* False at the end. */
static bool
receive(struct peer *peer)
{
	char *room = buffer_reserve(&peer->got, 16384);
	assert_non_null(room);
	ssize_t got = peer->ssl ? SSL_read(peer->ssl, room, 16384)
				: recv(peer->descriptor, room, 16384, 0);
	if (got > 0)
		buffer_commit(&peer->got, (size_t)got);
	else if (!peer->ssl)
		assert_int_equal(got, 0);
	return got > 0;
}

const char *
peer_line(struct peer *peer)
{
	size_t end;
	while ((end = slice_find(buffer_slice(&peer->got), SLICE("\r\n"))) ==
		peer->got.length)
		assert_true(receive(peer));
	buffer_clear(&peer->line);
	buffer_put(&peer->line, slice_first(buffer_slice(&peer->got), end));
	assert_true(buffer_put_byte(&peer->line, '\0'));
	buffer_drop_first(&peer->got, end + 2);
	return peer->line.data;
}

void
peer_expect(struct peer *peer, const char *line)
{
	assert_string_equal(peer_line(peer), line);
}

void
peer_expect_start(struct peer *peer, const char *start)
{
	struct slice line = slice_of_text(peer_line(peer));
	assert_slice_equals(
		slice_first(line, strlen(start)), slice_of_text(start), __FILE__, __LINE__);
}

bool
peer_at_end(struct peer *peer)
{
	return peer->got.length == 0 && !receive(peer);
}

void
peer_hang_up(struct peer *peer)
{
	SSL_free(peer->ssl);
	SSL_CTX_free(peer->context);
	close(peer->descriptor);
	buffer_free(&peer->got);
	buffer_free(&peer->line);
}
