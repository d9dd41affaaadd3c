#include "imapd/imapd-internal.h"

#define IMAPD_COMMAND(name) &imapd_command_##name,
#define IMAPD_EXTENSION(name)
const struct imapd_command *const imapd_commands[] = {
#include "imapd/list.inc"
	NULL};
#undef IMAPD_COMMAND
#undef IMAPD_EXTENSION

#define IMAPD_COMMAND(name)
#define IMAPD_EXTENSION(name) &imapd_extension_##name,
const struct imapd_extension *const imapd_extensions[] = {
#include "imapd/list.inc"
	NULL};

_Static_assert(sizeof imapd_commands / sizeof *imapd_commands <= IMAPD_COMMANDS_MOST,
	"IMAPD_COMMANDS_MOST is too small");
