#include "wire/smtp-parameter.h"
#include "wire/smtp-xtext.h"

/* A parameter's value into the struct; false when it is wrong, or given twice. */
typedef bool take_value(struct slice value, struct arena *arena, void *into);

struct known {
	struct slice name;
	take_value *take;
};

struct choice {
	struct slice name;
	int value;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct wire_smtp_parameter
wire_smtp_parameter_of(struct slice text)
{
	struct wire_smtp_parameter parameter;
	parameter.name = slice_cut(&text, '=');
	parameter.value = text;
	return parameter;
}

static bool
choose(struct slice name, const struct choice *choices, size_t count, int *value)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_equal_nocase(name, choices[i].name)) {
			*value = choices[i].value;
			return true;
		}
	}
	return false;
}

static bool
is_all_digits(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!byte_is_digit(text.data[i]))
			return false;
	return text.length > 0;
}

/* RFC 1870 3: up to 20 digits, which are more than 64 bits hold. */
static bool
take_size(struct slice value, struct arena *arena, void *into)
{
	(void)arena;
	struct wire_smtp_mail *mail = into;
	if (mail->has_size)
		return false;
	mail->has_size = true;
	if (value.length > 20 || !is_all_digits(value))
		return false;
	if (!slice_to_u64(value, &mail->size))
		mail->size = UINT64_MAX;
	return true;
}

static bool
take_body(struct slice value, struct arena *arena, void *into)
{
	(void)arena;
	static const struct choice BODIES[] = {
		{SLICE_INIT("7BIT"), WIRE_SMTP_BODY_7BIT},
		{SLICE_INIT("8BITMIME"), WIRE_SMTP_BODY_8BITMIME},
		{SLICE_INIT("BINARYMIME"), WIRE_SMTP_BODY_BINARYMIME},
	};
	struct wire_smtp_mail *mail = into;
	int body;
	if (mail->body != WIRE_SMTP_BODY_7BIT ||
		!choose(value, BODIES, COUNT(BODIES), &body))
		return false;
	mail->body = (enum wire_smtp_body)body;
	return true;
}

static bool
take_smtputf8(struct slice value, struct arena *arena, void *into)
{
	(void)arena;
	struct wire_smtp_mail *mail = into;
	mail->smtputf8 = true;
	return slice_absent(value);
}

static bool
take_auth(struct slice value, struct arena *arena, void *into)
{
	struct wire_smtp_mail *mail = into;
	return slice_absent(mail->auth) && value.length > 0 &&
	       wire_xtext_decode(value, arena, &mail->auth);
}

static bool
take_return(struct slice value, struct arena *arena, void *into)
{
	(void)arena;
	static const struct choice RETURNS[] = {
		{SLICE_INIT("FULL"), WIRE_SMTP_RETURN_FULL},
		{SLICE_INIT("HDRS"), WIRE_SMTP_RETURN_HEADERS},
	};
	struct wire_smtp_mail *mail = into;
	int returns;
	if (mail->returns || !choose(value, RETURNS, COUNT(RETURNS), &returns))
		return false;
	mail->returns = (enum wire_smtp_return)returns;
	return true;
}

static bool
take_envelope_id(struct slice value, struct arena *arena, void *into)
{
	struct wire_smtp_mail *mail = into;
	return slice_absent(mail->envelope_id) && value.length > 0 &&
	       wire_xtext_decode(value, arena, &mail->envelope_id) &&
	       mail->envelope_id.length <= WIRE_SMTP_ENVID_MOST &&
	       slice_is_ascii(mail->envelope_id);
}

/* RFC 3461 4.1: NEVER alone, or a list of the others. */
static bool
take_notify(struct slice value, struct arena *arena, void *into)
{
	(void)arena;
	static const struct choice EVENTS[] = {
		{SLICE_INIT("NEVER"), WIRE_SMTP_NOTIFY_NEVER},
		{SLICE_INIT("SUCCESS"), WIRE_SMTP_NOTIFY_SUCCESS},
		{SLICE_INIT("FAILURE"), WIRE_SMTP_NOTIFY_FAILURE},
		{SLICE_INIT("DELAY"), WIRE_SMTP_NOTIFY_DELAY},
	};
	struct wire_smtp_rcpt *rcpt = into;
	if (rcpt->notify || slice_absent(value))
		return false;
	while (!slice_absent(value)) {
		int event;
		if (!choose(slice_cut(&value, ','), EVENTS, COUNT(EVENTS), &event))
			return false;
		rcpt->notify |= (unsigned)event;
	}
	return !(rcpt->notify & WIRE_SMTP_NOTIFY_NEVER) ||
	       rcpt->notify == WIRE_SMTP_NOTIFY_NEVER;
}

static bool
is_address_type(struct slice type)
{
	for (size_t i = 0; i < type.length; i++)
		if (!byte_is_alpha(type.data[i]) && !byte_is_digit(type.data[i]) &&
			type.data[i] != '-')
			return false;
	return type.length > 0 && type.length <= WIRE_SMTP_TYPE_MOST;
}

/* "rfc822;anna+2Bx@example.org" (RFC 3461 4.2), "utf-8;…" (RFC 6533 3). */
static bool
take_original(struct slice value, struct arena *arena, void *into)
{
	struct wire_smtp_rcpt *rcpt = into;
	if (!slice_absent(rcpt->original))
		return false;
	rcpt->original_type = slice_cut(&value, ';');
	if (!is_address_type(rcpt->original_type) || value.length == 0)
		return false;
	bool utf8 = slice_equal_nocase(rcpt->original_type, SLICE("utf-8"));
	bool decoded = utf8 ? wire_utf8_address_decode(value, arena, &rcpt->original)
			    : wire_xtext_decode(value, arena, &rcpt->original);
	return decoded && rcpt->original.length <= WIRE_SMTP_ORCPT_MOST;
}

static struct wire_smtp_fault
take_known(struct wire_smtp_parameter parameter, const struct known *known, size_t count,
	struct arena *arena, void *into)
{
	for (size_t i = 0; i < count; i++) {
		if (!slice_equal_nocase(parameter.name, known[i].name))
			continue;
		if (known[i].take(parameter.value, arena, into))
			return (struct wire_smtp_fault){0};
		return (struct wire_smtp_fault){
			501, "5.5.4", "A parameter has a wrong value"};
	}
	return (struct wire_smtp_fault){555, "5.5.4", "There is no such parameter"};
}

struct wire_smtp_fault
wire_smtp_take_mail_parameter(
	struct wire_smtp_parameter parameter, struct arena *arena, void *mail)
{
	static const struct known KNOWN[] = {
		{SLICE_INIT("SIZE"), take_size},
		{SLICE_INIT("BODY"), take_body},
		{SLICE_INIT("SMTPUTF8"), take_smtputf8},
		{SLICE_INIT("AUTH"), take_auth},
		{SLICE_INIT("RET"), take_return},
		{SLICE_INIT("ENVID"), take_envelope_id},
	};
	return take_known(parameter, KNOWN, COUNT(KNOWN), arena, mail);
}

struct wire_smtp_fault
wire_smtp_take_rcpt_parameter(
	struct wire_smtp_parameter parameter, struct arena *arena, void *rcpt)
{
	static const struct known KNOWN[] = {
		{SLICE_INIT("NOTIFY"), take_notify},
		{SLICE_INIT("ORCPT"), take_original},
	};
	return take_known(parameter, KNOWN, COUNT(KNOWN), arena, rcpt);
}
