#include "cli/help.h"
#include "cli/keys.h"

/* In roff a dot or quote at the line's start is a request, and a hyphen is not a minus. */
static void
put_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		printf("\\&");
	for (; *text; text++) {
		if (*text == '\\')
			printf("\\e");
		else if (*text == '-')
			printf("\\-");
		else
			putchar(*text);
	}
	putchar('\n');
}

static void
put_entry(const char *term, const char *text)
{
	printf(".TP\n.B ");
	put_roff(term);
	put_roff(text);
}

static void
put_operation(const struct admin_operation *operation)
{
	SCOPED(buffer_free) struct buffer usage = buffer_with(64 * 1024);
	cli_put_usage(&usage, operation);
	buffer_put_byte(&usage, 0);
	put_entry(usage.data, operation->help);
	if (operation->more)
		put_roff(operation->more);
	printf(".RS\n");
	for (const struct admin_argument *at = operation->arguments; at->name; at++)
		put_entry(at->name, at->help);
	printf(".RE\n");
}

void
cli_help_man(void)
{
	printf(".TH TROIKA 1\n.SH NAME\ntroika \\- a mail system\n.SH SYNOPSIS\n"
	       ".B troika\n[\\-c FILE] [\\-\\-json] COMMAND \\&...\n.SH DESCRIPTION\n"
	       "Speaks to the running server through its control socket; while the server "
	       "is\n"
	       "stopped, works on its store directly. With \\-\\-json rows come as a JSON "
	       "array.\n"
	       ".SH COMMANDS\n");
	for (const struct admin_operation *const *at = admin_operations; *at; at++)
		put_operation(*at);
	for (const struct cli_local_command *at = cli_local_commands; at->name; at++)
		put_entry(at->name, at->help);
	printf(".SH EXIT STATUS\n0 done; 1 the operation failed; 2 the words were wrong; 3 "
	       "neither a server nor its store could be reached.\n"
	       ".SH SEE ALSO\n.BR troika.conf (5)\n");
}

static const char *
type_name(enum base_config_type type)
{
	static const char *const names[] = {[BASE_CONFIG_TEXT] = "text",
		[BASE_CONFIG_NUMBER] = "number",
		[BASE_CONFIG_SWITCH] = "true or false",
		[BASE_CONFIG_SIZE] = "size, such as 25M",
		[BASE_CONFIG_DURATION] = "time, such as 4h",
		[BASE_CONFIG_TEXTS] = "list of texts",
		[BASE_CONFIG_CHOICE] = "one of"};
	return names[type];
}

static void
put_key(const struct base_config_key *key)
{
	put_entry(key->name, key->help);
	printf("(%s", type_name(key->type));
	for (const char *const *at = key->choices; at && *at; at++)
		printf("%s%s", at == key->choices ? " " : ", ", *at);
	if (key->fallback && *key->fallback)
		printf("; default %s", key->fallback);
	printf(")\n");
}

void
cli_help_man_config(void)
{
	printf(".TH TROIKA.CONF 5\n.SH NAME\ntroika.conf \\- configuration of troika(1)\n"
	       ".SH DESCRIPTION\nWhat a machine is: names, listeners, paths, limits. What "
	       "people "
	       "change daily\n(domains, accounts, routes) is state, changed by troika(1).\n"
	       "Groups are written in braces, lists of groups in parentheses:\n.PP\n.nf\n"
	       "host_name = \"mail.example.org\";\n"
	       "listener = ( { protocol = \"smtp\"; port = 25; } );\n"
	       "limits = { message_size = \"50M\"; };\n.fi\n"
	       ".PP\nWithout listeners the usual ports are served. SIGHUP reads "
	       "certificates and\n"
	       "new listeners again; other keys need a restart.\n.SH KEYS\n");
	for (const struct base_config_key *const *group = cli_keys; *group; group++)
		for (const struct base_config_key *key = *group; key->name; key++)
			put_key(key);
	printf(".SH SEE ALSO\n.BR troika (1)\n");
}
