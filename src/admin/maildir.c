#include "admin/maildir.h"
#include "wire/utf7.h"

enum { NAME_MOST = 16 * 1024 };

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

/* File systems that know no colon write another sign in its place. */
static struct slice
info_of(struct slice name)
{
	static const struct slice marks[] = {
		SLICE_INIT(":2,"), SLICE_INIT("!2,"), SLICE_INIT(";2,")};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t at = slice_find(name, marks[i]);
		if (at < name.length)
			return slice_from(name, at + marks[i].length);
	}
	return SLICE_NONE;
}

static void
read_flags(struct slice name, struct admin_path *meaning)
{
	struct slice info = info_of(name);
	for (size_t i = 0; i < ADMIN_MAILDIR_FLAGS_MOST; i++)
		if (slice_find_byte(info, letters[i].letter) < info.length)
			meaning->flags[meaning->flag_count++] = letters[i].name;
	for (size_t i = 0; i < info.length; i++)
		if (info.data[i] >= 'a' && info.data[i] <= 'z')
			meaning->keywords |= UINT32_C(1) << (info.data[i] - 'a');
}

/* --- folders to mailboxes --------------------------------------------------------------
 */

/* ".Work.Clients" is two levels of Maildir++; "Work" is one of its own. */
static void
put_level(struct buffer *into, struct slice level)
{
	bool dotted = slice_starts(level, SLICE("."));
	for (size_t i = dotted; i < level.length; i++) {
		char byte = level.data[i];
		bool control = (unsigned char)byte < 0x20 || byte == 0x7f;
		buffer_put_byte(into, dotted && byte == '.' ? '/' : control ? '_' : byte);
	}
}

/* Names that are no valid modified UTF-7 are taken as they are. */
static struct slice
mailbox_of(struct arena *arena, struct slice folder)
{
	if (slice_empty(folder))
		return SLICE("INBOX");
	SCOPED(buffer_free) struct buffer name = buffer_with(NAME_MOST);
	SCOPED(buffer_free) struct buffer utf8 = buffer_with(NAME_MOST);
	for (struct slice rest = folder; !slice_absent(rest);) {
		if (name.length)
			buffer_put_byte(&name, '/');
		put_level(&name, slice_cut(&rest, '/'));
	}
	struct slice text = buffer_slice(&name);
	if (wire_utf7_decode(text, &utf8))
		text = buffer_slice(&utf8);
	return slice_equal_nocase(text, SLICE("INBOX")) ? SLICE("INBOX")
							: arena_copy(arena, text);
}

/* --- paths -----------------------------------------------------------------------------
 */

static bool
is_hidden(struct slice name)
{
	return slice_starts(name, SLICE("."));
}

