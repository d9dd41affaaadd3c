#include "admin/operation.h"

enum base_failure
admin_wait(struct base_ticket *ticket, struct base_error *error)
{
	if (!ticket)
		return error->failure ? error->failure : BASE_UNAVAILABLE;
	enum base_failure failure = base_ticket_wait(ticket);
	base_ticket_drop(ticket);
	if (failure)
		base_fail(error, failure, "the change could not be stored: %s",
			base_failure_name(failure));
	return failure;
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
	if (number_with_unit(text, units, number))
		return base_fail(error, BASE_INVALID, "--%s: \"%.*s\" is no number%s", name,
			SLICE_ARG(text), units ? " of bytes; write it as 500M or 2G" : "");
	return BASE_OK;
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
