#ifndef WIRE_CHARSET_NAMES_H
#define WIRE_CHARSET_NAMES_H

#include "base/slice.h"

/* What a charset's name in mail means to us. */
enum charset_reader {
	CHARSET_GUESS, /* UTF-8 if it is valid, else windows-1252 */
	CHARSET_UTF8,
	CHARSET_WINDOWS_1252,
	CHARSET_ICONV,
};

/* For CHARSET_ICONV, name is filled with what to give iconv_open. */
#define CHARSET_NAME_SIZE 64
enum charset_reader charset_by_name(struct slice label, char name[CHARSET_NAME_SIZE]);

#endif
