#include "net/unsent.h"
#include "net/deflate.h"
#include "net/runtime.h"

void
net_unsent_start(struct net_unsent *unsent, size_t most)
{
	*unsent = (struct net_unsent){.most = most};
	ASSERT(pthread_mutex_init(&unsent->lock, NULL) == 0);
}

void
net_unsent_stop(struct net_unsent *unsent)
{
	pthread_mutex_destroy(&unsent->lock);
}

/* --- the list, under the lock -----------------------------------------------------------
 */

static void
take_out(struct net_unsent *unsent, struct net_session *session)
{
	struct net_unsent_entry *entry = &session->unsent;
	*(entry->older ? &entry->older->unsent.newer : &unsent->oldest) = entry->newer;
	*(entry->newer ? &entry->newer->unsent.older : &unsent->newest) = entry->older;
	unsent->bytes -= entry->bytes;
	*entry = (struct net_unsent_entry){0};
}

static void
put_last(struct net_unsent *unsent, struct net_session *session)
{
	session->unsent =
		(struct net_unsent_entry){.older = unsent->newest, .listed = true};
	*(unsent->newest ? &unsent->newest->unsent.newer : &unsent->oldest) = session;
	unsent->newest = session;
}

static void
count(struct net_unsent *unsent, struct net_session *session, size_t bytes)
{
	unsent->bytes += bytes - session->unsent.bytes;
	session->unsent.bytes = bytes;
}

/* Out of the list with them: what they hold is as good as gone. */
static void
evict_surplus(struct net_unsent *unsent)
{
	while (unsent->bytes > unsent->most && unsent->oldest) {
		struct net_session *session = unsent->oldest;
		take_out(unsent, session);
		net_session_tell(session, NET_HAPPENED_EVICT);
	}
}

/* --- for the session's worker -----------------------------------------------------------
 */

void
net_unsent_note(struct net_session *session, bool moved)
{
	struct net_unsent *unsent = &session->net->unsent;
	size_t bytes = session->output.size + net_deflate_unsent(session->deflate);
	if (bytes == 0) {
		net_unsent_forget(session);
		return;
	}
	session->was_unsent = true;
	pthread_mutex_lock(&unsent->lock);
	if (moved && session->unsent.listed)
		take_out(unsent, session);
	if (!session->unsent.listed)
		put_last(unsent, session);
	count(unsent, session, bytes);
	evict_surplus(unsent);
	pthread_mutex_unlock(&unsent->lock);
}

void
net_unsent_forget(struct net_session *session)
{
	struct net_unsent *unsent = &session->net->unsent;
	if (!session->was_unsent)
		return;
	session->was_unsent = false;
	pthread_mutex_lock(&unsent->lock);
	if (session->unsent.listed)
		take_out(unsent, session);
	pthread_mutex_unlock(&unsent->lock);
}

size_t
net_unsent_bytes(struct net_unsent *unsent)
{
	pthread_mutex_lock(&unsent->lock);
	size_t bytes = unsent->bytes;
	pthread_mutex_unlock(&unsent->lock);
	return bytes;
}
