#include "admin/maildir.h"
#include "wire/utf7.h"

static const struct {
	char letter;
	struct slice name;
} letters[ADMIN_MAILDIR_FLAGS_MOST] = {
	{'D', SLICE_INIT("\\Draft")},
	{'F', SLICE_INIT("\\Flagged")},
	{'P', SLICE_INIT("$Forwarded")},
	{'R', SLICE_INIT("\\Answered")},
	{'S', SLICE_INIT("\\Seen")},
	{'T', SLICE_INIT("\\Deleted")},
};

static void
read_flags(struct slice name, struct admin_path *meaning)
{
	struct slice info = slice_from(name, slice_find(name, SLICE(":2,")));
	info = slice_from(info, 3);
	for (size_t i = 0; i < ADMIN_MAILDIR_FLAGS_MOST; i++)
		if (slice_find_byte(info, letters[i].letter) < info.length)
			meaning->flags[meaning->flag_count++] = letters[i].name;
}

/* Names that are no valid modified UTF-7 are taken as they are. */
static struct slice
decoded(struct arena *arena, struct slice name)
{
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(4096);
	if (wire_utf7_decode(name, &utf8))
		return arena_copy(arena, buffer_slice(&utf8));
	return name;
}

/* ".Work.Clients" is Work/Clients; "Work/Clients" is itself. */
static struct slice
mailbox_of(struct arena *arena, struct slice folder)
{
	if (slice_empty(folder))
		return SLICE("INBOX");
	struct slice name = decoded(arena, folder);
	if (name.data[0] != '.')
		return name;
	char *levels = arena_text(arena, slice_from(name, 1));
	for (char *at = levels; *at; at++)
		if (*at == '.')
			*at = '/';
	return slice_of_text(levels);
}

static bool
starts_with_dot(struct slice name)
{
	return slice_starts(name, SLICE("."));
}

static bool
has_ending(struct slice name)
{
	return slice_find_last_byte(name, '.') < name.length;
}

static bool
read_maildir(struct arena *arena, struct slice folder, struct slice place,
	struct slice name, struct admin_path *meaning)
{
	if (slice_equal(place, SLICE("tmp")) || starts_with_dot(name))
		return false;
	meaning->is_maildir = true;
	meaning->mailbox = mailbox_of(arena, folder);
	read_flags(name, meaning);
	return true;
}

/* Everything before the last slash, and what stands behind it. */
static struct slice
split_last(struct slice path, struct slice *name)
{
	size_t slash = slice_find_last_byte(path, '/');
	if (slash == path.length) {
		*name = path;
		return SLICE("");
	}
	*name = slice_from(path, slash + 1);
	return slice_first(path, slash);
}

static bool
read_file_name(struct arena *arena, struct slice folder, struct slice name,
	struct admin_path *meaning)
{
	bool by_name = slice_ends_nocase(name, SLICE(".mbox"));
	if (starts_with_dot(name))
		return false;
	meaning->is_mbox = by_name || !has_ending(name);
	meaning->mailbox = mailbox_of(arena, folder);
	if (!meaning->is_mbox || slice_empty(name))
		return true;
	/* The mbox "Work/Sent" or "Work/Sent.mbox" is the mailbox Work/Sent. */
	struct slice own = by_name ? slice_first(name, name.length - 5) : name;
	struct slice parts[] = {folder, SLICE("/"), own};
	struct slice path = slice_empty(folder) ? own : arena_join(arena, parts, 3);
	meaning->mailbox = slice_equal_nocase(path, SLICE("INBOX")) ? SLICE("INBOX")
								    : decoded(arena, path);
	return true;
}

bool
admin_path_read(struct arena *arena, struct slice path, struct admin_path *meaning)
{
	static const struct slice places[] = {
		SLICE_INIT("cur"), SLICE_INIT("new"), SLICE_INIT("tmp")};
	struct slice name, place;
	*meaning = (struct admin_path){.mailbox = SLICE("INBOX")};
	struct slice folder = split_last(path, &name);
	struct slice above = split_last(folder, &place);
	for (size_t i = 0; i < 3; i++)
		if (slice_equal(place, places[i]))
			return read_maildir(arena, above, place, name, meaning);
	return read_file_name(arena, folder, name, meaning);
}

struct slice
admin_maildir_folder(struct arena *arena, struct slice mailbox)
{
	if (slice_equal(mailbox, SLICE("INBOX")))
		return SLICE("");
	SCOPED(buffer_free) struct buffer name = buffer_with(64 * 1024);
	buffer_put_byte(&name, '.');
	size_t start = name.length;
	if (!wire_utf7_encode(mailbox, &name)) {
		buffer_cut(&name, start);
		buffer_put(&name, mailbox);
	}
	for (size_t i = start; i < name.length; i++)
		if (name.data[i] == '.')
			name.data[i] = '_';
		else if (name.data[i] == '/')
			name.data[i] = '.';
	return arena_copy(arena, buffer_slice(&name));
}

struct slice
admin_maildir_flags(struct arena *arena, const struct slice *names, size_t count)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(16);
	for (size_t i = 0; i < ADMIN_MAILDIR_FLAGS_MOST; i++)
		for (size_t at = 0; at < count; at++)
			if (slice_equal_nocase(names[at], letters[i].name))
				buffer_put_byte(&text, letters[i].letter);
	return arena_copy(arena, buffer_slice(&text));
}
