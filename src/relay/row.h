#ifndef RELAY_ROW_H
#define RELAY_ROW_H

#include "base/base.h"

/*
 * The queue in the store, as bytes. Pure.
 *
 * A letter is one record 'L' ‖ id, written once, and one small row per recipient
 * 'R' ‖ id ‖ be32 number (from 1), rewritten at each deferral. A space's letters stand
 * before its rows, so that whoever reads in order knows the letter of each row.
 *
 * A value begins with RELAY_FORMAT. Unpacking gives BASE_DAMAGED for what packing would not
 * write; slices point into the value.
 */
#define RELAY_FORMAT      1
#define RELAY_KEY_MOST    (1 + BASE_ID_LENGTH + 4)
#define RELAY_LETTER_MOST (1024 * 1024) /* bytes of a letter's record */
#define RELAY_ROW_MOST    (16 * 1024)   /* bytes of a row */
#define RELAY_REPLY_MOST  1024          /* longer replies are cut */

enum relay_key_kind { RELAY_KEY_LETTER = 'L', RELAY_KEY_ROW = 'R' };

struct relay_key {
	enum relay_key_kind kind;
	struct slice id;
	uint32_t number; /* of a row */
};

struct slice relay_key_letter(struct slice id, char into[RELAY_KEY_MOST]);
struct slice relay_key_row(struct slice id, uint32_t number, char into[RELAY_KEY_MOST]);
MUST_CHECK bool relay_key_parse(struct slice key, struct relay_key *parsed);

struct relay_letter_record {
	int64_t arrived_ms;
	uint64_t account; /* who sent it, or 0 */
	uint64_t size;    /* of trace and blob */
	uint8_t hash[BASE_SHA256_SIZE];
	bool eight_bit, smtputf8, binary;
	bool headers_only, whole; /* RET=HDRS, RET=FULL */
	struct slice sender;      /* empty: a report */
	struct slice envelope_id; /* absent: none */
	struct slice trace;       /* this letter's own; the blob's bytes are shared */
};

struct relay_row_record {
	bool held;
	bool warned;  /* the sender knows of the delay */
	bool mailbox; /* relay_recipient's */
	uint32_t attempts;
	uint32_t crashes; /* of the server, with this row in hand */
	unsigned notify;  /* bits of wire_smtp_notify */
	int64_t next_ms;  /* not before */
	int64_t tried_ms; /* 0: never */
	struct slice address;
	struct slice original_type, original; /* ORCPT; absent: none */
	struct slice server;                  /* who gave the reply; absent: we */
	struct slice reply; /* the last one, or why no server was reached; may be absent */
};

/* False only when the buffer is full. */
bool relay_letter_pack(const struct relay_letter_record *record, struct buffer *into);
bool relay_row_pack(const struct relay_row_record *record, struct buffer *into);
MUST_CHECK enum base_failure relay_letter_unpack(
	struct slice value, struct relay_letter_record *record);
MUST_CHECK enum base_failure relay_row_unpack(
	struct slice value, struct relay_row_record *record);

/* "LETTER-N", what a person types. */
#define RELAY_ROW_ID_MOST (BASE_ID_LENGTH + 1 + 10)
struct slice relay_row_id(
	struct slice letter, uint32_t number, char into[RELAY_ROW_ID_MOST + 1]);
/* In any case of letters; id is what base/id.h makes, in upper case. */
MUST_CHECK bool relay_row_id_parse(
	struct slice text, char id[BASE_ID_LENGTH], uint32_t *number);

#endif
