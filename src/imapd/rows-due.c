/* Data of new messages, between commands: RFC 5465 5.2, 7. */
#include "imapd/rows-due.h"
#include "imapd/fetch.h"

enum { LINES_MOST = 1024 * 1024, MESSAGE_MEMORY = 64 * 1024 * 1024 };

/* Messages whose data are due, by the items that were asked for. */
struct due {
	struct due *next;
	const struct wire_imap_fetch_item *items;
	size_t count;
	struct post_uids *uids;
};

struct imapd_rows_due {
	struct due *first;
	struct imapd_fetching *fetching; /* the first's, on their way; or NULL */
	enum net_next (*resume)(struct imapd_session *session); /* behind them */
};

static struct due *
find_or_add(struct imapd_session *session, const struct wire_imap_fetch_item *items)
{
	struct due **link = &session->rows_due->first;
	while (*link && (*link)->items != items)
		link = &(*link)->next;
	if (*link)
		return *link;
	struct due *due = calloc(1, sizeof *due);
	ASSERT(due);
	due->items = items;
	due->uids = post_uids_create();
	return *link = due;
}

void
imapd_rows_due_add(struct imapd_session *session, const struct wire_imap_fetch_item *items,
	size_t count, const struct post_uids *uids)
{
	if (!count || post_uids_empty(uids))
		return;
	if (!session->rows_due)
		session->rows_due = calloc(1, sizeof *session->rows_due);
	ASSERT(session->rows_due);
	struct due *due = find_or_add(session, items);
	due->count = count;
	post_uids_or(due->uids, uids);
}

static void
fetching_end(struct imapd_fetching *fetching)
{
	if (!fetching)
		return;
	post_uids_destroy(fetching->uids);
	post_view_drop(fetching->view);
	post_view_drop(fetching->newest);
	buffer_free(&fetching->lines);
	arena_destroy(fetching->message);
	free(fetching);
}

static void
drop(struct due **link)
{
	struct due *due = *link;
	*link = due->next;
	post_uids_destroy(due->uids);
	free(due);
}

void
imapd_rows_due_drop(struct imapd_session *session, const struct wire_imap_fetch_item *items)
{
	struct imapd_rows_due *rows = session->rows_due;
	if (!rows)
		return;
	for (struct due **link = &rows->first; *link;)
		if (!items || (*link)->items == items)
			drop(link);
		else
			link = &(*link)->next;
	if (rows->first)
		return;
	fetching_end(rows->fetching);
	free(rows);
	session->rows_due = NULL;
}

/* --- writing ---------------------------------------------------------------------------
 */

/* As the client numbers them now; what is gone meanwhile has no row. */
static struct imapd_fetching *
fetching_new(struct imapd_session *session, const struct due *due)
{
	struct imapd_fetching *fetching = calloc(1, sizeof *fetching);
	ASSERT(fetching);
	fetching->session = session;
	fetching->wanted.items = (struct wire_imap_fetch_item *)(uintptr_t)due->items;
	fetching->wanted.count = due->count;
	fetching->view = post_view_hold(session->selected->view);
	fetching->newest = post_view_newest(session->selected->mailbox);
	fetching->numbering.view = fetching->view;
	/* RFC 9586 3.3: where rows go by UIDs, it is there already. */
	fetching->tells_uid = !imapd_is_on(session, IMAPD_UIDONLY);
	fetching->tells_flags = imapd_fetch_asks_for(fetching, WIRE_IMAP_FETCH_FLAGS);
	fetching->message = arena_create(MESSAGE_MEMORY);
	fetching->lines = buffer_with(LINES_MOST);
	fetching->uids = post_uids_copy(due->uids);
	post_uids_and(fetching->uids, post_view_uids(fetching->view));
	return fetching;
}

static void
begin(struct imapd_session *session)
{
	struct imapd_rows_due *rows = session->rows_due;
	rows->fetching = fetching_new(session, rows->first);
	if (rows->fetching->tells_flags)
		imapd_tell_keywords(session, rows->fetching->newest);
}

/* The first is done: true when there is another. */
static bool
go_to_next(struct imapd_session *session)
{
	struct imapd_rows_due *rows = session->rows_due;
	imapd_fetch_flush(rows->fetching);
	fetching_end(rows->fetching);
	rows->fetching = NULL;
	drop(&rows->first);
	if (rows->first)
		begin(session);
	return rows->first;
}

static enum net_next
rows_step(struct net_session *net, const struct net_event *event)
{
	struct imapd_session *session = imapd_session_of(net);
	if (event->why != NET_DRAINED && event->why != NET_AGAIN)
		return imapd_gone(session, event);
	if (!imapd_fetch_some(session->rows_due->fetching) || go_to_next(session))
		return NET_MORE;
	enum net_next (*resume)(struct imapd_session *) = session->rows_due->resume;
	imapd_rows_due_drop(session, NULL);
	return resume(session);
}

enum net_next
imapd_rows_due_put(struct imapd_session *session,
	enum net_next (*resume)(struct imapd_session *session))
{
	if (!session->rows_due || !session->selected)
		return resume(session);
	session->rows_due->resume = resume;
	begin(session);
	return imapd_drain(session, rows_step);
}
