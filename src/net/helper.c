/* The child's end of the helper process. */
#include "net/helper-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOOK_MS = 200,
	PATIENCE_MS = 2 * NET_HELPER_MS, /* the process itself is to end it earlier */
	PIECE = 16 * 1024
};

struct net_helper {
	int socket;
	const struct net_program *programs;
	size_t count;
};

struct net_helper *
net_helper_create(int socket, const struct net_program *programs, size_t count)
{
	struct net_helper *helper = calloc(1, sizeof *helper);
	ASSERT(helper);
	*helper = (struct net_helper){socket, programs, count};
	return helper;
}

void
net_helper_destroy(struct net_helper *helper)
{
	free(helper);
}

/* The parent keeps the other end open until it knows that there is no use. */
static bool
is_there(const struct net_helper *helper)
{
	struct pollfd end = {helper->socket, POLLOUT, 0};
	return helper->socket >= 0 && poll(&end, 1, 0) >= 0 &&
	       !(end.revents & (POLLHUP | POLLERR));
}

bool
net_helper_has(const struct net_helper *helper, unsigned program)
{
	return program < helper->count && is_there(helper) &&
	       access(helper->programs[program].arguments[0], X_OK) == 0;
}

/* --- a job ------------------------------------------------------------------------------
 */

struct job {
	int output[2], life[2]; /* ours is the first of each */
	int quiet_ms;
	bool heard;
	struct helper_verdict verdict;
};

static void
hang_up(struct job *job)
{
	for (int i = 0; i < 2; i++) {
		scoped_close(&job->output[i]);
		scoped_close(&job->life[i]);
	}
}

static bool
open_job(struct job *job)
{
	return pipe2(job->output, O_CLOEXEC) == 0 &&
	       socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, job->life) == 0;
}

static bool
send_request(const struct net_helper *helper, const struct job *job,
	const struct net_helper_call *call)
{
	int descriptors[HELPER_DESCRIPTORS] = {[HELPER_INPUT] = call->input,
		[HELPER_OUTPUT] = job->output[1],
		[HELPER_LIFE] = job->life[1]};
	struct helper_request request = {call->program};
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof descriptors)] = {0};
	struct iovec part = {&request, sizeof request};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof room};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof descriptors);
	memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
	return sendmsg(helper->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)sizeof request;
}

/* True while there may be more. */
static bool
take_output(struct job *job, struct buffer *into)
{
	size_t left = into->ceiling - into->length;
	size_t room = left < PIECE ? left : PIECE;
	char *bytes = room ? buffer_reserve(into, room) : NULL;
	if (!bytes)
		return false;
	ssize_t got = read(job->output[0], bytes, room);
	if (got > 0)
		buffer_commit(into, (size_t)got);
	return got > 0 || (got < 0 && errno == EINTR);
}

/* False: the process is gone. */
static bool
take_verdict(struct job *job)
{
	ssize_t got = recv(job->life[0], &job->verdict, sizeof job->verdict, MSG_DONTWAIT);
	job->heard = got == (ssize_t)sizeof job->verdict;
	return job->heard || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool
is_given_up(struct job *job, const struct net_helper_call *call)
{
	job->quiet_ms += LOOK_MS;
	return job->quiet_ms >= PATIENCE_MS ||
	       (call->go_on && !call->go_on(call->argument));
}

static enum net_helper_end
end_of(const struct job *job)
{
	if (job->verdict.signal)
		return NET_HELPER_KILLED;
	return job->verdict.status ? NET_HELPER_FAILED : NET_HELPER_DONE;
}

/* All output first, then the verdict: the process may tell it before all is read. */
static enum net_helper_end
follow(struct job *job, const struct net_helper_call *call, struct buffer *into)
{
	bool more = true;
	while (more || !job->heard) {
		struct pollfd waits[] = {{more ? job->output[0] : -1, POLLIN, 0},
			{job->heard ? -1 : job->life[0], POLLIN, 0}};
		int ready = poll(waits, 2, LOOK_MS);
		if (ready < 0 && errno != EINTR)
			return NET_HELPER_UNAVAILABLE;
		if (ready == 0 && is_given_up(job, call))
			return NET_HELPER_UNAVAILABLE;
		if (ready > 0 && waits[0].revents) {
			more = take_output(job, into);
			if (!more && into->length == into->ceiling)
				return NET_HELPER_CUT;
		}
		if (ready > 0 && waits[1].revents && !take_verdict(job))
			return NET_HELPER_GONE;
	}
	return end_of(job);
}

enum net_helper_end
net_helper_run(const struct net_helper *helper, const struct net_helper_call *call,
	struct buffer *into)
{
	SCOPED(hang_up) struct job job = {.output = {-1, -1}, .life = {-1, -1}};
	ASSERT(call->program < helper->count);
	if (helper->socket < 0 || !open_job(&job) || !send_request(helper, &job, call))
		return NET_HELPER_UNAVAILABLE;
	scoped_close(&job.output[1]);
	scoped_close(&job.life[1]);
	return follow(&job, call, into);
}
