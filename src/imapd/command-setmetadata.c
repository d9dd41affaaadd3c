/* SETMETADATA: RFC 5464 4.3; /private/specialuse: RFC 6154 4. */
#include "imapd/metadata.h"
#include "imapd/notify.h"
#include "imapd/rights.h"

#define SPECIAL_USE SLICE("/private/specialuse")

#define STRING_OF(number) #number
#define TOO_LONG(number)  "[METADATA MAXSIZE " STRING_OF(number) "] That value is too long"

/* What the server says of itself is the administrator's. */
static const char *
fault_of_server_entry(struct slice name)
{
	return slice_starts_nocase(name, SLICE("/shared/"))
		       ? "[NOPERM] Only the administrator sets that"
		       : NULL;
}

/* INBOX can't be for anything else. */
static const char *
take_use(const struct wire_imap_setmetadata *wanted, struct slice value,
	struct post_metadata_change *change)
{
	change->sets_use = true;
	if (!imapd_use_of_text(value, &change->use) ||
		(slice_equal(wanted->mailbox, SLICE("INBOX")) &&
			change->use != POST_USE_NONE))
		return "[USEATTR] A mailbox can't have that use";
	return NULL;
}

/* NULL when all of it can be done. */
static const char *
gather(struct imapd_session *session, const struct imapd_annotated *annotated,
	const struct wire_imap_setmetadata *wanted, struct post_metadata_entry *entries,
	struct post_metadata_change *change)
{
	const char *fault = NULL;
	bool server = slice_empty(wanted->mailbox);
	change->entries = entries;
	for (size_t i = 0; i < wanted->count && !fault; i++) {
		const struct wire_imap_entry_value *one = &wanted->entries[i];
		if (one->value.length > POST_METADATA_VALUE_MOST)
			fault = TOO_LONG(16384);
		else if (server && (fault = fault_of_server_entry(one->name)))
			break;
		else if (!server && slice_equal_nocase(one->name, SPECIAL_USE))
			fault = annotated->owns ? take_use(wanted, one->value, change)
						: "[NOPERM] The owner says what it is for";
		else
			entries[change->count++] = (struct post_metadata_entry){
				imapd_entry_kept_as(session, annotated->owns, one->name,
					session->call->arena),
				one->value};
	}
	return fault;
}

_Static_assert(POST_METADATA_VALUE_MOST == 16384, "the answer names it");

static enum net_next
set(struct imapd_session *session, const struct imapd_annotated *annotated,
	struct post_metadata_change *change)
{
	struct base_error error = {0};
	/* Readers, all together, leave room for what the owner wants to say. */
	change->halved = annotated->owns ? SLICE("") : SLICE(IMAPD_OF_READERS);
	struct base_ticket *ticket =
		post_metadata_set(annotated->account, annotated->mailbox, change, &error);
	if (!ticket && error.failure == BASE_TOO_LARGE)
		return imapd_no(session, "[METADATA TOOMANY] There are too many");
	imapd_notify_own_entries(session, annotated->account, change->serial);
	return imapd_await_change(session, SLICE_NONE, ticket, &error);
}

static enum net_next
run(struct imapd_session *session, struct imapd_call *call)
{
	struct wire_imap_setmetadata wanted;
	struct imapd_annotated annotated;
	struct post_metadata_change change = {0};
	if (!wire_imap_setmetadata_parse(&call->cursor, &wanted))
		return imapd_unparsed(session);
	enum base_failure failure =
		imapd_annotated_find(session, wanted.mailbox, call->arena, &annotated);
	if (failure)
		return imapd_no_place(session, failure);
	struct post_metadata_entry *entries =
		ARENA_MANY(call->arena, struct post_metadata_entry, wanted.count);
	const char *fault = gather(session, &annotated, &wanted, entries, &change);
	return fault ? imapd_no(session, fault) : set(session, &annotated, &change);
}

const struct imapd_command imapd_command_setmetadata = {
	.name = "SETMETADATA",
	.states = IMAPD_ACCOUNT,
	.rfc = "5464 4.3, 6154 4",
	.purpose = "Changes annotations of a mailbox, or of the server",
	.file = __FILE__,
	.run = run,
};
