#include "net/listener.h"
#include "net/runtime.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

/* --- refusing ---------------------------------------------------------------------------
 */

static void
count_refusal(struct net *net, const struct net_listener *listener,
	enum net_admission admission, const struct net_address *peer)
{
	char text[NET_ADDRESS_TEXT_MOST];
	base_metric_add(net->listeners.refused[admission], 1);
	LOG(net_log(net), BASE_LOG_DEBUG, "net.refused",
		LOG_STRING("listener", listener->settings.name),
		LOG_TEXT("peer", net_address_text(peer, text)),
		LOG_STRING("over", net_admission_name(admission)));
}

/* Says busy in the clear, where the peer expects the clear, and closes. */
static void
refuse(const struct net_listener *listener, int descriptor)
{
	struct slice busy = listener->settings.protocol->busy;
	if (!listener->settings.implicit_tls && busy.length)
		if (send(descriptor, busy.data, busy.length, MSG_DONTWAIT | MSG_NOSIGNAL) >=
			0)
			shutdown(descriptor, SHUT_WR);
	close(descriptor);
}

/* No descriptor is left: the spare one serves to tell the peer so. False: not even that. */
static bool
refuse_by_spare(struct net *net, struct net_listener *listener)
{
	struct net_listeners *listeners = &net->listeners;
	bool refused = false;
	pthread_mutex_lock(&listeners->lock);
	if (listeners->spare >= 0) {
		close(listeners->spare);
		int descriptor =
			accept4(listener->settings.descriptor, NULL, NULL, SOCK_CLOEXEC);
		refused = descriptor >= 0;
		if (refused)
			refuse(listener, descriptor);
	}
	listeners->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pthread_mutex_unlock(&listeners->lock);
	if (refused)
		count_refusal(
			net, listener, NET_OVER_DESCRIPTORS, &(struct net_address){0});
	return refused;
}

/* --- accepting --------------------------------------------------------------------------
 */

/* NULL: refused. */
static struct net_session *
welcome(struct net *net, struct net_listener *listener, int descriptor,
	const struct net_address *peer)
{
	struct net_budget_entry *address, *network;
	enum net_admission admission =
		net_budget_enter(net->budget, peer, net_now(net), &address, &network);
	if (admission != NET_ADMITTED) {
		count_refusal(net, listener, admission, peer);
		refuse(listener, descriptor);
		return NULL;
	}
	struct net_session *session = net_slots_take(&net->slots, net);
	if (!session) {
		net_budget_leave(net->budget, address, network);
		count_refusal(net, listener, NET_OVER_SESSIONS, peer);
		refuse(listener, descriptor);
		return NULL;
	}
	session->descriptor = descriptor;
	session->listener = listener;
	session->address_budget = address;
	session->network_budget = network;
	session->peer = *peer;
	base_metric_add(listener->accepted, 1);
	base_metric_add(listener->sessions, 1);
	net_run_prepare(session);
	return session;
}

/* False: stop for now. True with *session NULL: that one was refused, or broke. */
static bool
accept_one(struct net *net, struct net_listener *listener, struct net_session **session)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof storage;
	struct sockaddr *from = (struct sockaddr *)(void *)&storage;
	int descriptor = accept4(
		listener->settings.descriptor, from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (descriptor >= 0) {
		struct net_address peer;
		net_address_of(from, length, &peer);
		*session = welcome(net, listener, descriptor, &peer);
		return true;
	}
	switch (errno) {
	case EAGAIN:
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		listener->paused = !refuse_by_spare(net, listener);
		return !listener->paused;
	default:
		return true; /* that connection broke; the next may be whole */
	}
}

/* Under the listener's lock. */
static void
arm(struct net *net, struct net_listener *listener, int how)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
	event.data.u64 = NET_EVENT_LISTENER | listener->index;
	listener->paused =
		epoll_ctl(net->epoll, how, listener->settings.descriptor, &event) != 0;
}

/*
 * One, which the worker then runs itself: waking another for it would cost more. Whoever
 * waits behind it wakes the next worker as soon as the listener is armed again.
 */
