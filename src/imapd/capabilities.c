/* CAPABILITY's list (RFC 3501 7.2.1), made from the descriptors. */
#include "imapd/imapd-internal.h"

static bool
is_in_state(const struct imapd_session *session, unsigned announced)
{
	return session->state & (announced ? announced : (unsigned)IMAPD_ACCOUNT);
}

/* Some clients ask for what they then don't understand (RFC 9586 in an Outlook). */
static bool
is_hidden(const struct imapd_session *session, const char *capability)
{
	struct slice rest = session->context->hidden;
	while (!slice_absent(rest))
		if (slice_equal_nocase(slice_cut(&rest, ' '), slice_of_text(capability)))
			return true;
	return false;
}

bool
imapd_is_announced(
	const struct imapd_session *session, const struct imapd_extension *extension)
{
	return is_in_state(session, extension->announced) &&
	       !is_hidden(session, extension->capability) &&
	       (!extension->offered || extension->offered(session));
}

static void
put_extension(const struct imapd_session *session, const struct imapd_extension *extension,
	struct buffer *into)
{
	if (!imapd_is_announced(session, extension))
		return;
	if (into->length && into->data[into->length - 1] != ' ')
		buffer_put_byte(into, ' ');
	if (extension->put)
		extension->put(session, into);
	else
		buffer_put_text(into, extension->capability);
}

bool
imapd_put_capabilities(const struct imapd_session *session, struct buffer *into)
{
	for (const struct imapd_extension *const *at = imapd_extensions; *at; at++)
		put_extension(session, *at, into);
	for (const struct imapd_command *const *at = imapd_commands; *at; at++)
		if ((*at)->capability && is_in_state(session, (*at)->announced) &&
			!is_hidden(session, (*at)->capability))
			buffer_printf(into, " %s", (*at)->capability);
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
