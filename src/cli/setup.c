#include "cli/setup.h"
#include "cli/keys.h"
#include "cli/print.h"
#include "cli/secret.h"
#include "cli/talk.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES_MOST = 4096 };

struct places {
	char config[PATH_BYTES_MOST], data[PATH_BYTES_MOST];
	bool as_root;
};

static int
complain(const struct cli_words *words, const char *path, const char *why)
{
	char text[PATH_BYTES_MOST + 256];
	snprintf(text, sizeof text, "%s: %s", path, why);
	cli_print_error(words->voice, BASE_INVALID, text);
	return 1;
}

/* --- where everything lies -------------------------------------------------------------
 */

static bool
choose_places(const struct cli_words *words, struct places *places)
{
	const char *home = getenv("HOME");
	places->as_root = geteuid() == 0;
	snprintf(places->config, sizeof places->config, "%s", words->config_path);
	snprintf(places->data, sizeof places->data, "/var/lib/troika");
	if (places->as_root)
		return true;
	if (!home || home[0] != '/')
		return false;
	snprintf(places->data, sizeof places->data, "%s/.local/share/troika", home);
	if (!words->config_given)
		snprintf(places->config, sizeof places->config, "%s" CLI_CONFIG_AT_HOME,
			home);
	return true;
}

/* libconfig's texts know the backslash. */
static void
put_quoted(struct buffer *into, const char *text)
{
	buffer_put_byte(into, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_put_byte(into, '\\');
		buffer_put_byte(into, *text);
	}
	buffer_put_byte(into, '"');
}

static void
put_high_listeners(struct buffer *into)
{
	static const struct {
		const char *protocol, *tls;
		int port;
	} listeners[] = {{"smtp", "starttls", 2525}, {"submission", "starttls", 2587},
		{"submission", "implicit", 2465}, {"imap", "starttls", 2143},
		{"imap", "implicit", 2993}, {"pop3", "starttls", 2110},
		{"pop3", "implicit", 2995}};
	buffer_put_text(into, "\nlistener = (\n");
	for (size_t i = 0; i < sizeof listeners / sizeof *listeners; i++)
		buffer_printf(into, "\t{ protocol = \"%s\"; tls = \"%s\"; port = %d; },\n",
			listeners[i].protocol, listeners[i].tls, listeners[i].port);
	buffer_put_text(into,
		"\t{ protocol = \"metrics\"; tls = \"none\"; address = \"127.0.0.1\"; "
		"port = 2080; }\n);\n");
}

static struct buffer
configuration(const struct places *places, const struct cli_answers *answers)
{
	struct buffer text = buffer_with(64 * 1024);
	buffer_printf(&text,
		"# Written by troika setup. Manual: troika.conf(5).\n"
		"host_name = \"%s\";\n"
		"data = ",
		answers->host);
	put_quoted(&text, places->data);
	buffer_printf(&text, ";\n%s", places->as_root ? "user = \"troika\";\n" : "");
	if (!places->as_root)
		put_high_listeners(&text);
	buffer_put_text(&text,
		"\n# Your certificate, when you have one; until then a self-signed one is "
		"used.\n"
		"# tls = ( { chain = \"/etc/troika/chain.pem\"; key = "
		"\"/etc/troika/key.pem\"; } );\n");
	return text;
}

static bool
make_folders_of(const char *path)
{
	char folder[PATH_BYTES_MOST];
	snprintf(folder, sizeof folder, "%s", path);
	for (char *at = strchr(folder + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = 0;
		if (mkdir(folder, 0755) && errno != EEXIST)
			return false;
		*at = '/';
	}
	return true;
}

static bool
write_configuration(const struct places *places, const struct cli_answers *answers)
{
	SCOPED(buffer_free) struct buffer text = configuration(places, answers);
	if (!make_folders_of(places->config))
		return false;
	SCOPED(scoped_close)
	int file = open(places->config, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0)
		return false;
	struct slice rest = buffer_slice(&text);
	return write(file, rest.data, rest.length) == (ssize_t)rest.length;
}

/* --- the user ---------------------------------------------------------------------------
 */

static bool
run_program(const char *const *words)
{
	union {
		const char *const *given;
		char *const *wanted;
	} arguments = {.given = words};
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		execvp(words[0], arguments.wanted);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool
make_user(void)
{
	static const char *const words[] = {"/usr/sbin/useradd", "--system", "--user-group",
		"--home-dir", "/var/lib/troika", "--shell", "/usr/sbin/nologin", "troika",
		NULL};
	return getpwnam("troika") || run_program(words);
}

/* --- domain and account, as a person would add them --------------------------------------
 */

/* What is asked is asked first, so that nothing is half done. */
static bool
read_account_words(const struct cli_words *given, char *address, struct cli_words *account)
{
	struct base_error error = {0};
	char account_word[] = "account", add[] = "add";
	char *words[] = {account_word, add, address};
	*account = *given;
	bool fine = cli_words_read(3, words, 0, account, &error);
	dprintf(STDERR_FILENO, base_text(given->voice.texts, "Choose a password for %s.\n"),
		address);
	fine = fine && cli_secret_ask(account, &error) == BASE_OK;
	account->secret = NULL;
	if (!fine)
		cli_print_error(given->voice, error.failure, error.text);
	return fine;
}

/* One that is there from an earlier time is said and does no harm. */
static void
add_domain(const struct cli_words *given, char *domain)
{
	struct base_error error = {0};
	char domain_word[] = "domain", add[] = "add";
	char *words[] = {domain_word, add, domain};
	struct cli_words own = *given;
	if (cli_words_read(3, words, 0, &own, &error))
		cli_talk(&own);
	cli_words_free(&own);
}

static int
make_all(const struct cli_words *words, const struct places *places,
	struct cli_answers *answers, const struct cli_words *account)
{
	if (places->as_root && !make_user())
		return complain(words, "useradd", "the user troika can't be made");
	if (!write_configuration(places, answers))
		return complain(words, places->config, strerror(errno));
	add_domain(words, answers->domain);
	if (cli_talk(account) == 0)
		return 0;
	unlink(places->config);
	return complain(
		words, places->config, "taken back, as the account could not be made");
}

static int
ask_and_make(const struct cli_words *given, const struct places *places)
{
	struct cli_answers answers = {0};
	struct cli_words words = *given, account;
	char address[2 * CLI_ANSWER_MOST + 1];
	words.config_path = places->config;
	if (!cli_setup_ask(words.voice.texts, &answers))
		return complain(
			&words, "setup", "the answers ended too early; nothing is done");
	snprintf(address, sizeof address, "%s@%s", answers.account, answers.domain);
	int code = 1;
	if (read_account_words(&words, address, &account))
		code = make_all(&words, places, &answers, &account);
	cli_words_free(&account);
	if (code == 0)
		cli_setup_say_next(
			words.voice.texts, &answers, places->config, places->as_root);
	return code;
}

int
cli_setup(const struct cli_words *words)
{
	struct places places;
	if (!choose_places(words, &places))
		return complain(words, "setup", "HOME is not set");
	if (access(places.config, F_OK) == 0)
		return complain(words, places.config,
			"that is there already; move it away to begin anew");
	return ask_and_make(words, &places);
}
