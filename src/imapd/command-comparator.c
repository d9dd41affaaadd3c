/*
 * COMPARATOR: RFC 5255 4.7. There is one, i;unicode-casemap (RFC 5051): SEARCH, SORT and
 * THREAD compare by it whatever is asked for.
 */
#include "imapd/imapd-internal.h"

#define ACTIVE SLICE("i;unicode-casemap")

/* "*" within is any run of characters (RFC 4790 3.2). */
static bool
is_wanted(const struct slice *patterns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_nocase(patterns[i], SLICE("default")) ||
			imapd_client_matches(patterns[i], ACTIVE))
			return true;
	return false;
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct slice *patterns;
	size_t count;
	if (!wire_imap_language_parse(&call->cursor, &patterns, &count))
		return imapd_unparsed(session);
	if (count && !is_wanted(patterns, count))
		return imapd_no(session, "[BADCOMPARATOR] That comparator is unknown");
	imapd_put_text(session, count ? "* COMPARATOR \"i;unicode-casemap\" "
					"(\"i;unicode-casemap\")\r\n"
				      : "* COMPARATOR \"i;unicode-casemap\"\r\n");
	return imapd_ok(session, "Done");
}

const struct imapd_command imapd_command_comparator = {
	.name = "COMPARATOR",
	.states = IMAPD_ACCOUNT,
	.rfc = "5255 4.7",
	.purpose = "Tells by what texts are compared",
	.file = __FILE__,
	.run = run,
};
