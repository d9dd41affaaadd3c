#ifndef ADMIN_CONTROL_H
#define ADMIN_CONTROL_H

/*
 * The control protocol: lines of JSON, and counted bytes where a line announces them. One
 * operation a connection.
 *
 * Command line to server, the call, then its files if the operation reads some:
 *	{"operation":"account add","arguments":{"address":"anna@…",…}}
 *	{"file":"cur/1:2,S","modified":1700000000,"size":512}   then 512 bytes,
 *	{"whole":true}                                          and the next file, …
 *	{"end":true}  or, where files could not be read at all, {"end":true,"left_out":true}
 * An argument's value is a text, a list of texts, or true. Of a path that is no UTF-8 the
 * bytes come as if they were ISO 8859-1. A file that can't be read to its end, or shrank
 * meanwhile, is filled up and followed by {"whole":false}: it is left out. A connection
 * that ends before "end" is one that broke: what came whole is stored, the rest is not.
 *
 * Server to command line:
 *	{"row":{"address":"anna@example.org","messages":12}}    "_ms" in a name: a time
 *	{"say":"…"}
 *	{"progress":{"done":3,"of":10,"unit":"bytes"}}
 *	{"file":"cur/1:2,S","modified":1700000000}              begins one
 *	{"bytes":512}                                           then 512 bytes of it
 *	{"close":true}                                          ends it
 *	{"done":true}  or  {"error":"what is wrong","failure":"not-found"}
 */
#define ADMIN_LINE_MOST  (256 * 1024) /* the call, and the head of a file */
#define ADMIN_BYTES_MOST (64 * 1024)  /* in one piece of a file, server to command line */

#endif
