/* ENABLE: RFC 5161 3.1. A name that is unknown is passed over. */
#include "imapd/imapd-internal.h"

static const struct imapd_extension *
extension_named(struct slice name)
{
	for (const struct imapd_extension *const *at = imapd_extensions; *at; at++)
		if ((*at)->enables &&
			slice_equal_nocase(name, slice_of_text((*at)->capability)))
			return *at;
	return NULL;
}

static bool
is_named_before(const struct slice *names, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (slice_equal_nocase(names[i], names[at]))
			return true;
	return false;
}

static void
enable(struct imapd_session *session, const struct imapd_extension *extension,
	struct buffer *line)
{
	buffer_printf(line, " %s", extension->capability);
	imapd_turn_on(session, extension->enables);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice *names;
	size_t count;
	if (!wire_imap_enable_parse(&call->cursor, &names, &count))
		return imapd_unparsed(session);
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	buffer_put_text(&line, "* ENABLED");
	for (size_t i = 0; i < count; i++) {
		const struct imapd_extension *extension = extension_named(names[i]);
		if (extension && imapd_is_announced(session, extension) &&
			!is_named_before(names, i))
			enable(session, extension, &line);
	}
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_enable = {
	.name = "ENABLE",
	.states = IMAPD_ACCOUNT,
	.capability = "ENABLE",
	.announced = IMAPD_ANY,
	.rfc = "5161 3.1",
	.purpose = "Turns on extensions that change answers",
	.file = __FILE__,
	.run = run,
};
