#include "imapd/lines.h"

struct rows {
	struct imapd_lines lines;
	struct post_view *view, *flagged; /* flagged may be NULL */
	struct post_uids *uids;
	struct post_uids_cursor *walk; /* ascending */
	uint32_t left;                 /* descending: how many are to come */
	struct imapd_numbering numbering;
	uint32_t recent_from;
	bool as_uids, begun;
};

static void
release(struct imapd_lines *lines)
{
	struct rows *rows = (struct rows *)lines;
	post_uids_cursor_destroy(rows->walk);
	post_uids_destroy(rows->uids);
	post_view_drop(rows->view);
	post_view_drop(rows->flagged);
	free(rows);
}

static struct rows *
rows_new(bool (*fill)(struct imapd_lines *, struct buffer *), struct post_view *view,
	const struct post_uids *uids)
{
	struct rows *rows = malloc(sizeof *rows);
	ASSERT(rows);
	*rows = (struct rows){.lines = {.fill = fill, .release = release},
		.view = post_view_hold(view),
		.uids = post_uids_copy(uids),
		.numbering = {.view = view}};
	return rows;
}

/* --- EXPUNGE ---------------------------------------------------------------------------
 */

static bool
fill_expunges(struct imapd_lines *lines, struct buffer *into)
{
	struct rows *rows = (struct rows *)lines;
	for (; rows->left && into->length < IMAPD_LINES_FILL; rows->left--) {
		uint32_t uid = post_uids_at(rows->uids, rows->left);
		buffer_put_text(into, "* ");
		buffer_put_number(into, post_view_sequence(rows->view, uid));
		buffer_put_text(into, " EXPUNGE\r\n");
	}
	return rows->left;
}

void
imapd_put_expunges(struct imapd_session *session, struct post_view *view,
	const struct post_uids *vanished)
{
	struct rows *rows = rows_new(fill_expunges, view, vanished);
	rows->left = post_uids_count(rows->uids);
	imapd_put_lines(session, &rows->lines);
}

/* --- FLAGS -----------------------------------------------------------------------------
 */

static bool
fill_flags(struct imapd_lines *lines, struct buffer *into)
{
	struct rows *rows = (struct rows *)lines;
	while (into->length < IMAPD_LINES_FILL) {
		uint32_t uid = post_uids_cursor_next(rows->walk);
		if (!uid)
			return false;
		buffer_put_text(into, "* ");
		buffer_put_number(into, imapd_number_of(&rows->numbering, uid));
		buffer_put_text(into, " FETCH (UID ");
		buffer_put_number(into, uid);
		buffer_put_text(into, " FLAGS ");
		imapd_put_flags(into, rows->flagged, uid, rows->recent_from);
		buffer_put_text(into, ")\r\n");
	}
	return true;
}

void
imapd_put_flag_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids)
{
	struct rows *rows = rows_new(fill_flags, numbered, uids);
	rows->flagged = post_view_hold(flagged);
	rows->recent_from = session->selected->recent_from;
	post_uids_and(rows->uids, post_view_uids(numbered));
	post_uids_and(rows->uids, post_view_uids(flagged));
	rows->walk = post_uids_walk(rows->uids);
	imapd_put_lines(session, &rows->lines);
}

/* --- SEARCH ----------------------------------------------------------------------------
 */

/* One line, in as many fills as it takes. */
static bool
fill_found(struct imapd_lines *lines, struct buffer *into)
{
	struct rows *rows = (struct rows *)lines;
	if (!rows->begun)
		buffer_put_text(into, "* SEARCH");
	rows->begun = true;
	while (into->length < IMAPD_LINES_FILL) {
		uint32_t uid = post_uids_cursor_next(rows->walk);
		if (!uid) {
			buffer_put_text(into, "\r\n");
			return false;
		}
		buffer_put_byte(into, ' ');
		buffer_put_number(
			into, rows->as_uids ? uid : imapd_number_of(&rows->numbering, uid));
	}
	return true;
}

void
imapd_put_found(struct imapd_session *session, struct post_view *view,
	const struct post_uids *found, bool as_uids)
{
	struct rows *rows = rows_new(fill_found, view, found);
	rows->as_uids = as_uids;
	rows->walk = post_uids_walk(rows->uids);
	imapd_put_lines(session, &rows->lines);
}
