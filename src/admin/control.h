#ifndef ADMIN_CONTROL_H
#define ADMIN_CONTROL_H

/*
 * The control protocol: lines of JSON, and counted bytes where a line announces them. One
 * operation a connection.
 *
 * Command line to server, the call, then its files if the operation reads some:
 *	{"operation":"account add","arguments":{"address":"anna@example.org","secret":"…"}}
 *	{"file":"cur/1:2,S","modified":1700000000,"size":512}   then 512 bytes, again and
 *again
 *	{"end":true}
 * An argument's value is a text, a list of texts, or true.
 *
 * Server to command line:
 *	{"row":{"address":"anna@example.org","messages":12}}
 *	{"say":"…"}
 *	{"progress":{"done":3,"of":10,"unit":"bytes"}}
 *	{"file":"cur/1:2,S","modified":1700000000}              begins one
 *	{"bytes":512}                                           then 512 bytes of it
 *	{"close":true}                                          ends it
 *	{"done":true}  or  {"error":"what is wrong","failure":"not-found"}
 */
#define ADMIN_BYTES_MOST (64 * 1024) /* in one piece of a file, server to command line */

#endif
