#include "admin/operation.h"
#include "base/texts.h"

enum { SENTENCE_MOST = 64 * 1024 };

const char *
admin_why(enum base_failure failure)
{
	static const char *const words[BASE_FAILURES] = {
		[BASE_OK] = "ok",
		[BASE_NOT_FOUND] = BASE_TEXT("it is not there"),
		[BASE_EXISTS] = BASE_TEXT("it is there already"),
		[BASE_INVALID] = BASE_TEXT("it is not valid"),
		[BASE_DENIED] = BASE_TEXT("that is not allowed"),
		[BASE_CONFLICT] = BASE_TEXT("somebody else changed it"),
		[BASE_TOO_LARGE] = BASE_TEXT("it is too large"),
		[BASE_QUOTA] = BASE_TEXT("the account is over its quota"),
		[BASE_UNAVAILABLE] = BASE_TEXT("it does not work now, try again later"),
		[BASE_DISK_FULL] = BASE_TEXT("the disk is full"),
		[BASE_DAMAGED] = BASE_TEXT("what is stored is damaged"),
		[BASE_CANCELLED] = BASE_TEXT("the server stops"),
	};
	return words[failure];
}

enum base_failure
admin_wait(struct base_ticket *ticket, struct base_error *error)
{
	if (!ticket)
		return error->failure ? error->failure : BASE_UNAVAILABLE;
	enum base_failure failure = base_ticket_await(ticket);
	if (failure)
		base_fail(error, failure, "the change could not be stored: %s",
			admin_why(failure));
	return failure;
}

enum base_failure
admin_done(struct admin_call *call, struct base_ticket *ticket, struct base_error *error,
	const char *format, ...)
{
	enum base_failure failure = admin_wait(ticket, error);
	if (failure)
		return failure;
	SCOPED(buffer_free) struct buffer text = buffer_with(SENTENCE_MOST);
	va_list arguments;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	admin_say(call, "%.*s", SLICE_ARG(buffer_slice(&text)));
	return BASE_OK;
}

static enum base_failure
number_with_unit(struct slice text, bool units, uint64_t *number)
{
	static const char letters[] = "KMGT";
	unsigned shift = 0;
	const char *letter = NULL;
	if (units && text.length > 1)
		letter = strchr(letters, byte_upper(text.data[text.length - 1]));
	if (letter) {
		shift = 10 * (unsigned)(letter - letters + 1);
		text.length--;
	}
	if (!slice_to_u64(text, number) || *number > UINT64_MAX >> shift)
		return BASE_INVALID;
	*number <<= shift;
	return BASE_OK;
}

static enum base_failure
read_number(struct admin_call *call, const char *name, bool units, uint64_t fallback,
	uint64_t *number, struct base_error *error)
{
	struct slice text = admin_argument(call, name);
	*number = fallback;
	if (slice_absent(text))
		return BASE_OK;
	if (!number_with_unit(text, units, number))
		return BASE_OK;
	if (units)
		return base_fail(error, BASE_INVALID,
			"--%s: \"%.*s\" is no number of bytes; write it as 500M or 2G",
			name, SLICE_ARG(text));
	return base_fail(
		error, BASE_INVALID, "--%s: \"%.*s\" is no number", name, SLICE_ARG(text));
}

enum base_failure
admin_number(struct admin_call *call, const char *name, uint64_t fallback, uint64_t *number,
	struct base_error *error)
{
	return read_number(call, name, false, fallback, number, error);
}

enum base_failure
admin_size(struct admin_call *call, const char *name, uint64_t fallback, uint64_t *bytes,
	struct base_error *error)
{
	return read_number(call, name, true, fallback, bytes, error);
}

enum base_failure
admin_account(struct admin_call *call, struct slice address, struct post_account_info *info,
	struct base_error *error)
{
	enum base_failure failure =
		post_account_find(admin_of(call)->post, address, admin_arena(call), info);
	if (failure)
		base_fail(error, failure,
			"there is no account %.*s; \"troika account list\" shows all",
			SLICE_ARG(address));
	return failure;
}

enum base_failure
admin_domain(struct admin_call *call, struct slice domain, struct base_error *error)
{
	if (slice_absent(domain) || post_domain_is_local(admin_of(call)->post, domain))
		return BASE_OK;
	return base_fail(error, BASE_NOT_FOUND,
		"there is no domain %.*s; \"troika domain list\" shows all",
		SLICE_ARG(domain));
}