void
net_listener_accept(struct net_worker *worker, uint32_t index)
{
	struct net *net = worker->net;
	struct net_listener *listener = atomic_load(&net->listeners.all[index]);
	struct net_session *session = NULL;
	pthread_mutex_lock(&listener->lock);
	if (listener->settings.descriptor >= 0) {
		for (int i = 0; i < NET_REFUSED_AT_ONCE && !session; i++)
			if (!accept_one(net, listener, &session))
				break;
		if (!listener->paused)
			arm(net, listener, EPOLL_CTL_MOD);
	}
	pthread_mutex_unlock(&listener->lock);
	if (session)
		net_run(worker, session);
}

/* --- all of them ------------------------------------------------------------------------
 */

static void
arm_each(struct net *net, bool only_paused, int how)
{
	for (unsigned i = 0; i < atomic_load(&net->listeners.count); i++) {
		struct net_listener *listener = atomic_load(&net->listeners.all[i]);
		pthread_mutex_lock(&listener->lock);
		if (listener->settings.descriptor >= 0 &&
			(listener->paused || !only_paused))
			arm(net, listener, how);
		pthread_mutex_unlock(&listener->lock);
	}
}

void
net_listeners_arm_all(struct net *net)
{
	arm_each(net, false, EPOLL_CTL_ADD);
}

void
net_listeners_arm_paused(struct net *net)
{
	arm_each(net, true, EPOLL_CTL_MOD);
}

void
net_listeners_close_all(struct net *net)
{
	for (unsigned i = 0; i < atomic_load(&net->listeners.count); i++) {
		struct net_listener *listener = atomic_load(&net->listeners.all[i]);
		pthread_mutex_lock(&listener->lock);
		if (listener->settings.descriptor >= 0)
			close(listener->settings.descriptor);
		listener->settings.descriptor = -1;
		pthread_mutex_unlock(&listener->lock);
	}
}

bool
net_listeners_create(struct net *net)
{
	struct net_listeners *listeners = &net->listeners;
	ASSERT(pthread_mutex_init(&listeners->lock, NULL) == 0);
	ASSERT(pthread_mutex_init(&listeners->table_lock, NULL) == 0);
	listeners->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (int i = NET_OVER_ADDRESS; i < NET_ADMISSIONS; i++) {
		char labels[64];
		snprintf(labels, sizeof labels, "over=\"%s\"",
			net_admission_name((enum net_admission)i));
		listeners->refused[i] = base_metrics_counter(net->settings.metrics,
			"troika_net_refused_total", labels, "Connections refused.");
	}
	return listeners->spare >= 0;
}

void
net_listeners_destroy(struct net *net)
{
	net_listeners_close_all(net);
	for (unsigned i = 0; i < atomic_load(&net->listeners.count); i++) {
		struct net_listener *listener = atomic_load(&net->listeners.all[i]);
		pthread_mutex_destroy(&listener->lock);
		free(listener);
	}
	if (net->listeners.spare >= 0)
		close(net->listeners.spare);
	pthread_mutex_destroy(&net->listeners.lock);
	pthread_mutex_destroy(&net->listeners.table_lock);
}

static void
add_metrics(struct net *net, struct net_listener *listener)
{
	char labels[96];
	snprintf(labels, sizeof labels, "listener=\"%.60s\"", listener->settings.name);
	struct base_metrics *metrics = net->settings.metrics;
	listener->accepted = base_metrics_counter(
		metrics, "troika_net_accepted_total", labels, "Connections accepted.");
	listener->sessions =
		base_metrics_gauge(metrics, "troika_net_sessions", labels, "Sessions now.");
	listener->handshake_failures =
		base_metrics_counter(metrics, "troika_net_handshake_failures_total", labels,
			"TLS handshakes that failed.");
}

