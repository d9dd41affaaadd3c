#ifndef ADMIN_OPERATION_H
#define ADMIN_OPERATION_H

#include "admin/admin.h"

/* What operations share. */

/* A failure in a person's words: "the disk is full". */
const char *admin_why(enum base_failure failure);
/* Waits for a change; a NULL ticket was refused, and *error says why. */
enum base_failure admin_wait(
	struct base_ticket *ticket, struct base_error *error) MUST_CHECK;
/*
 * The same for the change that an operation is about, said to the person when it is done.
 */
enum base_failure admin_done(struct admin_call *call, struct base_ticket *ticket,
	struct base_error *error, const char *format, ...) MUST_CHECK
	__attribute__((format(printf, 4, 5)));
/* A whole number of an option, or fallback when it isn't given. */
enum base_failure admin_number(struct admin_call *call, const char *name, uint64_t fallback,
	uint64_t *number, struct base_error *error) MUST_CHECK;
/* The same in bytes: "500M", "2G". */
enum base_failure admin_size(struct admin_call *call, const char *name, uint64_t fallback,
	uint64_t *bytes, struct base_error *error) MUST_CHECK;
/* The account of an address; without one the error says how to see all. */
enum base_failure admin_account(struct admin_call *call, struct slice address,
	struct post_account_info *info, struct base_error *error) MUST_CHECK;

/* BASE_NOT_FOUND unless the domain, which may be absent, is one of ours. */
enum base_failure admin_domain(
	struct admin_call *call, struct slice domain, struct base_error *error) MUST_CHECK;

#define ADMIN_FIELD_OF_TEXT(field_name, s)                                  \
	{                                                                   \
		.name = (field_name), .kind = ADMIN_FIELD_TEXT, .text = (s) \
	}
#define ADMIN_FIELD_OF_NUMBER(field_name, n)                                             \
	{                                                                                \
		.name = (field_name), .kind = ADMIN_FIELD_NUMBER, .number = (int64_t)(n) \
	}
#define ADMIN_FIELD_OF_SWITCH(field_name, on)                                    \
	{                                                                        \
		.name = (field_name), .kind = ADMIN_FIELD_SWITCH, .number = (on) \
	}
#define ADMIN_FIELD_OF_TIME(field_name, ms)                                    \
	{                                                                      \
		.name = (field_name), .kind = ADMIN_FIELD_TIME, .number = (ms) \
	}
#define ADMIN_ROW(call, fields) \
	admin_row((call), (fields), sizeof(fields) / sizeof *(fields))

extern const struct admin_operation admin_operation_account_add,
	admin_operation_account_disable, admin_operation_account_enable,
	admin_operation_account_hide, admin_operation_account_limit,
	admin_operation_account_list, admin_operation_account_password,
	admin_operation_account_remove, admin_operation_account_show,
	admin_operation_account_usage, admin_operation_alias_add,
	admin_operation_alias_list, admin_operation_alias_remove, admin_operation_backup,
	admin_operation_check, admin_operation_domain_add, admin_operation_domain_catch_all,
	admin_operation_domain_list, admin_operation_domain_remove, admin_operation_export,
	admin_operation_import, admin_operation_message_trace, admin_operation_queue_drop,
	admin_operation_queue_hold, admin_operation_queue_list, admin_operation_queue_retry,
	admin_operation_queue_show, admin_operation_restore, admin_operation_route_add,
	admin_operation_route_list, admin_operation_route_remove,
	admin_operation_shared_add, admin_operation_shared_grant,
	admin_operation_shared_list, admin_operation_status;

#endif
