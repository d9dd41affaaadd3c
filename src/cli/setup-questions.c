#include "cli/setup.h"
#include "wire/address.h"
#include <netdb.h>
#include <unistd.h>

/* A line of standard input, or what is proposed when it is empty. */
static bool
ask(const char *question, const char *proposed, char answer[CLI_ANSWER_MOST])
{
	dprintf(STDERR_FILENO, *proposed ? "%s [%s]: " : "%s: ", question, proposed);
	if (!fgets(answer, CLI_ANSWER_MOST, stdin)) {
		dprintf(STDERR_FILENO, "\n");
		return false;
	}
	answer[strcspn(answer, "\r\n")] = 0;
	if (!*answer)
		snprintf(answer, CLI_ANSWER_MOST, "%s", proposed);
	return true;
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
ask_domain(const struct base_texts *texts, const char *question, const char *proposed,
	char answer[CLI_ANSWER_MOST])
{
	while (ask(question, proposed, answer)) {
		if (is_domain(answer))
			return true;
		dprintf(STDERR_FILENO,
			base_text(texts,
				"\"%s\" is no full domain name, such as example.org.\n"),
			answer);
	}
	return false;
}

/* What is safe in a file's name, a shell and an address without quotes. */
static bool
is_plain_name(const char *text)
{
	for (const char *at = text; *at; at++)
		if (!byte_is_alpha(*at) && !byte_is_digit(*at) &&
			(at == text || !strchr("._-", *at)))
			return false;
	return *text && text[strlen(text) - 1] != '.' && !strstr(text, "..");
}

static bool
ask_account(const struct base_texts *texts, char answer[CLI_ANSWER_MOST])
{
	const char *question =
		base_text(texts, "The first account (what stands before the @)");
	while (ask(question, "postmaster", answer)) {
		if (is_plain_name(answer))
			return true;
		dprintf(STDERR_FILENO,
			base_text(texts,
				"\"%s\": only letters, digits, dots and hyphens here; "
				"others can be made later.\n"),
			answer);
	}
	return false;
}

/* The machine's name if it is a full one, else "mail." and the domain. */
static void
propose_host(const char *domain, char proposed[CLI_ANSWER_MOST])
{
	char machine[CLI_ANSWER_MOST] = "";
	struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	gethostname(machine, sizeof machine - 1);
	if (!strchr(machine, '.') && getaddrinfo(machine, NULL, &hints, &found) == 0 &&
		found->ai_canonname)
		snprintf(machine, sizeof machine, "%s", found->ai_canonname);
	if (found)
		freeaddrinfo(found);
	bool local = slice_starts(slice_of_text(machine), SLICE("localhost"));
	if (is_domain(machine) && !local)
		snprintf(proposed, CLI_ANSWER_MOST, "%s", machine);
	else
		snprintf(proposed, CLI_ANSWER_MOST, "mail.%.240s", domain);
}

bool
cli_setup_ask(const struct base_texts *texts, struct cli_answers *answers)
{
	char proposed[CLI_ANSWER_MOST];
	if (!ask_domain(texts,
		    base_text(texts, "Your mail domain (what stands behind the @)"), "",
		    answers->domain))
		return false;
	propose_host(answers->domain, proposed);
	return ask_domain(texts, base_text(texts, "This server's own name"), proposed,
		       answers->host) &&
	       ask_account(texts, answers->account);
}