/* Accepted sockets inherit these. */
static void
set_options(int descriptor)
{
	int on = 1, unsent = NET_UNSENT_MOST;
	fcntl(descriptor, F_SETFL, O_NONBLOCK);
	/* A UNIX socket knows none of them, and needs none. */
	setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

static bool
same_text(const char *a, const char *b)
{
	return slice_equal(slice_of_text(a), slice_of_text(b));
}

/* One that was closed and differs in nothing but the descriptor: sessions keep pointing to
 * it. */
static struct net_listener *
find_closed(struct net *net, const struct net_listener_settings *wanted)
{
	for (unsigned i = 0; i < net->listeners.count; i++) {
		struct net_listener *listener = net->listeners.all[i];
		const struct net_listener_settings *had = &listener->settings;
		pthread_mutex_lock(&listener->lock);
		bool fits = had->descriptor < 0 && same_text(had->name, wanted->name) &&
			    had->implicit_tls == wanted->implicit_tls &&
			    had->offers_tls == wanted->offers_tls &&
			    had->protocol == wanted->protocol &&
			    had->owner == wanted->owner;
		pthread_mutex_unlock(&listener->lock);
		if (fits)
			return listener;
	}
	return NULL;
}

static struct net_listener *
add_listener(struct net *net, const struct net_listener_settings *settings)
{
	if (net->listeners.count == NET_LISTENERS_MOST)
		return NULL;
	struct net_listener *listener = calloc(1, sizeof *listener);
	ASSERT(listener);
	ASSERT(pthread_mutex_init(&listener->lock, NULL) == 0);
	listener->settings = *settings;
	listener->settings.descriptor = -1;
	listener->index = net->listeners.count;
	add_metrics(net, listener);
	atomic_store(&net->listeners.all[listener->index], listener);
	net->listeners.count++;
	return listener;
}

/* Under the table's lock. Open or not; NULL when there are too many. */
static struct net_listener *
have_listener(struct net *net, const struct net_listener_settings *settings)
{
	struct net_listener *listener = find_closed(net, settings);
	return listener ? listener : add_listener(net, settings);
}

static enum base_failure
too_many(const struct net_listener_settings *settings, struct base_error *error)
{
	close(settings->descriptor);
	return base_fail(error, BASE_TOO_LARGE, "%s: more than %d listeners",
		settings->name, NET_LISTENERS_MOST);
}

enum base_failure
net_listen(struct net *net, const struct net_listener_settings *settings,
	struct base_error *error)
{
	set_options(settings->descriptor);
	pthread_mutex_lock(&net->listeners.table_lock);
	struct net_listener *listener = have_listener(net, settings);
	if (listener) {
		pthread_mutex_lock(&listener->lock);
		listener->settings.descriptor = settings->descriptor;
		if (net->started)
			arm(net, listener, EPOLL_CTL_ADD);
		pthread_mutex_unlock(&listener->lock);
	}
	pthread_mutex_unlock(&net->listeners.table_lock);
	return listener ? BASE_OK : too_many(settings, error);
}

/* Others may have the socket open too, so closing alone would leave it in the epoll set. */
static bool
close_listener(struct net *net, struct net_listener *listener, int descriptor)
{
	pthread_mutex_lock(&listener->lock);
	bool found = listener->settings.descriptor == descriptor;
	if (found) {
		epoll_ctl(net->epoll, EPOLL_CTL_DEL, descriptor, NULL);
		close(descriptor);
		listener->settings.descriptor = -1;
	}
	pthread_mutex_unlock(&listener->lock);
	return found;
}

bool
net_unlisten(struct net *net, int descriptor)
{
	ASSERT(descriptor >= 0);
	bool found = false;
	pthread_mutex_lock(&net->listeners.table_lock);
	for (unsigned i = 0; i < net->listeners.count && !found; i++)
		found = close_listener(net, net->listeners.all[i], descriptor);
	pthread_mutex_unlock(&net->listeners.table_lock);
	return found;
}

enum base_failure
net_adopt(struct net *net, const struct net_listener_settings *settings,
	struct base_error *error)
{
	ASSERT(net->started);
	set_options(settings->descriptor);
	pthread_mutex_lock(&net->listeners.table_lock);
	struct net_listener *listener = have_listener(net, settings);
	pthread_mutex_unlock(&net->listeners.table_lock);
	if (!listener)
		return too_many(settings, error);
	struct net_session *session = welcome(
		net, listener, settings->descriptor, &(const struct net_address){0});
	if (!session)
		return base_fail(
			error, BASE_UNAVAILABLE, "%s: too many sessions", settings->name);
	net_session_requeue(session);
	return BASE_OK;
}
