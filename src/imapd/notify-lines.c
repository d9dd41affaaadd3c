/* Lines of news: RFC 5465 5, RFC 5464 4.4.2. */
#include "imapd/notify-lines.h"
#include "imapd/metadata.h"
#include "imapd/rights.h"

/* --- writing ---------------------------------------------------------------------------
 */

/* Of one that is only subscribed to: it may be another's. */
static void
put_attributes_elsewhere(struct buffer *into, struct imapd_session *session,
	struct slice name, struct arena *arena)
{
	struct post_place place;
	bool shown = !imapd_place(session, name, IMAPD_LOOKS, arena, &place) &&
		     place.owner != POST_OWN && place.exists &&
		     place.rights & WIRE_RIGHT_LOOKUP;
	buffer_put_text(into, !shown               ? "\\NonExistent"
			      : place.has_children ? "\\HasChildren"
						   : "\\HasNoChildren");
}

/* RFC 5465 5.4: what is no mailbox (any more) is \NonExistent. */
static void
put_attributes(struct buffer *into, const struct imapd_notices *notices, struct slice name)
{
	struct post_mailbox_info info;
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	bool subscribed = post_names_subscribed(notices->names, name);
	const char *use = "";
	if (post_names_find(notices->names, name, arena, &info)) {
		use = imapd_use_name(info.use);
		buffer_printf(into, "%s%s",
			info.selectable ? "" : "\\NonExistent \\Noselect ",
			info.has_children ? "\\HasChildren" : "\\HasNoChildren");
	} else {
		put_attributes_elsewhere(into, notices->session, name, arena);
	}
	buffer_printf(
		into, "%s%s%s", subscribed ? " \\Subscribed" : "", *use ? " " : "", use);
}

static void
put_list(struct buffer *into, const struct imapd_notices *notices,
	const struct imapd_notice *notice)
{
	bool utf8 = imapd_speaks_utf8(notices->session);
	buffer_put_text(into, "* LIST (");
	if (slice_absent(notice->attributes))
		put_attributes(into, notices, notice->name);
	else
		buffer_put(into, notice->attributes);
	buffer_printf(into, ") \"%c\" ", POST_SEPARATOR);
	wire_imap_put_mailbox(into, notice->name, utf8);
	if (!slice_absent(notice->old_name)) {
		buffer_put_text(into, " (\"OLDNAME\" (");
		wire_imap_put_mailbox(into, notice->old_name, utf8);
		buffer_put_text(into, "))");
	}
	buffer_put_text(into, "\r\n");
}

/* RFC 5464 4.4.2: names, no values. */
static void
put_entries(struct buffer *into, const struct imapd_notices *notices,
	const struct imapd_notice *notice)
{
	buffer_put_text(into, "* METADATA ");
	wire_imap_put_mailbox(into, notice->name, imapd_speaks_utf8(notices->session));
	for (size_t i = 0; i < notice->count; i++) {
		buffer_put_byte(into, ' ');
		wire_imap_put_astring(into, notice->entries[i], false);
	}
	buffer_put_text(into, "\r\n");
}

static void
put_notice(struct buffer *into, const struct imapd_notices *notices,
	const struct imapd_notice *notice)
{
	switch (notice->kind) {
	case IMAPD_NOTICE_STATUS:
		/* One that is gone meanwhile has no numbers. */
		if (imapd_put_status(notices->session, into, notice->name, notice->items))
			return;
		break;
	case IMAPD_NOTICE_LIST:
		put_list(into, notices, notice);
		break;
	case IMAPD_NOTICE_METADATA:
		put_entries(into, notices, notice);
		break;
	}
}

static bool
fill(struct imapd_lines *lines, struct buffer *into)
{
	struct imapd_notices *notices = (struct imapd_notices *)lines;
	while (notices->put < notices->count && into->length < IMAPD_LINES_FILL)
		put_notice(into, notices, &notices->all[notices->put++]);
	return notices->put < notices->count;
}

/* --- gathering -------------------------------------------------------------------------
 */

static void
release(struct imapd_lines *lines)
{
	imapd_notices_drop((struct imapd_notices *)lines);
}

void
imapd_notices_drop(struct imapd_notices *notices)
{
	post_names_drop(notices->names);
	arena_destroy(notices->arena);
}

struct imapd_notices *
imapd_notices_new(struct imapd_session *session, struct post_account *account)
{
	struct arena *arena = arena_create(ARENA_NO_CEILING);
	struct imapd_notices *notices = ARENA_NEW(arena, struct imapd_notices);
	*notices = (struct imapd_notices){.lines = {.fill = fill, .release = release},
		.arena = arena,
		.session = session};
	if (post_names_now(account, &notices->names)) {
		arena_destroy(arena);
		return NULL;
	}
	return notices;
}

struct imapd_notice *
imapd_notice_add(struct imapd_notices *notices)
{
	if (notices->count == notices->room) {
		notices->room = notices->room ? 2 * notices->room : 16;
		struct imapd_notice *moved =
			ARENA_MANY(notices->arena, struct imapd_notice, notices->room);
		if (notices->count)
			memcpy(moved, notices->all, notices->count * sizeof *moved);
		notices->all = moved;
	}
	return &notices->all[notices->count++];
}

static bool
is_listed(const struct imapd_notices *notices, struct slice name)
{
	for (size_t i = notices->count; i-- > 0;)
		if (notices->all[i].kind == IMAPD_NOTICE_LIST &&
			slice_equal(notices->all[i].name, name))
			return true;
	return false;
}

void
imapd_notice_add_list(struct imapd_notices *notices, struct slice name,
	struct slice old_name, struct slice attributes)
{
	if (!slice_empty(name) && !is_listed(notices, name))
		*imapd_notice_add(notices) =
			(struct imapd_notice){.kind = IMAPD_NOTICE_LIST,
				.name = name,
				.old_name = old_name,
				.attributes = attributes};
}

void
imapd_notices_hand_over(struct imapd_notices *notices)
{
	if (notices->count)
		imapd_put_lines(notices->session, &notices->lines);
	else
		imapd_notices_drop(notices);
}
