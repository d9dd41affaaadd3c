#include "net/tls-server.h"
#include "net/runtime.h"
#include <openssl/err.h>
#include <sys/epoll.h>

struct slice
net_tls_reason(char into[256])
{
	unsigned long code = ERR_get_error();
	ERR_clear_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	snprintf(into, 256, "%s", reason ? reason : "the connection broke");
	return slice_of_text(into);
}

/* False: there is no certificate to show. */
static bool
begin(struct net_session *session)
{
	session->certificates = net_tls_hold(&session->net->tls);
	if (!session->certificates)
		return false;
	session->ssl = SSL_new(net_certificates_default(session->certificates));
	return session->ssl && SSL_set_fd(session->ssl, session->descriptor) == 1;
}

static enum net_shaken
finish(struct net_session *session)
{
	net_certificates_drop(session->certificates);
	session->certificates = NULL;
	session->secured = true;
	return NET_SHAKEN;
}

enum net_shaken
net_tls_shake(struct net_session *session, unsigned *events)
{
	ERR_clear_error();
	if (!session->ssl && !begin(session))
		return NET_SHAKE_FAILED;
	int result = SSL_accept(session->ssl);
	if (result == 1)
		return finish(session);
	switch (SSL_get_error(session->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*events = EPOLLIN;
		return NET_SHAKING;
	case SSL_ERROR_WANT_WRITE:
		*events = EPOLLOUT;
		return NET_SHAKING;
	default:
		return NET_SHAKE_FAILED;
	}
}

void
net_tls_end(struct net_session *session)
{
	if (session->secured && !session->broken)
		SSL_shutdown(session->ssl);
	SSL_free(session->ssl);
	ERR_clear_error();
	session->ssl = NULL;
	session->secured = false;
	net_certificates_drop(session->certificates);
	session->certificates = NULL;
}

bool
net_tls_offered(const struct net_session *session)
{
	return session->listener->settings.offers_tls && !session->ssl &&
	       net_tls_ready(&session->net->tls);
}

bool
net_secured(const struct net_session *session)
{
	return session->secured;
}

struct slice
net_tls_version(const struct net_session *session)
{
	return session->secured ? slice_of_text(SSL_get_version(session->ssl)) : SLICE_NONE;
}

struct slice
net_tls_cipher(const struct net_session *session)
{
	return session->secured ? slice_of_text(SSL_get_cipher_name(session->ssl))
				: SLICE_NONE;
}

struct slice
net_tls_server_name(const struct net_session *session)
{
	if (!session->secured)
		return SLICE_NONE;
	return slice_of_text(SSL_get_servername(session->ssl, TLSEXT_NAMETYPE_host_name));
}
