#include "wire/mime-html.h"

/* U+00A0 to U+00FF, in order (HTML 4.01, 24.2.1). */
static const char latin_1[96][8] = {"nbsp", "iexcl", "cent", "pound", "curren", "yen",
	"brvbar", "sect", "uml", "copy", "ordf", "laquo", "not", "shy", "reg", "macr",
	"deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil",
	"sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute",
	"Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute", "Ecirc",
	"Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
	"Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml",
	"Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring",
	"aelig", "ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc",
	"iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide",
	"oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml"};

static const struct {
	char name[8];
	uint32_t code_point;
} others[] = {
	{"amp", '&'},
	{"lt", '<'},
	{"gt", '>'},
	{"quot", '"'},
	{"apos", '\''},
	{"OElig", 0x152},
	{"oelig", 0x153},
	{"Scaron", 0x160},
	{"scaron", 0x161},
	{"ensp", 0x2002},
	{"emsp", 0x2003},
	{"thinsp", 0x2009},
	{"zwnj", 0x200c},
	{"zwj", 0x200d},
	{"lrm", 0x200e},
	{"rlm", 0x200f},
	{"ndash", 0x2013},
	{"mdash", 0x2014},
	{"lsquo", 0x2018},
	{"rsquo", 0x2019},
	{"sbquo", 0x201a},
	{"ldquo", 0x201c},
	{"rdquo", 0x201d},
	{"bdquo", 0x201e},
	{"bull", 0x2022},
	{"hellip", 0x2026},
	{"prime", 0x2032},
	{"lsaquo", 0x2039},
	{"rsaquo", 0x203a},
	{"euro", 0x20ac},
	{"trade", 0x2122},
	{"larr", 0x2190},
	{"rarr", 0x2192},
	{"minus", 0x2212},
};

/* Hostile text has a reference at every second octet, so strangers are told by one. */
static bool
is_named(struct slice name, const char *other)
{
	return name.data[0] == other[0] && slice_equal(name, slice_of_text(other));
}

static uint32_t
named(struct slice name)
{
	if (name.length == 0)
		return 0;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (is_named(name, others[i].name))
			return others[i].code_point;
	for (size_t i = 0; i < sizeof latin_1 / sizeof *latin_1; i++)
		if (is_named(name, latin_1[i]))
			return (uint32_t)(0xa0 + i);
	return 0;
}

/* What no text can hold is U+FFFD; so are the C1 controls, which nobody means. */
static uint32_t
sane(uint32_t code_point)
{
	bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
	bool control = code_point < ' ' && code_point != '\n' && code_point != '\t';
	bool c1 = code_point >= 0x7f && code_point < 0xa0;
	return surrogate || control || c1 || code_point > 0x10ffff ? 0xfffd : code_point;
}

static size_t
numbered(struct slice text, uint32_t *code_point)
{
	bool hex = text.length > 2 && byte_lower(text.data[2]) == 'x';
	size_t start = hex ? 3 : 2, at = start;
	*code_point = 0;
	for (; at < text.length && at < start + 8; at++) {
		int digit = byte_hex_value(text.data[at]);
		if (digit < 0 || (!hex && digit > 9))
			break;
		*code_point = *code_point * (hex ? 16 : 10) + (uint32_t)digit;
	}
	*code_point = sane(*code_point);
	return at == start ? 0 : at;
}

size_t
html_reference(struct slice text, uint32_t *code_point)
{
	size_t length = 1;
	if (text.length > 1 && text.data[1] == '#') {
		length = numbered(text, code_point);
	} else {
		while (length < text.length && length < 9 &&
			(byte_is_alpha(text.data[length]) ||
				byte_is_digit(text.data[length])))
			length++;
		*code_point = named(slice_part(text, 1, length - 1));
		length = *code_point ? length : 0;
	}
	return length > 0 && length < text.length && text.data[length] == ';' ? length + 1
									      : length;
}
