#include "cli/keys.h"
#include "cli/setup.h"
#include "net/address.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

/* --- this machine's addresses, as others see them ----------------------------------------
 */

static bool
is_public_v4(const struct sockaddr_in *address)
{
	static const struct {
		uint32_t network, mask;
	} others[] = {{0x0a000000, 0xff000000}, {0x7f000000, 0xff000000},
		{0xa9fe0000, 0xffff0000}, {0xac100000, 0xfff00000},
		{0xc0a80000, 0xffff0000}, {0x64400000, 0xffc00000}};
	uint32_t host = ntohl(address->sin_addr.s_addr);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if ((host & others[i].mask) == others[i].network)
			return false;
	return true;
}

/* 2000::/3 */
static bool
is_public_v6(const struct sockaddr_in6 *address)
{
	return (address->sin6_addr.s6_addr[0] & 0xe0) == 0x20;
}

static bool
is_public(const struct sockaddr *address, int family)
{
	if (!address || address->sa_family != family)
		return false;
	if (family == AF_INET)
		return is_public_v4((const struct sockaddr_in *)(const void *)address);
	return is_public_v6((const struct sockaddr_in6 *)(const void *)address);
}

static const void *
bytes_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	return &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
}

/* Prints a line for each; false when there is none. */
static bool
print_addresses(const char *host, int family, const char *type)
{
	struct ifaddrs *all = NULL;
	bool some = false;
	char text[INET6_ADDRSTRLEN];
	if (getifaddrs(&all))
		return false;
	for (const struct ifaddrs *at = all; at; at = at->ifa_next) {
		if (!is_public(at->ifa_addr, family))
			continue;
		inet_ntop(family, bytes_of(at->ifa_addr), text, sizeof text);
		printf("     %s.  %-5s %s\n", host, type, text);
		some = true;
	}
	freeifaddrs(all);
	return some;
}

/* --- what is left to do ------------------------------------------------------------------
 */

static void
say_records(const struct base_texts *texts, const struct cli_answers *answers)
{
	const char *host = answers->host, *domain = answers->domain;
	printf(base_text(texts, "1. Records in the DNS of %s:\n"), domain);
	bool some = print_addresses(host, AF_INET, "A");
	some |= print_addresses(host, AF_INET6, "AAAA");
	if (!some)
		printf("     %s.  A     192.0.2.1   (%s)\n", host,
			base_text(texts, "your public address"));
	printf("     %s.  MX    10 %s.\n", domain, host);
	printf("     %s.  TXT   \"v=spf1 mx -all\"\n", domain);
	printf(base_text(texts,
		       "   and the address's reverse name, at your provider: %s\n\n"),
		host);
}

static void
say_start(const struct base_texts *texts, const char *config_path, bool as_root)
{
	printf("%s\n", base_text(texts, "2. Start the server:"));
	/* The unit's own path. */
	if (as_root && strcmp(config_path, CLI_CONFIG_DEFAULT) == 0)
		printf("     systemctl enable --now troika\n\n");
	else
		printf("     troika -c %s serve\n\n", config_path);
	if (!as_root)
		printf("%s\n\n",
			base_text(texts,
				"   A plain user gets no ports below 1024: the server "
				"listens on 2525 (SMTP),\n   2465 and 2587 (sending), 2993 "
				"and 2143 (IMAP), 2995 and 2110 (POP3). Mail of\n   others "
				"arrives only if somebody forwards port 25 to 2525."));
}

static void
say_programs(
	const struct base_texts *texts, const struct cli_answers *answers, bool as_root)
{
	printf("%s\n", base_text(texts, "3. In the mail program:"));
	printf(base_text(texts, "     name %s@%s, server %s,\n     IMAP %s (TLS), sending "
				"%s (TLS)\n"),
		answers->account, answers->domain, answers->host, as_root ? "993" : "2993",
		as_root ? "465" : "2465");
}

void
cli_setup_say_next(const struct base_texts *texts, const struct cli_answers *answers,
	const char *config_path, bool as_root)
{
	printf("\n%s\n\n", base_text(texts, "Done. What is left to do:"));
	say_records(texts, answers);
	say_start(texts, config_path, as_root);
	say_programs(texts, answers, as_root);
}
