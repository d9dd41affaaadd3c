/* CAPABILITY's list (RFC 3501 7.2.1), made from the descriptors. */
#include "imapd/imapd-internal.h"

static bool
is_in_state(const struct imapd_session *session, unsigned announced)
{
	return session->state & (announced ? announced : (unsigned)IMAPD_ACCOUNT);
}

bool
imapd_is_announced(
	const struct imapd_session *session, const struct imapd_extension *extension)
{
	return is_in_state(session, extension->announced) &&
	       !imapd_is_hidden(session, slice_of_text(extension->capability)) &&
	       (!extension->offered || extension->offered(session));
}

static void
put_blank(struct buffer *into)
{
	if (into->length && into->data[into->length - 1] != ' ')
		buffer_put_byte(into, ' ');
}

/* One descriptor may announce several names. */
static void
put_names(const struct imapd_session *session, const char *names, struct buffer *into)
{
	for (struct slice rest = slice_of_text(names); !slice_absent(rest);) {
		struct slice name = slice_cut(&rest, ' ');
		if (imapd_is_hidden(session, name))
			continue;
		put_blank(into);
		buffer_put(into, name);
	}
}

static void
put_extension(const struct imapd_session *session, const struct imapd_extension *extension,
	struct buffer *into)
{
	if (!imapd_is_announced(session, extension))
		return;
	if (!extension->put) {
		put_names(session, extension->capability, into);
		return;
	}
	put_blank(into);
	extension->put(session, into);
}

bool
imapd_put_capabilities(const struct imapd_session *session, struct buffer *into)
{
	for (const struct imapd_extension *const *at = imapd_extensions; *at; at++)
		put_extension(session, *at, into);
	for (const struct imapd_command *const *at = imapd_commands; *at; at++)
		if ((*at)->capability && is_in_state(session, (*at)->announced))
			put_names(session, (*at)->capability, into);
	return !buffer_failed(into);
}

/* --- what has no file of its own -------------------------------------------------------
 */

const struct imapd_extension imapd_extension_imap4rev1 = {
	.capability = "IMAP4rev1",
	.announced = IMAPD_ANY,
	.rfc = "3501",
	.purpose = "The protocol",
	.file = __FILE__,
};

const struct imapd_extension imapd_extension_literal_plus = {
	.capability = "LITERAL+",
	.announced = IMAPD_ANY,
	.rfc = "7888 4",
	.purpose = "Literals that are sent without a wait",
	.file = "src/wire/imap-gather.c",
};
