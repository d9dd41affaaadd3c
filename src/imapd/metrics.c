#include "imapd/imapd-internal.h"

static struct base_metric *
command_counter(struct base_metrics *metrics, const struct imapd_command *command)
{
	char label[64];
	snprintf(label, sizeof label, "command=\"%s\"", command->name);
	return base_metrics_counter(
		metrics, "troika_imapd_commands_total", label, "Commands carried out");
}

struct imapd_metrics
imapd_metrics_register(struct base_metrics *metrics)
{
	struct imapd_metrics registered = {
		.sessions = base_metrics_counter(
			metrics, "troika_imapd_sessions_total", "", "Sessions greeted"),
		.fetched_bytes = base_metrics_counter(metrics,
			"troika_imapd_fetched_bytes_total", "", "Octets of messages sent"),
	};
	for (size_t i = 0; imapd_commands[i]; i++)
		registered.commands[i] = command_counter(metrics, imapd_commands[i]);
	return registered;
}
