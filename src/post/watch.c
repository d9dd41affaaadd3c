#include "post/mailbox-internal.h"

struct post_watch *
post_mailbox_watch(
	struct post_mailbox *mailbox, void (*changed)(void *argument), void *argument)
{
	struct post_watch *watch = calloc(1, sizeof *watch);
	ASSERT(watch);
	watch->mailbox = post_mailbox_hold(mailbox);
	watch->changed = changed;
	watch->argument = argument;
	pthread_mutex_lock(&mailbox->watching);
	watch->next = mailbox->watches;
	watch->link = &mailbox->watches;
	if (watch->next)
		watch->next->link = &watch->next;
	mailbox->watches = watch;
	pthread_mutex_unlock(&mailbox->watching);
	return watch;
}

void
post_watch_end(struct post_watch *watch)
{
	if (!watch)
		return;
	struct post_mailbox *mailbox = watch->mailbox;
	pthread_mutex_lock(&mailbox->watching);
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	pthread_mutex_unlock(&mailbox->watching);
	free(watch);
	post_mailbox_close(mailbox);
}

void
post_mailbox_call_watches(struct post_mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->watching);
	for (struct post_watch *watch = mailbox->watches; watch; watch = watch->next)
		watch->changed(watch->argument);
	pthread_mutex_unlock(&mailbox->watching);
}
