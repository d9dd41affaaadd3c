#include "net/test-tls-peer.h"

#include "net/listen-socket.h"
#include <openssl/pem.h>
#include <poll.h>
#include <unistd.h>

static void
echo(struct tls_peer *server, SSL *tls)
{
	char bytes[4096];
	int got;

	while ((got = SSL_read(tls, bytes, sizeof bytes)) > 0) {
		server->heard += (size_t)got;
		if (SSL_write(tls, bytes, got) <= 0)
			break;
	}
}

static void
speak_tls(struct tls_peer *server, int peer)
{
	SSL *tls = SSL_new(server->context);

	SSL_set_fd(tls, peer);
	if (SSL_accept(tls) == 1) {
		if (server->script == TLS_PEER_NO_GOODBYE) {
			SSL_write(tls, "250 hal", 7);
		} else {
			echo(server, tls);
			SSL_shutdown(tls);
		}
	}
	SSL_free(tls);
}

static void
say(int peer, const char *text)
{
	(void)!write(peer, text, strlen(text));
}

static void
listen_in_the_clear(struct tls_peer *server, int peer)
{
	char bytes[4096];
	ssize_t got;

	while ((got = read(peer, bytes, sizeof bytes)) > 0)
		server->heard += (size_t)got;
}

static void
play(struct tls_peer *server, int peer)
{
	char byte;

	switch (server->script) {
	case TLS_PEER_ECHO:
	case TLS_PEER_NO_GOODBYE:
		speak_tls(server, peer);
		return;
	case TLS_PEER_INJECT:
		say(peer, "220 ready\r\n250 injected\r\n");
		break;
	case TLS_PEER_INJECT_LATER:
		say(peer, "220 ready\r\n");
		(void)!read(server->go[0], &byte, 1);
		say(peer, "250 injected\r\n");
		break;
	case TLS_PEER_SILENCE:
		break;
	case TLS_PEER_GARBAGE:
		(void)!read(peer, &byte, 1);
		say(peer, "HTTP/1.0 400 Bad Request\r\n\r\n");
		break;
	}
	listen_in_the_clear(server, peer);
}

static void *
serve(void *argument)
{
	struct tls_peer *server = argument;

	for (;;) {
		struct pollfd waits[] = {{server->listening, POLLIN, 0}};
		poll(waits, 1, -1);
		SCOPED(scoped_close) int peer = accept(server->listening, NULL, NULL);
		if (peer < 0)
			return NULL;
		play(server, peer);
	}
}

static bool
use_certificate(struct tls_peer *server)
{
	BIO *chain = BIO_new_mem_buf(server->chain.data, (int)server->chain.length);
	BIO *key = BIO_new_mem_buf(server->key.data, (int)server->key.length);
	X509 *certificate = PEM_read_bio_X509(chain, NULL, NULL, NULL);
	EVP_PKEY *secret = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);
	bool used = SSL_CTX_use_certificate(server->context, certificate) == 1 &&
		    SSL_CTX_use_PrivateKey(server->context, secret) == 1;

	X509_free(certificate);
	EVP_PKEY_free(secret);
	BIO_free(chain);
	BIO_free(key);
	return used;
}

static bool
open_port(struct tls_peer *server)
{
	struct net_address any;

	server->at.length = sizeof server->at.storage;
	return net_address_parse(SLICE("127.0.0.1"), 0, &any) &&
	       net_listen_socket(&any, &server->listening, NULL) == BASE_OK &&
	       getsockname(server->listening, (struct sockaddr *)&server->at.storage,
		       &server->at.length) == 0;
}

bool
tls_peer_start(struct tls_peer *server, enum tls_peer_script script, struct slice name,
	struct net_certificate_times times, struct arena *arena)
{
	server->script = script;
	server->context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_session_id_context(server->context, (const unsigned char *)"t", 1);
	server->running = net_certificate_self_signed(&name, 1, times, arena,
				  &server->chain, &server->key, NULL) == BASE_OK &&
			  use_certificate(server) && open_port(server) &&
			  pipe(server->go) == 0 &&
			  pthread_create(&server->thread, NULL, serve, server) == 0;
	return server->running;
}

void
tls_peer_stop(struct tls_peer *server)
{
	if (!server->running)
		return;
	shutdown(server->listening, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	server->running = false;
}

void
tls_peer_destroy(struct tls_peer *server)
{
	tls_peer_stop(server);
	close(server->listening);
	close(server->go[0]);
	close(server->go[1]);
	SSL_CTX_free(server->context);
}
