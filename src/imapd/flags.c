/* Flags to and from the client: RFC 3501 2.3.2, 7.2.6. */
#include "imapd/rights.h"

enum { LINES_MOST = 64 * 1024 };

size_t
imapd_flag_names(
	struct arena *arena, const struct wire_imap_flags *flags, struct slice **names)
{
	size_t count = 0;
	*names = ARENA_MANY(arena, struct slice, flags->keyword_count + POST_SYSTEM_FLAGS);
	for (unsigned bit = 1; bit <= WIRE_IMAP_DRAFT; bit <<= 1)
		if (flags->system & bit)
			(*names)[count++] =
				wire_imap_system_flag_name((enum wire_imap_system_flag)bit);
	for (size_t i = 0; i < flags->keyword_count; i++)
		(*names)[count++] = flags->keywords[i];
	return count;
}

bool
imapd_put_flags(struct buffer *into, const struct post_view *view,
	const struct post_view *named, uint32_t uid, const struct post_uids *recent)
{
	struct post_flags flags = post_view_flags(view, uid);
	bool first = true;
	buffer_put_byte(into, '(');
	for (unsigned word = 0; word < POST_FLAG_WORDS; word++)
		for (uint64_t left = flags.words[word]; left; left &= left - 1) {
			unsigned number = word * 64 + (unsigned)__builtin_ctzll(left);
			if (post_flag_number_in(view, number, named) < 0)
				continue;
			if (!first)
				buffer_put_byte(into, ' ');
			buffer_put(into, post_flag_name(view, number));
			first = false;
		}
	if (recent && post_uids_has(recent, uid))
		buffer_put_text(into, first ? "\\Recent" : " \\Recent");
	return buffer_put_byte(into, ')');
}

bool
imapd_put_modseq(struct buffer *into, const struct post_view *view, uint32_t uid)
{
	buffer_put_text(into, "MODSEQ (");
	buffer_put_number(into, post_view_modseq_of(view, uid));
	return buffer_put_byte(into, ')');
}

/* RFC 4314 5.2: those that may be changed, in PERMANENTFLAGS. */
static void
put_known_flags(struct buffer *into, const struct post_view *view, unsigned rights)
{
	static const struct slice system_flags[] = {SLICE_INIT("\\Answered"),
		SLICE_INIT("\\Flagged"), SLICE_INIT("\\Deleted"), SLICE_INIT("\\Seen"),
		SLICE_INIT("\\Draft")};
	struct slice allowed[sizeof system_flags / sizeof *system_flags];
	size_t count = imapd_allowed_flags(
		rights, system_flags, sizeof system_flags / sizeof *system_flags, allowed);
	buffer_put_byte(into, '(');
	for (size_t i = 0; i < count; i++) {
		buffer_put_text(into, i ? " " : "");
		buffer_put(into, allowed[i]);
	}
	if (!(rights & WIRE_RIGHT_WRITE))
		return;
	for (unsigned i = 0; i < post_view_keywords(view); i++) {
		buffer_put_byte(into, ' ');
		buffer_put(into, post_view_keyword(view, i));
	}
}

/* "\*": a new keyword can be made, while the table has room for one. */
static void
put_permanent_flags(struct buffer *into, const struct post_view *view, unsigned rights)
{
	put_known_flags(into, view, rights);
	if (post_view_takes_keyword(view) && rights & WIRE_RIGHT_WRITE)
		buffer_put_text(into, " \\*");
	buffer_put_text(into, ")] These are kept");
}

void
imapd_put_mailbox_flags(struct imapd_session *session, const struct post_view *view)
{
	struct imapd_selected *selected = session->selected;
	SCOPED(buffer_free) struct buffer line = buffer_with(LINES_MOST);
	SCOPED(buffer_free) struct buffer text = buffer_with(LINES_MOST);
	buffer_put_text(&line, "* FLAGS ");
	put_known_flags(&line, view, WIRE_RIGHTS_ALL);
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
	buffer_put_text(&text, "[PERMANENTFLAGS ");
	if (selected->read_only)
		buffer_put_text(&text, "()] No flag can be changed");
	else
		put_permanent_flags(&text, view, selected->rights);
	imapd_put_said(session, "* OK ", buffer_slice(&text));
	selected->keywords_told = post_view_keywords_modseq(view);
	selected->told_room = post_view_takes_keyword(view);
}
