#include "post/attached-kinds.h"

enum { PDF, DOCX, XLSX, PPTX, ODF, DOC, XLS, PPT, TEXT, HTML };

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})
/* Those files of a ZIP archive, one behind the other; names that it lacks do no harm. */
#define ARCHIVE "/usr/bin/bsdtar", "-xOf", "/dev/stdin", "--include"

const struct post_attached_program post_attached_programs[POST_ATTACHED_PROGRAMS] = {
	[PDF] = {ARGUMENTS("/usr/bin/pdftotext", "-q", "-enc", "UTF-8", "-nopgbrk",
		"/dev/stdin", "-")},
	[DOCX] = {ARGUMENTS(ARCHIVE, "word/document*.xml", "--include", "word/header*.xml",
			  "--include", "word/footer*.xml", "--include",
			  "word/footnotes*.xml", "--include", "word/endnotes*.xml",
			  "--include", "word/comments*.xml"),
		.office = true},
	[XLSX] = {ARGUMENTS(ARCHIVE, "xl/sharedStrings.xml", "--include",
			  "xl/worksheets/*.xml", "--include", "xl/comments*.xml",
			  "--include", "xl/threadedComments/*.xml"),
		.office = true},
	[PPTX] = {ARGUMENTS(ARCHIVE, "ppt/slides/slide*.xml", "--include",
			  "ppt/notesSlides/notesSlide*.xml", "--include",
			  "ppt/comments/*.xml"),
		.office = true},
	[ODF] = {ARGUMENTS(ARCHIVE, "content.xml", "--include", "styles.xml"),
		.office = true},
	[DOC] = {ARGUMENTS("/usr/bin/catdoc", "-dutf-8", "-w", "/dev/stdin")},
	[XLS] = {ARGUMENTS("/usr/bin/xls2csv", "-dutf-8", "/dev/stdin")},
	[PPT] = {ARGUMENTS("/usr/bin/catppt", "-dutf-8", "/dev/stdin")},
};

struct row {
	struct slice name;
	unsigned char what;
};
#define ROW(name, what)                \
	{                              \
		SLICE_INIT(name), what \
	}
#define OOXML "vnd.openxmlformats-officedocument."

/* Subtypes of application/. */
static const struct row subtypes[] = {
	ROW("pdf", PDF),
	ROW("x-pdf", PDF),
	ROW(OOXML "wordprocessingml.document", DOCX),
	ROW(OOXML "wordprocessingml.template", DOCX),
	ROW("vnd.ms-word.document.macroenabled.12", DOCX),
	ROW("vnd.ms-word.template.macroenabled.12", DOCX),
	ROW(OOXML "spreadsheetml.sheet", XLSX),
	ROW(OOXML "spreadsheetml.template", XLSX),
	ROW("vnd.ms-excel.sheet.macroenabled.12", XLSX),
	ROW("vnd.ms-excel.template.macroenabled.12", XLSX),
	ROW(OOXML "presentationml.presentation", PPTX),
	ROW(OOXML "presentationml.slideshow", PPTX),
	ROW(OOXML "presentationml.template", PPTX),
	ROW("vnd.ms-powerpoint.presentation.macroenabled.12", PPTX),
	ROW("vnd.ms-powerpoint.slideshow.macroenabled.12", PPTX),
	ROW("msword", DOC),
	ROW("rtf", DOC),
	ROW("vnd.ms-excel", XLS),
	ROW("vnd.ms-powerpoint", PPT),
	ROW("xhtml+xml", HTML),
	ROW("xml", TEXT),
	ROW("json", TEXT),
};
#define OPEN_DOCUMENT "vnd.oasis.opendocument."

static const struct row extensions[] = {
	ROW("pdf", PDF),
	ROW("docx", DOCX),
	ROW("docm", DOCX),
	ROW("dotx", DOCX),
	ROW("xlsx", XLSX),
	ROW("xlsm", XLSX),
	ROW("xltx", XLSX),
	ROW("pptx", PPTX),
	ROW("pptm", PPTX),
	ROW("ppsx", PPTX),
	ROW("odt", ODF),
	ROW("ott", ODF),
	ROW("ods", ODF),
	ROW("ots", ODF),
	ROW("odp", ODF),
	ROW("otp", ODF),
	ROW("odg", ODF),
	ROW("doc", DOC),
	ROW("dot", DOC),
	ROW("rtf", DOC),
	ROW("xls", XLS),
	ROW("xlt", XLS),
	ROW("ppt", PPT),
	ROW("pps", PPT),
	ROW("html", HTML),
	ROW("htm", HTML),
	ROW("xhtml", HTML),
	ROW("txt", TEXT),
	ROW("csv", TEXT),
	ROW("tsv", TEXT),
	ROW("log", TEXT),
	ROW("md", TEXT),
	ROW("ics", TEXT),
	ROW("vcf", TEXT),
	ROW("xml", TEXT),
	ROW("json", TEXT),
	ROW("patch", TEXT),
	ROW("diff", TEXT),
};

static struct post_attached_what
what_of(unsigned row)
{
	if (row == TEXT)
		return (struct post_attached_what){.kind = POST_ATTACHED_TEXT};
	if (row == HTML)
		return (struct post_attached_what){.kind = POST_ATTACHED_HTML};
	return (struct post_attached_what){POST_ATTACHED_PROGRAM, row};
}

static bool
find(const struct row *rows, size_t count, struct slice name,
	struct post_attached_what *what)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(name, rows[i].name)) {
			*what = what_of(rows[i].what);
			return true;
		}
	return false;
}

static bool
find_extension(struct slice file_name, struct post_attached_what *what)
{
	size_t dot = slice_find_last_byte(file_name, '.');
	return dot < file_name.length &&
	       find(extensions, sizeof extensions / sizeof *extensions,
		       slice_from(file_name, dot + 1), what);
}

/* The name comes first: an old type with the new program's file is common, not the reverse.
 */
static struct post_attached_what
of_application(struct arena *arena, const struct wire_mime_part *part)
{
	struct post_attached_what what = {.kind = POST_ATTACHED_NOTHING};
	if (find_extension(wire_mime_file_name(arena, part), &what) ||
		find(subtypes, sizeof subtypes / sizeof *subtypes, part->subtype, &what))
		return what;
	if (slice_starts(part->subtype, SLICE(OPEN_DOCUMENT)))
		return what_of(ODF);
	return what;
}

struct post_attached_what
post_attached_what(struct arena *arena, const struct wire_mime_part *part)
{
	if (part->kind != WIRE_MIME_LEAF)
		return (struct post_attached_what){.kind = POST_ATTACHED_NOTHING};
	if (wire_mime_part_is(part, "text", "rtf"))
		return what_of(DOC);
	if (wire_mime_part_is(part, "text", "html"))
		return what_of(HTML);
	if (wire_mime_part_is(part, "text", NULL))
		return what_of(TEXT);
	if (wire_mime_part_is(part, "application", NULL))
		return of_application(arena, part);
	return (struct post_attached_what){.kind = POST_ATTACHED_NOTHING};
}
