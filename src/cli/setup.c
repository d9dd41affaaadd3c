#include "cli/setup.h"
#include "cli/print.h"
#include "cli/talk.h"
#include "wire/address.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MOST = 256 };

struct answers {
	char host[ANSWER_MOST], domain[ANSWER_MOST], account[ANSWER_MOST];
};

/* A line of standard input, or what is proposed when it is empty. */
static bool
ask(const char *question, const char *proposed, char answer[ANSWER_MOST])
{
	dprintf(STDERR_FILENO, *proposed ? "%s [%s]: " : "%s: ", question, proposed);
	if (!fgets(answer, ANSWER_MOST, stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = 0;
	if (!*answer)
		snprintf(answer, ANSWER_MOST, "%s", proposed);
	return *answer != 0;
}

static bool
is_domain(const char *text)
{
	SCOPED(arena_release) struct arena *arena = arena_create(64 * 1024);
	struct slice canonical;
	return strchr(text, '.') &&
	       !wire_domain_canonical(arena, slice_of_text(text), &canonical);
}

static bool
ask_domain(const char *question, const char *proposed, char answer[ANSWER_MOST])
{
	while (ask(question, proposed, answer)) {
		if (is_domain(answer))
			return true;
		dprintf(STDERR_FILENO,
			"\"%s\" is no full domain name, such as example.org.\n", answer);
	}
	return false;
}

static bool
ask_all(struct answers *answers)
{
	char machine[ANSWER_MOST] = "", proposed[ANSWER_MOST + 16];
	gethostname(machine, sizeof machine - 1);
	if (!ask_domain("Your mail domain (what stands behind the @)", "", answers->domain))
		return false;
	snprintf(proposed, sizeof proposed, "%s", machine);
	if (!is_domain(machine))
		snprintf(proposed, sizeof proposed, "mail.%s", answers->domain);
	if (!ask_domain("This server's own name", proposed, answers->host))
		return false;
	return ask("The first account (what stands before the @)", "postmaster",
		answers->account);
}

/* --- files and users
 * --------------------------------------------------------------------------- */

static bool
write_configuration(const char *path, const struct answers *answers, bool as_root)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(64 * 1024);
	buffer_printf(&text,
		"# Written by troika setup. Manual: troika.conf(5).\n"
		"host_name = \"%s\";\n"
		"data = \"/var/lib/troika\";\n"
		"%s"
		"\n"
		"# Your certificate, when you have one; until then a self-signed one is "
		"used.\n"
		"# tls = ( { chain = \"/etc/troika/chain.pem\"; key = "
		"\"/etc/troika/key.pem\"; } );\n",
		answers->host, as_root ? "user = \"troika\";\n" : "");
	SCOPED(scoped_close)
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0)
		return false;
	struct slice rest = buffer_slice(&text);
	return write(file, rest.data, rest.length) == (ssize_t)rest.length;
}

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
	static const char *const words[] = {"useradd", "--system", "--home-dir",
		"/var/lib/troika", "--shell", "/usr/sbin/nologin", "troika", NULL};
	return getpwnam("troika") || run_program(words);
}

static bool
make_data_folder(void)
{
	const struct passwd *user = getpwnam("troika");
	if (mkdir("/var/lib/troika", 0700) && errno != EEXIST)
		return false;
	return user && chown("/var/lib/troika", user->pw_uid, user->pw_gid) == 0;
}

static void
make_folder_of(const char *path)
{
	char folder[1024];
	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return;
	*slash = 0;
	if (mkdir(folder, 0755) && errno != EEXIST)
		dprintf(STDERR_FILENO, "troika: %s: %s\n", folder, strerror(errno));
}

/* --- domain and account, as a person would add them
 * ----------------------------------------------- */

static bool
say_command(const struct cli_words *given, int count, char **arguments)
{
	struct base_error error = {0};
	struct cli_words words = {.config_path = given->config_path};
	bool fine = cli_words_read(count, arguments, 0, &words, &error) &&
		    cli_talk(&words) == 0;
	if (error.failure)
		cli_print_error(error.text);
	cli_words_free(&words);
	return fine;
}

/* With the server's rights, so that its files are its own. */
static bool
become_user(void)
{
	const struct passwd *user = getpwnam("troika");
	return geteuid() != 0 ||
	       (user && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0);
}

static bool
add_account(const struct cli_words *words, struct answers *answers)
{
	char address[2 * ANSWER_MOST + 1];
	char domain_word[] = "domain", account_word[] = "account", add[] = "add";
	char *domain_words[] = {domain_word, add, answers->domain};
	char *account_words[] = {account_word, add, address};
	snprintf(address, sizeof address, "%s@%s", answers->account, answers->domain);
	dprintf(STDERR_FILENO, "Choose a password for %s.\n", address);
	return say_command(words, 3, domain_words) && say_command(words, 3, account_words);
}

static void
say_next(const struct cli_words *words, const struct answers *answers)
{
	printf("\nDone. What is left to do:\n\n"
	       "1. Records in the DNS of %s, with this machine's addresses:\n"
	       "     %s.  A     192.0.2.1   (yours)\n"
	       "     %s.  MX    10 %s.\n"
	       "     %s.  TXT   \"v=spf1 mx -all\"\n"
	       "   and the address's reverse name, at your provider: %s\n\n"
	       "2. Start the server:  troika -c %s serve\n"
	       "   (as a service: systemctl enable --now troika)\n\n"
	       "3. In the mail program: name %s@%s, server %s, IMAP 993 (TLS), submission "
	       "465 "
	       "(TLS).\n",
		answers->domain, answers->host, answers->domain, answers->host,
		answers->domain, answers->host, words->config_path, answers->account,
		answers->domain, answers->host);
}

static bool
prepare(const struct cli_words *words, const struct answers *answers)
{
	bool as_root = geteuid() == 0;
	make_folder_of(words->config_path);
	if (!write_configuration(words->config_path, answers, as_root)) {
		dprintf(STDERR_FILENO, "troika: %s: %s\n", words->config_path,
			strerror(errno));
		return false;
	}
	if (as_root && (!make_user() || !make_data_folder())) {
		cli_print_error(
			"the user troika or the folder /var/lib/troika can't be made");
		return false;
	}
	return true;
}

int
cli_setup(const struct cli_words *words)
{
	struct answers answers = {0};
	if (access(words->config_path, F_OK) == 0) {
		dprintf(STDERR_FILENO,
			"troika: %s is there already; move it away to begin anew\n",
			words->config_path);
		return 1;
	}
	if (!ask_all(&answers) || !prepare(words, &answers))
		return 1;
	if (!become_user() || !add_account(words, &answers))
		return 1;
	say_next(words, &answers);
	return 0;
}
