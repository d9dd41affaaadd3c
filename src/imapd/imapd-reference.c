/* Writes docs/imap.md from the descriptors, or with --check says whether it is up to date.
 */
#include "imapd/imapd-internal.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PAGE_MOST = 256 * 1024 };

/* From "../src/imapd/x.c", as a compiler names it, what a reader looks for. */
static const char *
source_path(const char *file)
{
	const char *found = strstr(file, "src/");
	return found ? found : file;
}

/* "4315 2.1" with a link. */
static void
put_rfc(struct buffer *page, struct slice rfc)
{
	size_t blank = slice_find_byte(rfc, ' ');
	struct slice number = slice_first(rfc, blank);
	buffer_printf(page, "[%.*s](https://www.rfc-editor.org/rfc/rfc%.*s)%.*s",
		SLICE_ARG(number), SLICE_ARG(number), SLICE_ARG(slice_from(rfc, blank)));
}

/* "3501 6.4.5, 4315 2.1" */
static void
put_rfcs(struct buffer *page, const char *rfcs)
{
	struct slice rest = slice_of_text(rfcs);
	while (!slice_empty(rest)) {
		put_rfc(page, slice_trim(slice_cut(&rest, ',')));
		buffer_put_text(page, slice_empty(rest) ? "" : ", ");
	}
}

static void
put_row(struct buffer *page, const char *name, const char *middle, const char *rfcs,
	const char *purpose, const char *file)
{
	buffer_printf(page, "| %s | %s | ", name, middle);
	put_rfcs(page, rfcs);
	buffer_printf(page, " | %s | [%s](../%s) |\n", purpose, source_path(file),
		source_path(file));
}

static const char *
states_text(unsigned states)
{
	switch (states) {
	case IMAPD_NOT_SIGNED_IN:
		return "before sign-in";
	case IMAPD_ACCOUNT:
		return "signed in";
	case IMAPD_SELECTED:
		return "selected";
	default:
		return "always";
	}
}

static const char *
announced_text(unsigned announced)
{
	if (announced == IMAPD_NOT_SIGNED_IN)
		return "before sign-in";
	return announced == IMAPD_ANY ? "always" : "after sign-in";
}

static void
put_commands(struct buffer *page)
{
	buffer_put_text(page, "## Commands\n\n| Command | When | RFC and section | What it "
			      "does | File |\n|-|-|-|-|-|\n");
	for (const struct imapd_command *const *at = imapd_commands; *at; at++) {
		const struct imapd_command *command = *at;
		char name[64];
		snprintf(name, sizeof name, "%s%s", command->name,
			command->traits & IMAPD_HAS_UID ? ", UID" : "");
		put_row(page, name, states_text(command->states), command->rfc,
			command->purpose, command->file);
	}
}

static void
put_capabilities(struct buffer *page)
{
	buffer_put_text(page, "\n## Capabilities\n\n| Capability | Announced | RFC and "
			      "section | What it is | File |\n|-|-|-|-|-|\n");
	for (const struct imapd_extension *const *at = imapd_extensions; *at; at++)
		put_row(page, (*at)->capability, announced_text((*at)->announced),
			(*at)->rfc, (*at)->purpose, (*at)->file);
	for (const struct imapd_command *const *at = imapd_commands; *at; at++)
		if ((*at)->capability)
			put_row(page, (*at)->capability, announced_text((*at)->announced),
				(*at)->rfc, (*at)->purpose, (*at)->file);
}

static void
put_page(struct buffer *page)
{
	buffer_put_text(page,
		"# IMAP\n\nWhat Troika's IMAP server can do, made from its "
		"descriptors by `build/src/imapd-reference docs/imap.md`.\n\n");
	put_commands(page);
	put_capabilities(page);
	ASSERT(!buffer_failed(page));
}

static bool
is_current(const char *path, const struct buffer *page)
{
	char *kept = malloc(PAGE_MOST);
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = descriptor < 0 || !kept ? -1 : read(descriptor, kept, PAGE_MOST);
	bool same =
		size >= 0 && slice_equal(slice_of(kept, (size_t)size), buffer_slice(page));
	if (descriptor >= 0)
		close(descriptor);
	free(kept);
	if (!same)
		fprintf(stderr,
			"%s is out of date: build/src/imapd-reference docs/imap.md\n",
			path);
	return same;
}

static bool
write_page(const char *path, const struct buffer *page)
{
	FILE *file = fopen(path, "w");
	if (!file)
		return false;
	bool written = fwrite(page->data, 1, page->length, file) == page->length;
	return fclose(file) == 0 && written;
}

int
main(int count, char **arguments)
{
	SCOPED(buffer_free) struct buffer page = buffer_with(PAGE_MOST);
	bool checks = count == 3 && strcmp(arguments[1], "--check") == 0;
	if (count != 2 && !checks)
		return 2;
	put_page(&page);
	const char *path = arguments[count - 1];
	return !(checks ? is_current(path, &page) : write_page(path, &page));
}
