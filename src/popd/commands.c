#include "popd/popd-internal.h"

const struct popd_command *const popd_commands[] = {
	&popd_command_auth,
	&popd_command_capa,
	&popd_command_dele,
	&popd_command_list,
	&popd_command_noop,
	&popd_command_pass,
	&popd_command_quit,
	&popd_command_retr,
	&popd_command_rset,
	&popd_command_stat,
	&popd_command_stls,
	&popd_command_top,
	&popd_command_uidl,
	&popd_command_user,
	NULL,
};

const struct popd_command *
popd_command_of(enum wire_pop3_verb verb)
{
	for (size_t i = 0; popd_commands[i]; i++)
		if (popd_commands[i]->verb == verb)
			return popd_commands[i];
	return NULL;
}
