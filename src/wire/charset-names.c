#include "wire/charset-names.h"
#include "wire/charset.h"

struct alias {
	const char *label; /* lower case */
	enum charset_reader reader;
	const char *iconv_name;
};

/*
 * Labels that iconv does not know, or that are widely used for a superset of what they name
 * (the WHATWG encoding standard, section 4.2, lists them). CP932, CP949, GB18030 and
 * BIG5-HKSCS read all that the charsets named by mistake can hold.
 * The last group are names of glibc's that depend on the machine.
 */
static const struct alias aliases[] = {
	{"utf-8", CHARSET_UTF8, NULL},
	{"utf8", CHARSET_UTF8, NULL},
	{"utf_8", CHARSET_UTF8, NULL},
	{"unicode-1-1-utf-8", CHARSET_UTF8, NULL},
	{"x-unicode20utf8", CHARSET_UTF8, NULL},
	{"unicode11utf8", CHARSET_UTF8, NULL},
	{"unicode20utf8", CHARSET_UTF8, NULL},
	{"us-ascii", CHARSET_GUESS, NULL},
	{"ascii", CHARSET_GUESS, NULL},
	{"ansi_x3.4-1968", CHARSET_GUESS, NULL},
	{"iso-8859-1", CHARSET_WINDOWS_1252, NULL},
	{"iso8859-1", CHARSET_WINDOWS_1252, NULL},
	{"iso_8859-1", CHARSET_WINDOWS_1252, NULL},
	{"iso_8859-1:1987", CHARSET_WINDOWS_1252, NULL},
	{"iso88591", CHARSET_WINDOWS_1252, NULL},
	{"iso8859_1", CHARSET_WINDOWS_1252, NULL},
	{"iso-ir-100", CHARSET_WINDOWS_1252, NULL},
	{"csisolatin1", CHARSET_WINDOWS_1252, NULL},
	{"cp819", CHARSET_WINDOWS_1252, NULL},
	{"ibm819", CHARSET_WINDOWS_1252, NULL},
	{"latin1", CHARSET_WINDOWS_1252, NULL},
	{"l1", CHARSET_WINDOWS_1252, NULL},
	{"windows-1252", CHARSET_WINDOWS_1252, NULL},
	{"cp1252", CHARSET_WINDOWS_1252, NULL},
	{"cp-1252", CHARSET_WINDOWS_1252, NULL},
	{"x-cp1252", CHARSET_WINDOWS_1252, NULL},
	{"windows1252", CHARSET_WINDOWS_1252, NULL},
	{"ansi", CHARSET_WINDOWS_1252, NULL},
	{"iso-8859-9", CHARSET_ICONV, "WINDOWS-1254"},
	{"latin5", CHARSET_ICONV, "WINDOWS-1254"},
	{"iso8859-9", CHARSET_ICONV, "WINDOWS-1254"},
	{"iso_8859-9", CHARSET_ICONV, "WINDOWS-1254"},
	{"iso-ir-148", CHARSET_ICONV, "WINDOWS-1254"},
	{"csisolatin5", CHARSET_ICONV, "WINDOWS-1254"},
	{"l5", CHARSET_ICONV, "WINDOWS-1254"},
	{"iso-8859-11", CHARSET_ICONV, "CP874"},
	{"tis-620", CHARSET_ICONV, "CP874"},
	{"windows-874", CHARSET_ICONV, "CP874"},
	{"dos-874", CHARSET_ICONV, "CP874"},
	{"x-windows-874", CHARSET_ICONV, "CP874"},
	{"iso-8859-8-i", CHARSET_ICONV, "ISO-8859-8"},
	{"iso-8859-8-e", CHARSET_ICONV, "ISO-8859-8"},
	{"csiso88598e", CHARSET_ICONV, "ISO-8859-8"},
	{"csiso88598i", CHARSET_ICONV, "ISO-8859-8"},
	{"visual", CHARSET_ICONV, "ISO-8859-8"},
	{"logical", CHARSET_ICONV, "ISO-8859-8"},
	{"iso-8859-6-i", CHARSET_ICONV, "ISO-8859-6"},
	{"iso-8859-6-e", CHARSET_ICONV, "ISO-8859-6"},
	{"csiso88596e", CHARSET_ICONV, "ISO-8859-6"},
	{"csiso88596i", CHARSET_ICONV, "ISO-8859-6"},
	{"sun_eu_greek", CHARSET_ICONV, "ISO-8859-7"},
	{"csisolatin9", CHARSET_ICONV, "ISO-8859-15"},
	{"l9", CHARSET_ICONV, "ISO-8859-15"},
	{"gb2312", CHARSET_ICONV, "GB18030"},
	{"gb_2312-80", CHARSET_ICONV, "GB18030"},
	{"gbk", CHARSET_ICONV, "GB18030"},
	{"x-gbk", CHARSET_ICONV, "GB18030"},
	{"cp936", CHARSET_ICONV, "GB18030"},
	{"ms936", CHARSET_ICONV, "GB18030"},
	{"euc-cn", CHARSET_ICONV, "GB18030"},
	{"chinesegb", CHARSET_ICONV, "GB18030"},
	{"chinese", CHARSET_ICONV, "GB18030"},
	{"gb_2312", CHARSET_ICONV, "GB18030"},
	{"csgb2312", CHARSET_ICONV, "GB18030"},
	{"csiso58gb231280", CHARSET_ICONV, "GB18030"},
	{"iso-ir-58", CHARSET_ICONV, "GB18030"},
	{"big5", CHARSET_ICONV, "BIG5-HKSCS"},
	{"big-5", CHARSET_ICONV, "BIG5-HKSCS"},
	{"x-x-big5", CHARSET_ICONV, "BIG5-HKSCS"},
	{"cn-big5", CHARSET_ICONV, "BIG5-HKSCS"},
	{"chinesebig5", CHARSET_ICONV, "BIG5-HKSCS"},
	{"csbig5", CHARSET_ICONV, "BIG5-HKSCS"},
	{"x-windows-950", CHARSET_ICONV, "BIG5-HKSCS"},
	{"ks_c_5601-1987", CHARSET_ICONV, "CP949"},
	{"ks_c_5601", CHARSET_ICONV, "CP949"},
	{"ksc5601", CHARSET_ICONV, "CP949"},
	{"ksc_5601", CHARSET_ICONV, "CP949"},
	{"euc-kr", CHARSET_ICONV, "CP949"},
	{"windows-949", CHARSET_ICONV, "CP949"},
	{"korean", CHARSET_ICONV, "CP949"},
	{"ks_c_5601-1989", CHARSET_ICONV, "CP949"},
	{"csksc56011987", CHARSET_ICONV, "CP949"},
	{"cseuckr", CHARSET_ICONV, "CP949"},
	{"iso-ir-149", CHARSET_ICONV, "CP949"},
	{"ms949", CHARSET_ICONV, "CP949"},
	{"x-windows-949", CHARSET_ICONV, "CP949"},
	{"shift_jis", CHARSET_ICONV, "CP932"},
	{"shift-jis", CHARSET_ICONV, "CP932"},
	{"sjis", CHARSET_ICONV, "CP932"},
	{"x-sjis", CHARSET_ICONV, "CP932"},
	{"ms_kanji", CHARSET_ICONV, "CP932"},
	{"windows-31j", CHARSET_ICONV, "CP932"},
	{"ms932", CHARSET_ICONV, "CP932"},
	{"csshiftjis", CHARSET_ICONV, "CP932"},
	{"x-euc-jp", CHARSET_ICONV, "EUC-JP-MS"},
	{"euc-jp", CHARSET_ICONV, "EUC-JP-MS"},
	{"cseucpkdfmtjapanese", CHARSET_ICONV, "EUC-JP-MS"},
	{"cp51932", CHARSET_ICONV, "EUC-JP-MS"},
	{"iso-2022-jp", CHARSET_ICONV, "ISO-2022-JP-3"},
	{"iso-2022-jp-ms", CHARSET_ICONV, "ISO-2022-JP-3"},
	{"csiso2022jp", CHARSET_ICONV, "ISO-2022-JP-3"},
	{"cp50220", CHARSET_ICONV, "ISO-2022-JP-3"},
	{"cp50221", CHARSET_ICONV, "ISO-2022-JP-3"},
	{"cp50222", CHARSET_ICONV, "ISO-2022-JP-3"},
	{"x-mac-roman", CHARSET_ICONV, "MACINTOSH"},
	{"mac", CHARSET_ICONV, "MACINTOSH"},
	{"x-mac-cyrillic", CHARSET_ICONV, "MAC-CYRILLIC"},
	{"x-mac-ukrainian", CHARSET_ICONV, "MAC-UK"},
	{"cp-850", CHARSET_ICONV, "CP850"},
	{"cp-866", CHARSET_ICONV, "CP866"},
	{"x-cp1250", CHARSET_ICONV, "CP1250"},
	{"x-cp1251", CHARSET_ICONV, "CP1251"},
	{"cp-1251", CHARSET_ICONV, "CP1251"},
	{"win-1251", CHARSET_ICONV, "CP1251"},
	{"windows1251", CHARSET_ICONV, "CP1251"},
	{"x-cp1253", CHARSET_ICONV, "CP1253"},
	{"x-cp1254", CHARSET_ICONV, "CP1254"},
	{"x-cp1255", CHARSET_ICONV, "CP1255"},
	{"x-cp1256", CHARSET_ICONV, "CP1256"},
	{"x-cp1257", CHARSET_ICONV, "CP1257"},
	{"x-cp1258", CHARSET_ICONV, "CP1258"},
	{"koi8", CHARSET_ICONV, "KOI8-R"},
	{"koi", CHARSET_ICONV, "KOI8-R"},
	{"koi8_r", CHARSET_ICONV, "KOI8-R"},
	{"x-koi8-r", CHARSET_ICONV, "KOI8-R"},
	{"unicode-1-1-utf-7", CHARSET_ICONV, "UTF-7"},
	{"unicodefeff", CHARSET_ICONV, "UTF-16LE"},
	{"unicodefffe", CHARSET_ICONV, "UTF-16BE"},
	{"internal", CHARSET_GUESS, NULL},
	{"wchar_t", CHARSET_GUESS, NULL},
	{"char", CHARSET_GUESS, NULL},
};

