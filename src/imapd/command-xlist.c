/* XLIST: LIST as it was once, in no RFC. */
#include "imapd/list-mailboxes.h"

/* Outlook 2013 and 2016 find the special mailboxes only so. */
static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	(void)call;
	return imapd_list(session, "XLIST", true);
}

const struct imapd_command imapd_command_xlist = {
	.name = "XLIST",
	.states = IMAPD_ACCOUNT,
	.capability = "XLIST",
	.rfc = "",
	.purpose = "Lists mailboxes for old clients",
	.file = __FILE__,
	.run = run,
};
