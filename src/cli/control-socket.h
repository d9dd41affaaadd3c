#ifndef CLI_CONTROL_SOCKET_H
#define CLI_CONTROL_SOCKET_H

/*
 * The listening control socket: only its owner and root may speak. A socket that an earlier
 * server left is replaced: whoever calls this holds the store's lock. -1 with errno.
 */
int cli_control_socket(const char *path);

#endif
