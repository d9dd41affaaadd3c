/* LANGUAGE: RFC 5255 3.2. The answer is in the new language already. */
#include "imapd/imapd-internal.h"
#include "imapd/language.h"

enum { LINE_MOST = 1024 };

static void
list_languages(struct imapd_session *session)
{
	const struct imapd_language *language;
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	buffer_put_text(&line, "* LANGUAGE (");
	for (size_t i = 0; (language = imapd_language_at(session->context->texts, i)); i++)
		buffer_printf(&line, "%s%.*s", i ? " " : "", SLICE_ARG(language->tag));
	buffer_put_text(&line, ")\r\n");
	imapd_put(session, &line);
}

static void
choose(struct imapd_session *session, const struct imapd_language *language)
{
	SCOPED(buffer_free) struct buffer line = buffer_with(LINE_MOST);
	session->language = language->texts;
	buffer_printf(&line, "* LANGUAGE (%.*s)\r\n", SLICE_ARG(language->tag));
	imapd_put(session, &line);
	/* RFC 5255 3.4: their translations are other ones now. */
	if (session->account)
		imapd_put_namespaces(session);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice *ranges;
	size_t count;
	if (!wire_imap_language_parse(&call->cursor, &ranges, &count))
		return imapd_unparsed(session);
	if (count == 0) {
		list_languages(session);
		return imapd_ok(session, "Done");
	}
	for (size_t i = 0; i < count; i++) {
		const struct imapd_language *language =
			imapd_language_find(session->context->texts, ranges[i]);
		if (!language)
			continue;
		choose(session, language);
		return imapd_ok(session, "Done");
	}
	return imapd_no(session, "That language is unknown");
}

const struct imapd_command imapd_command_language = {
	.name = "LANGUAGE",
	.states = IMAPD_ANY,
	.capability = "LANGUAGE",
	.announced = IMAPD_ANY,
	.rfc = "5255 3.2",
	.purpose = "Chooses the language of what is said to people",
	.file = __FILE__,
	.run = run,
};
