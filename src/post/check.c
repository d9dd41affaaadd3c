#include "post/check.h"
#include <stdio.h>

/* post_check: account after account, each as of one moment. */

void
post_check_problem(struct post_checking *checking, const char *format, ...)
{
	char sentence[400];
	va_list arguments;
	int length = snprintf(sentence, sizeof sentence,
		"account %llu: ", (unsigned long long)checking->account->id);
	va_start(arguments, format);
	vsnprintf(sentence + length, sizeof sentence - (size_t)length, format, arguments);
	va_end(arguments);
	buffer_put(&checking->problems, slice_of(sentence, strlen(sentence) + 1));
	checking->verdict.problems++;
}

/* Nobody waits for a check, however long it reads: it has a moment of its own. */
static enum base_failure
check_account(struct post_checking *checking)
{
	checking->verdict = (struct post_verdict){.accounts = 1};
	checking->emails_count = 0;
	checking->bytes = checking->messages = 0;
	buffer_clear(&checking->problems);
	enum base_failure failure = post_check_mailboxes(checking);
	if (!failure)
		failure = post_check_contents(checking);
	if (!failure)
		failure = post_check_search(checking);
	return failure;
}

static void
tell(struct post_checking *checking, void (*problem)(void *argument, const char *sentence),
	void *argument)
{
	struct slice rest = buffer_slice(&checking->problems);
	while (problem && !slice_empty(rest)) {
		problem(argument, rest.data);
		rest = slice_from(rest, strlen(rest.data) + 1);
	}
}

static void
add_verdict(struct post_verdict *total, const struct post_verdict *part)
{
	total->accounts += part->accounts;
	total->mailboxes += part->mailboxes;
	total->messages += part->messages;
	total->problems += part->problems;
}

enum base_failure
post_check(struct post *post, void (*problem)(void *argument, const char *sentence),
	void *argument, struct post_verdict *verdict)
{
	return post_check_while(post, problem, NULL, argument, verdict);
}

enum base_failure
post_check_while(struct post *post, void (*problem)(void *argument, const char *sentence),
	bool (*go_on)(void *argument), void *argument, struct post_verdict *verdict)
{
	struct post_checking checking = {.problems = buffer_with(1024 * 1024)};
	enum base_failure failure = BASE_OK;
	uint64_t id = 0;
	*verdict = (struct post_verdict){0};
	while (!failure && (id = post_directory_account_after(post, id))) {
		checking.account = post_account_freeze(post, id);
		failure = check_account(&checking);
		tell(&checking, problem, argument);
		add_verdict(verdict, &checking.verdict);
		post_account_thaw(checking.account);
		if (!failure && go_on && !go_on(argument))
			failure = BASE_CANCELLED;
	}
	free(checking.emails);
	buffer_free(&checking.problems);
	return failure;
}
