#ifndef CLI_ATTACHMENTS_H
#define CLI_ATTACHMENTS_H

#include "cli/server.h"
#include "net/helper.h"

/*
 * post says which program reads what (post/attached.h), net runs it (net/helper.h): brought
 * together here.
 */
const struct net_program *cli_attachment_programs(size_t *count);

/* For post's settings; nobody without a helper process. */
struct post_attached_runner cli_attachment_runner(struct cli_server *server);

/* From the start on, now and then: what waits is read. */
void cli_attachments_watch(struct cli_server *server);

#endif
