/*
 * What single accounts and clients are not told of (imap.hide, "account hide",
 * imap.client): some ask for what they then don't understand, as an Outlook does with RFC
 * 9586.
 */
#include "imapd/imapd-internal.h"

static bool
is_listed(struct slice names, struct slice capability)
{
	while (!slice_absent(names))
		if (slice_equal_nocase(slice_cut(&names, ' '), capability))
			return true;
	return false;
}

bool
imapd_is_hidden(const struct imapd_session *session, struct slice capability)
{
	return is_listed(session->context->hidden, capability) ||
	       is_listed(session->account_hidden, capability) ||
	       (session->client && is_listed(session->client->hidden, capability));
}

/* "*" is any run of bytes. */
bool
imapd_client_matches(struct slice pattern, struct slice text)
{
	struct slice after_star = SLICE_NONE, text_there = SLICE_NONE;
	while (text.length) {
		if (pattern.length && pattern.data[0] == '*') {
			after_star = pattern = slice_from(pattern, 1);
			text_there = text;
		} else if (pattern.length &&
			   byte_lower(pattern.data[0]) == byte_lower(text.data[0])) {
			pattern = slice_from(pattern, 1);
			text = slice_from(text, 1);
		} else if (!slice_absent(after_star)) {
			pattern = after_star;
			text = text_there = slice_from(text_there, 1);
		} else {
			return false;
		}
	}
	while (pattern.length && pattern.data[0] == '*')
		pattern = slice_from(pattern, 1);
	return pattern.length == 0;
}

void
imapd_client_is(struct imapd_session *session, struct slice name, struct slice version)
{
	const struct imapd_context *context = session->context;
	const struct imapd_client *before = session->client;
	session->client = NULL;
	for (size_t i = 0; i < context->client_count && !session->client; i++)
		if (imapd_client_matches(context->clients[i].name, name) &&
			imapd_client_matches(context->clients[i].version, version))
			session->client = &context->clients[i];
	if (session->client == before)
		return;
	/* RFC 3501 7.2.1: what was told before is not so any more. */
	SCOPED(buffer_free) struct buffer line = buffer_with(4096);
	buffer_put_text(&line, "* CAPABILITY ");
	imapd_put_capabilities(session, &line);
	buffer_put_text(&line, "\r\n");
	imapd_put(session, &line);
}
