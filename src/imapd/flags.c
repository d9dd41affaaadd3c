#include "imapd/imapd-internal.h"

size_t
imapd_flag_names(
	struct arena *arena, const struct wire_imap_flags *flags, struct slice **names)
{
	size_t count = 0;
	*names = ARENA_MANY(arena, struct slice, flags->keyword_count + POST_SYSTEM_FLAGS);
	for (unsigned bit = 1; bit <= WIRE_IMAP_DRAFT; bit <<= 1)
		if (flags->system & bit)
			(*names)[count++] =
				wire_imap_system_flag_name((enum wire_imap_system_flag)bit);
	for (size_t i = 0; i < flags->keyword_count; i++)
		(*names)[count++] = flags->keywords[i];
	return count;
}
