#include "net/walls-internal.h"

/* Libraries, gconv and NSS; certificates; names; time zones; what OpenSSL and libc ask. */
const char *const walls_readable[] = {
	"/usr/lib",
	"/lib",
	"/usr/lib64",
	"/lib64",
	"/usr/local/lib",
	"/etc/ld.so.cache",
	"/etc/ssl",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/usr/share/dns",
	"/usr/share/publicsuffix",
	"/usr/share/zoneinfo",
	"/usr/share/locale",
	"/usr/lib/locale",
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/services",
	"/etc/localtime",
	"/etc/passwd",
	"/etc/group",
	"/dev/urandom",
	"/proc/self",
	"/proc/sys/vm/overcommit_memory",
	"/proc/cpuinfo",
	"/proc/meminfo",
	"/sys/devices/system/cpu",
	NULL,
};

const char *const walls_writable_files[] = {"/dev/null", NULL};
