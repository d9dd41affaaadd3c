/* Who may use a URL that grants access, and until when: RFC 4467 3, 5. */
#include "imapd/url-token.h"

struct slice
imapd_url_token(
	const uint8_t key[POST_URL_KEY_SIZE], struct slice rump, struct arena *arena)
{
	uint8_t digest[BASE_SHA256_SIZE];
	base_hmac_sha256(slice_of(key, POST_URL_KEY_SIZE), rump, digest);
	return hex_encode(arena, slice_of(digest, sizeof digest));
}

static struct slice
host_name(struct slice host)
{
	return slice_first(host, slice_find_byte(host, ':'));
}

enum base_failure
imapd_url_owner(struct imapd_session *session, const struct wire_imap_url *url,
	struct arena *arena, uint64_t *account)
{
	struct post_account_info info;
	if (!url->absolute || slice_absent(url->user))
		return BASE_INVALID;
	struct slice address = url->user;
	if (slice_find_byte(address, '@') == address.length)
		address = arena_printf(arena, "%.*s@%.*s", SLICE_ARG(url->user),
			SLICE_ARG(host_name(url->host)));
	enum base_failure failure =
		post_account_find(session->context->post, address, arena, &info);
	if (!failure)
		*account = info.id;
	return failure;
}

/* An address; or its local part, for those of the domain that the URL is of. */
static bool
is_this_user(const struct imapd_session *session, const struct wire_imap_url *url)
{
	struct slice address = slice_of_text(session->address);
	size_t at = slice_find_byte(address, '@');
	size_t owner_at = slice_find_byte(url->user, '@');
	struct slice domain = owner_at < url->user.length
				      ? slice_from(url->user, owner_at + 1)
				      : host_name(url->host);
	return slice_equal_nocase(url->name, address) ||
	       (slice_equal_nocase(url->name, slice_first(address, at)) &&
		       slice_equal_nocase(domain, slice_from(address, at + 1)));
}

/* Nobody signs in here for the submission server, so that "submit+" admits none. */
bool
imapd_url_admits(const struct imapd_session *session, const struct wire_imap_url *url)
{
	int64_t now = base_clock_wall_ms(session->context->clock) / 1000;
	if (url->expires && url->expires_at <= now)
		return false;
	switch (url->access) {
	case WIRE_IMAP_ACCESS_ANONYMOUS:
	case WIRE_IMAP_ACCESS_AUTHUSER:
		return true;
	case WIRE_IMAP_ACCESS_USER:
		return is_this_user(session, url);
	default:
		return false;
	}
}
