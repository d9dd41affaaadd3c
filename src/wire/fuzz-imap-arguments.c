#include "base/error.h"
#include "wire/imap-acl.h"
#include "wire/imap-arguments.h"
#include "wire/imap-store.h"

/* Every smaller command over the same text: exactly those that fail have an error. */
struct results {
	struct slice a, b, *names;
	size_t count;
	struct wire_imap_create create;
	struct wire_imap_list list;
	struct wire_imap_status status;
	struct wire_imap_copy copy;
	struct wire_imap_set set;
	struct wire_imap_append append;
	struct wire_imap_id_pair *pairs;
	struct wire_imap_url_request *requests;
	struct wire_imap_resetkey reset;
	struct wire_imap_store store;
	struct wire_imap_acl acl;
};

static bool
run(unsigned which, struct wire_imap_cursor *c, struct results *r)
{
	switch (which) {
	case 0:
		return wire_imap_one_mailbox(c, &r->a);
	case 1:
		return wire_imap_two_mailboxes(c, &r->a, &r->b);
	case 2:
		return wire_imap_create_parse(c, &r->create);
	case 3:
		return wire_imap_list_parse(c, &r->list);
	case 4:
		return wire_imap_status_parse(c, &r->status);
	case 5:
		return wire_imap_copy_parse(c, &r->copy);
	case 6:
		return wire_imap_one_set(c, &r->set);
	case 7:
		return wire_imap_append_parse(c, &r->append);
	case 8:
		return wire_imap_login_parse(c, &r->a, &r->b);
	case 9:
		return wire_imap_authenticate_parse(c, &r->a, &r->b);
	case 10:
		return wire_imap_enable_parse(c, &r->names, &r->count);
	case 11:
		return wire_imap_id_parse(c, &r->pairs, &r->count);
	case 12:
		return wire_imap_list_plain_parse(c, &r->list);
	case 13:
		return wire_imap_compress_parse(c, &r->a);
	case 14:
		return wire_imap_replace_parse(c, &r->append);
	case 15:
		return wire_imap_setquota_parse(c, &r->a);
	case 16:
		return wire_imap_genurlauth_parse(c, &r->requests, &r->count);
	case 17:
		return wire_imap_urlfetch_parse(c, &r->requests, &r->count);
	case 18:
		return wire_imap_resetkey_parse(c, &r->reset);
	case 19:
		return wire_imap_setacl_parse(c, &r->acl);
	case 20:
		return wire_imap_acl_parse(c, &r->acl);
	case 21:
		return wire_imap_language_parse(c, &r->names, &r->count);
	default:
		return wire_imap_store_parse(c, &r->store);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_release) struct arena *arena = arena_create(1 << 18);
	for (unsigned which = 0; which <= 22; which++) {
		struct wire_imap_cursor cursor =
			wire_imap_cursor_over(slice_of(data, size), arena);
		struct results results;
		arena_reset(arena);
		bool parsed = run(which, &cursor, &results);
		ASSERT(parsed == !cursor.error);
		ASSERT(!parsed || cursor.rest.length == 0);
	}
	return 0;
}