static bool
has_hidden_level(struct slice path)
{
	while (!slice_absent(path))
		if (is_hidden(slice_cut(&path, '/')))
			return true;
	return false;
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

static void
read_maildir(struct arena *arena, struct slice folder, struct slice place,
	struct slice name, struct admin_path *meaning)
{
	if (slice_equal(place, SLICE("tmp")) || is_hidden(name))
		return;
	meaning->kind = ADMIN_PATH_MAILDIR;
	meaning->folder = folder;
	meaning->mailbox = meaning->mbox_mailbox = mailbox_of(arena, folder);
	read_flags(name, meaning);
}

static struct slice
mbox_mailbox(struct arena *arena, struct slice folder, struct slice name)
{
	static const struct slice ending = SLICE_INIT(".mbox");
	if (slice_ends_nocase(name, ending))
		name = slice_first(name, name.length - ending.length);
	else if (slice_find_last_byte(name, '.') < name.length)
		return mailbox_of(arena, folder); /* "00001.txt": one of many */
	struct slice parts[] = {folder, SLICE("/"), name};
	return mailbox_of(arena, slice_empty(folder) ? name : arena_join(arena, parts, 3));
}

static void
read_file(struct arena *arena, struct slice folder, struct slice name,
	struct admin_path *meaning)
{
	meaning->folder = folder;
	if (slice_equal(name, SLICE("dovecot-keywords"))) {
		meaning->kind = ADMIN_PATH_KEYWORDS;
		return;
	}
	if (is_hidden(name) || has_hidden_level(folder) || slice_empty(name))
		return;
	meaning->kind =
		slice_ends_nocase(name, SLICE(".eml")) ? ADMIN_PATH_EML : ADMIN_PATH_FILE;
	meaning->mailbox = mailbox_of(arena, folder);
	meaning->mbox_mailbox = mbox_mailbox(arena, folder, name);
}

void
admin_path_read(struct arena *arena, struct slice path, struct admin_path *meaning)
{
	static const struct slice places[] = {
		SLICE_INIT("cur"), SLICE_INIT("new"), SLICE_INIT("tmp")};
	struct slice name, place;
	*meaning = (struct admin_path){.kind = ADMIN_PATH_NO_MAIL};
	struct slice folder = split_last(path, &name);
	struct slice above = split_last(folder, &place);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (slice_equal(place, places[i])) {
			read_maildir(arena, above, place, name, meaning);
			return;
		}
	read_file(arena, folder, name, meaning);
}

/* --- contents --------------------------------------------------------------------------
 */

void
admin_maildir_keywords(struct slice text, struct slice names[ADMIN_MAILDIR_KEYWORDS_MOST])
{
	for (size_t i = 0; i < ADMIN_MAILDIR_KEYWORDS_MOST; i++)
		names[i] = SLICE_NONE;
	while (!slice_absent(text)) {
		uint32_t index;
		struct slice name = slice_cut(&text, '\n');
		struct slice number = slice_cut(&name, ' ');
		name = slice_trim(name);
		if (slice_to_u32(number, &index) && index < ADMIN_MAILDIR_KEYWORDS_MOST &&
			!slice_empty(name))
			names[index] = name;
	}
}

static void
set_flag(struct admin_mbox_status *status, struct slice flag)
{
	for (size_t i = 0; i < status->flag_count; i++)
		if (slice_equal(status->flags[i], flag))
			return;
	ASSERT(status->flag_count < ADMIN_MAILDIR_FLAGS_MOST);
	status->flags[status->flag_count++] = flag;
}

static void
read_status(struct slice value, struct admin_mbox_status *status)
{
	static const struct {
		char letter;
		struct slice flag;
	} table[] = {{'R', SLICE_INIT("\\Seen")}, {'A', SLICE_INIT("\\Answered")},
		{'F', SLICE_INIT("\\Flagged")}, {'D', SLICE_INIT("\\Deleted")},
		{'T', SLICE_INIT("\\Draft")}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (slice_find_byte(value, table[i].letter) < value.length)
			set_flag(status, table[i].flag);
}

static void
read_mozilla_status(struct slice value, struct admin_mbox_status *status)
{
	unsigned bits = 0;
	for (size_t i = 0; i < value.length && i < 4; i++) {
		int digit = byte_hex_value(value.data[i]);
		if (digit < 0)
			return;
		bits = bits << 4 | (unsigned)digit;
	}
	if (bits & 1)
		set_flag(status, SLICE("\\Seen"));
	if (bits & 2)
		set_flag(status, SLICE("\\Answered"));
	if (bits & 4)
		set_flag(status, SLICE("\\Flagged"));
	status->expunged |= (bits & 8) != 0;
}

void
admin_mbox_status(struct slice header, struct admin_mbox_status *status)
{
	*status = (struct admin_mbox_status){0};
	while (!slice_absent(header)) {
		struct slice value = slice_cut(&header, '\n');
		struct slice name = slice_cut(&value, ':');
		value = slice_trim(value);
		if (slice_equal_nocase(name, SLICE("Status")) ||
			slice_equal_nocase(name, SLICE("X-Status")))
			read_status(value, status);
		else if (slice_equal_nocase(name, SLICE("X-Mozilla-Status")))
			read_mozilla_status(value, status);
	}
}

static bool
is_of_header_name(char byte)
{
	return byte_is_alpha(byte) || byte_is_digit(byte) || byte == '-' || byte == '_' ||
	       byte == '.';
}

/* RFC 5322 2.2 allows more in a name, but nobody's headers have it. */
bool
admin_looks_like_mail(struct slice first)
{
	size_t colon = slice_find_byte(first, ':');
	if (colon == 0 || colon == first.length)
		return false;
	for (size_t i = 0; i < colon; i++)
		if (!is_of_header_name(first.data[i]))
			return false;
	return true;
}

/* --- the way out -----------------------------------------------------------------------
 */

/* Longer than a file system takes: cut between characters, and told apart by a hash. */
static void
put_short(struct buffer *into, struct slice level)
{
	static const uint8_t key[16] = {0};
	if (level.length <= ADMIN_MAILDIR_LEVEL_MOST) {
		buffer_put(into, level);
		return;
	}
	size_t length = ADMIN_MAILDIR_LEVEL_MOST - 20;
	while (length > 0 && ((unsigned char)level.data[length] & 0xc0) == 0x80)
		length--;
	buffer_put(into, slice_first(level, length));
	buffer_printf(into, "~%016llx", (unsigned long long)base_siphash(level, key));
}

struct slice
admin_maildir_folder(struct arena *arena, struct slice mailbox)
{
	if (slice_equal(mailbox, SLICE("INBOX")))
		return SLICE("");
	SCOPED(buffer_free) struct buffer name = buffer_with(NAME_MOST);
	SCOPED(buffer_free) struct buffer folder = buffer_with(NAME_MOST);
	buffer_put_byte(&name, '.');
	if (!wire_utf7_encode(mailbox, &name)) {
		buffer_cut(&name, 1);
		buffer_put(&name, mailbox);
	}
	for (size_t i = 1; i < name.length; i++)
		if (name.data[i] == '.')
			name.data[i] = '_';
		else if (name.data[i] == '/')
			name.data[i] = '.';
	put_short(&folder, buffer_slice(&name));
	return arena_copy(arena, buffer_slice(&folder));
}

static bool
is_of_maildir(struct slice level)
{
	return slice_equal(level, SLICE("cur")) || slice_equal(level, SLICE("new")) ||
	       slice_equal(level, SLICE("tmp"));
}

/* ending: of the files that lie beside the folder. */
static void
put_folder(struct buffer *into, struct slice level, struct slice ending)
{
	if (is_of_maildir(level))
		buffer_put_byte(into, '_');
	put_short(into, level);
	if (slice_ends_nocase(level, ending))
		buffer_put_byte(into, '_');
}

static struct slice
file_path(struct arena *arena, struct slice mailbox, struct slice ending, bool last_is_file)
{
	SCOPED(buffer_free) struct buffer path = buffer_with(NAME_MOST);
	while (!slice_absent(mailbox)) {
		struct slice level = slice_cut(&mailbox, '/');
		if (path.length)
			buffer_put_byte(&path, '/');
		if (is_hidden(level)) {
			buffer_put_byte(&path, '_');
			level = slice_from(level, 1);
		}
		if (last_is_file && slice_absent(mailbox))
			put_short(&path, level);
		else
			put_folder(&path, level, ending);
	}
	return arena_copy(arena, buffer_slice(&path));
}

struct slice
admin_eml_folder(struct arena *arena, struct slice mailbox)
{
	return file_path(arena, mailbox, SLICE(".eml"), false);
}

struct slice
admin_mbox_path(struct arena *arena, struct slice mailbox)
{
	return file_path(arena, mailbox, SLICE(".mbox"), true);
}

struct slice
admin_maildir_flags(
	struct arena *arena, const struct slice *names, size_t count, uint32_t keywords)
{
	SCOPED(buffer_free)
	struct buffer text =
		buffer_with(ADMIN_MAILDIR_FLAGS_MOST + ADMIN_MAILDIR_KEYWORDS_MOST);
	for (size_t i = 0; i < ADMIN_MAILDIR_FLAGS_MOST; i++)
		for (size_t at = 0; at < count; at++)
			if (slice_equal_nocase(names[at], letters[i].name))
				buffer_put_byte(&text, letters[i].letter);
	for (int i = 0; i < ADMIN_MAILDIR_KEYWORDS_MOST; i++)
		if (keywords & UINT32_C(1) << i)
			buffer_put_byte(&text, (char)('a' + i));
	return arena_copy(arena, buffer_slice(&text));
}
