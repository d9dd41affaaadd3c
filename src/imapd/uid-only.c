/* UIDONLY: RFC 9586. Rows are UIDFETCH, numbers are refused, VANISHED tells what is gone.
 */
#include "imapd/imapd-internal.h"

const struct imapd_extension imapd_extension_uidonly = {
	.capability = "UIDONLY",
	.rfc = "9586",
	.purpose = "Messages have UIDs only; hidden where not configured otherwise",
	.file = __FILE__,
	.enables = IMAPD_UIDONLY,
};