/* Slashes would give iconv options, and paths to modules. */
static bool
may_stand_in_a_name(char c)
{
	return byte_is_digit(c) || byte_is_alpha(c) || c == '-' || c == '_' || c == '.' ||
	       c == ':' || c == '+' || c == '(' || c == ')';
}

static struct slice
without_quotes(struct slice label)
{
	label = slice_trim(label);
	while (label.length > 0 && (label.data[0] == '"' || label.data[0] == '\''))
		label = slice_from(label, 1);
	while (label.length > 0 && (label.data[label.length - 1] == '"' ||
					   label.data[label.length - 1] == '\''))
		label = slice_first(label, label.length - 1);
	return label;
}

enum charset_reader
charset_by_name(struct slice label, char name[CHARSET_NAME_SIZE])
{
	_Static_assert(WIRE_CHARSET_NAME_LENGTH < CHARSET_NAME_SIZE, "the NUL fits");
	name[0] = '\0';
	label = without_quotes(label);
	if (label.length == 0 || label.length > WIRE_CHARSET_NAME_LENGTH)
		return CHARSET_GUESS;
	for (size_t i = 0; i < label.length; i++)
		if (!may_stand_in_a_name(label.data[i]))
			return CHARSET_GUESS;
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		if (!slice_equal_nocase(label, slice_of_text(aliases[i].label)))
			continue;
		if (aliases[i].iconv_name)
			memcpy(name, aliases[i].iconv_name,
				strlen(aliases[i].iconv_name) + 1);
		return aliases[i].reader;
	}
	memcpy(name, label.data, label.length);
	name[label.length] = '\0';
	return CHARSET_ICONV;
}
