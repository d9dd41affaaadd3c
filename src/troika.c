#include "cli/command-line.h"

int
main(int count, char **arguments)
{
	return cli_command_line_run(count, arguments);
}
