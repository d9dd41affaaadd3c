#include "admin/operation.h"

const struct admin_operation *const admin_operations[] = {&admin_operation_account_add,
	&admin_operation_account_disable, &admin_operation_account_enable,
	&admin_operation_account_hide, &admin_operation_account_limit,
	&admin_operation_account_list, &admin_operation_account_password,
	&admin_operation_account_remove, &admin_operation_account_show,
	&admin_operation_account_usage, &admin_operation_alias_add,
	&admin_operation_alias_list, &admin_operation_alias_remove, &admin_operation_backup,
	&admin_operation_check, &admin_operation_domain_add,
	&admin_operation_domain_catch_all, &admin_operation_domain_list,
	&admin_operation_domain_remove, &admin_operation_export, &admin_operation_import,
	&admin_operation_message_trace, &admin_operation_queue_drop,
	&admin_operation_queue_hold, &admin_operation_queue_list,
	&admin_operation_queue_retry, &admin_operation_queue_show, &admin_operation_restore,
	&admin_operation_route_add, &admin_operation_route_list,
	&admin_operation_route_remove, &admin_operation_shared_add,
	&admin_operation_shared_grant, &admin_operation_shared_list,
	&admin_operation_status, NULL};
