#include "imapd/lines.h"

struct rows {
	struct imapd_lines lines;
	struct post_view *view, *flagged; /* flagged may be NULL */
	struct post_uids *uids;
	struct post_uids_cursor *walk; /* ascending */
	uint32_t left;                 /* descending: how many are to come */
	struct imapd_numbering numbering;
	struct post_uids *recent; /* NULL: none */
	uint64_t modseq;          /* of SEARCH; 0: not told */
	bool as_uids, begun, earlier, uid_only, tells_flags, tells_modseq;
};

static void
release(struct imapd_lines *lines)
{
	struct rows *rows = (struct rows *)lines;
	post_uids_cursor_destroy(rows->walk);
	post_uids_destroy(rows->uids);
	post_uids_destroy(rows->recent);
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

/* RFC 7162 3.2.10: the line is ended and begun anew before it is too long. */
static bool
fill_vanished(struct imapd_lines *lines, struct buffer *into)
{
	struct rows *rows = (struct rows *)lines;
	uint32_t first = rows->numbering.uid, last = rows->numbering.number;
	bool more = false;
	buffer_put_text(into, rows->earlier ? "* VANISHED (EARLIER)" : "* VANISHED");
	char blank = ' ';
	while (into->length < IMAPD_LINES_FILL &&
		(more = post_uids_next_range(rows->uids, &first, &last))) {
		buffer_put_byte(into, blank);
		buffer_put_number(into, first);
		if (last != first)
			buffer_printf(into, ":%u", last);
		blank = ',';
	}
	buffer_put_text(into, "\r\n");
	rows->numbering = (struct imapd_numbering){.uid = first, .number = last};
	return more && post_uids_next(rows->uids, last);
}

void
imapd_put_vanished(
	struct imapd_session *session, const struct post_uids *vanished, bool earlier)
{
	if (post_uids_empty(vanished))
		return;
	struct rows *rows = rows_new(fill_vanished, session->selected->view, vanished);
	rows->earlier = earlier;
	imapd_put_lines(session, &rows->lines);
}

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
	if (imapd_is_on(session, IMAPD_QRESYNC | IMAPD_UIDONLY)) {
		imapd_put_vanished(session, vanished, false);
		return;
	}
	struct rows *rows = rows_new(fill_expunges, view, vanished);
	rows->left = post_uids_count(rows->uids);
	imapd_put_lines(session, &rows->lines);
}

/* --- FLAGS -----------------------------------------------------------------------------
 */

void
imapd_put_row_head(
	struct buffer *into, struct imapd_numbering *numbering, uint32_t uid, bool uid_only)
{
	buffer_put_text(into, "* ");
	buffer_put_number(into, uid_only ? uid : imapd_number_of(numbering, uid));
	buffer_put_text(into, uid_only ? " UIDFETCH (" : " FETCH (");
}

static void
put_flag_row(struct rows *rows, struct buffer *into, uint32_t uid)
{
	imapd_put_row_head(into, &rows->numbering, uid, rows->uid_only);
	buffer_put_text(into, "UID ");
	buffer_put_number(into, uid);
	if (rows->tells_flags) {
		buffer_put_text(into, " FLAGS ");
		imapd_put_flags(into, rows->flagged, rows->flagged, uid, rows->recent);
	}
	if (rows->tells_modseq) {
		buffer_put_byte(into, ' ');
		imapd_put_modseq(into, rows->flagged, uid);
	}
	buffer_put_text(into, ")\r\n");
}

static bool
fill_flags(struct imapd_lines *lines, struct buffer *into)
{
	struct rows *rows = (struct rows *)lines;
	while (into->length < IMAPD_LINES_FILL) {
		uint32_t uid = post_uids_cursor_next(rows->walk);
		if (!uid)
			return false;
		put_flag_row(rows, into, uid);
	}
	return true;
}

static void
put_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids, bool tells_flags)
{
	struct rows *rows = rows_new(fill_flags, numbered, uids);
	rows->flagged = post_view_hold(flagged);
	const struct post_uids *recent = imapd_recent(session);
	rows->recent = recent ? post_uids_copy(recent) : NULL;
	rows->uid_only = imapd_is_on(session, IMAPD_UIDONLY);
	rows->tells_flags = tells_flags;
	rows->tells_modseq = imapd_is_on(session, IMAPD_CONDSTORE);
	post_uids_and(rows->uids, post_view_uids(numbered));
	post_uids_and(rows->uids, post_view_uids(flagged));
	rows->walk = post_uids_walk(rows->uids);
	imapd_put_lines(session, &rows->lines);
}

void
imapd_put_flag_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids)
{
	put_rows(session, numbered, flagged, uids, true);
}

void
imapd_put_modseq_rows(struct imapd_session *session, struct post_view *numbered,
	struct post_view *flagged, const struct post_uids *uids)
{
	put_rows(session, numbered, flagged, uids, false);
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
			if (rows->modseq)
				buffer_printf(into, " (MODSEQ %llu)",
					(unsigned long long)rows->modseq);
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
	const struct post_uids *found, bool as_uids, uint64_t modseq)
{
	struct rows *rows = rows_new(fill_found, view, found);
	rows->as_uids = as_uids;
	rows->modseq = modseq;
	rows->walk = post_uids_walk(rows->uids);
	imapd_put_lines(session, &rows->lines);
}
