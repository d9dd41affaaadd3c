#ifndef WIRE_MIME_HTML_H
#define WIRE_MIME_HTML_H

#include "base/slice.h"

/*
 * A character reference at the start of text, which begins with '&': "&eacute;", "&#233;",
 * "&#xe9;", also without its semicolon. 0 when it is none, else its length.
 */
size_t html_reference(struct slice text, uint32_t *code_point);

#endif
