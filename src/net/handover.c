#include "net/parent-internal.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * One packet: a byte, and descriptors: the memory file first, then the ports that are new
 * to the child, in the order in which the file names them. Keys never pass through a
 * socket's buffers, and a message has no size that could be too large.
 */
#define HANDOVER_DESCRIPTORS (1 + NET_PLAN_LISTENERS_MOST)
#define HANDOVER_SPACE       CMSG_SPACE(HANDOVER_DESCRIPTORS * sizeof(int))

static void
put_port(struct buffer *into, const struct parent_port *port)
{
	buffer_put_sized(into, port->name);
	buffer_put_sized(into, slice_of(&port->address, sizeof port->address));
	buffer_put_byte(into, port->handed ? 0 : 1);
}

static void
put_state(struct buffer *into, const struct parent_state *state)
{
	buffer_put_varint(into, state->port_count);
	for (size_t i = 0; i < state->port_count; i++)
		put_port(into, &state->ports[i]);
	buffer_put_varint(into, state->file_count);
	for (size_t i = 0; i < state->file_count; i++) {
		buffer_put_sized(into, state->files[i].name);
		buffer_put_sized(into, state->files[i].text);
	}
}

static bool
write_whole(int descriptor, struct slice s)
{
	while (s.length > 0) {
		ssize_t wrote = write(descriptor, s.data, s.length);
		if (wrote < 0 && errno != EINTR)
			return false;
		s = slice_from(s, wrote > 0 ? (size_t)wrote : 0);
	}
	return true;
}

static int
memory_file(const struct parent_state *state)
{
	SCOPED(buffer_free) struct buffer text = buffer_with(HANDOVER_BYTES_MOST);
	SCOPED(scoped_close) int file = memfd_create("handover", MFD_CLOEXEC);

	put_state(&text, state);
	ASSERT(!buffer_failed(&text)); /* parent_load took no larger plan */
	bool whole = file >= 0 && write_whole(file, buffer_slice(&text));
	if (text.data != NULL)
		explicit_bzero(text.data, text.length);
	if (!whole)
		return -1;
	int result = file;
	file = -1;
	return result;
}

static size_t
gather(const struct parent_state *state, int file, int descriptors[HANDOVER_DESCRIPTORS])
{
	size_t count = 0;

	descriptors[count++] = file;
	for (size_t i = 0; i < state->port_count; i++)
		if (!state->ports[i].handed)
			descriptors[count++] = state->ports[i].descriptor;
	return count;
}

static bool
send_descriptors(int socket, const int *descriptors, size_t count)
{
	_Alignas(struct cmsghdr) char room[HANDOVER_SPACE] = {0};
	char byte = 'H';
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

enum base_failure
handover_send(int socket, struct parent_state *state, struct base_error *error)
{
	int descriptors[HANDOVER_DESCRIPTORS];
	SCOPED(scoped_close) int file = memory_file(state);

	if (file < 0)
		return base_fail(error, BASE_UNAVAILABLE,
			"keys and ports can't be put together for the child: %s",
			strerrordesc_np(errno));
	if (!send_descriptors(socket, descriptors, gather(state, file, descriptors)))
		return base_fail(error, BASE_UNAVAILABLE, "the child can't be told: %s",
			strerrordesc_np(errno));
	for (size_t i = 0; i < state->port_count; i++)
		state->ports[i].handed = true;
	return BASE_OK;
}

/* --- the other end ------------------------------------------------------------------ */

struct received {
	int descriptors[HANDOVER_DESCRIPTORS];
	size_t count;
	size_t used;
};

static void
release_received(struct received *received)
{
	for (size_t i = received->used; i < received->count; i++)
		close(received->descriptors[i]);
}

static bool
receive_descriptors(int socket, struct received *received)
{
	_Alignas(struct cmsghdr) char room[HANDOVER_SPACE] = {0};
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof room};

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return false;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS)
		return false;
	received->count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(received->descriptors, CMSG_DATA(header), received->count * sizeof(int));
	return (message.msg_flags & MSG_CTRUNC) == 0;
}

static bool
take_port(struct slice *rest, struct received *received, struct net_handed_listener *port)
{
	struct slice address;
	uint8_t is_new;

	if (!take_sized(rest, &port->name) || !take_sized(rest, &address) ||
		address.length != sizeof port->address || !take_byte(rest, &is_new))
		return false;
	memcpy(&port->address, address.data, address.length);
	port->descriptor = -1;
	if (is_new == 0)
		return true;
	if (received->used >= received->count)
		return false;
	port->descriptor = received->descriptors[received->used++];
	return true;
}

static bool
take_state(struct slice rest, struct received *received, struct arena *arena,
	struct net_handover *handover)
{
	uint64_t ports, files;

	if (!take_varint(&rest, &ports) || ports > NET_PLAN_LISTENERS_MOST)
		return false;
	handover->listeners = ARENA_MANY(arena, struct net_handed_listener, ports);
	for (; handover->listener_count < ports; handover->listener_count++)
		if (!take_port(&rest, received,
			    &handover->listeners[handover->listener_count]))
			return false;
	if (!take_varint(&rest, &files) || files > NET_PLAN_FILES_MOST)
		return false;
	handover->files = ARENA_MANY(arena, struct net_handed_file, files);
	for (; handover->file_count < files; handover->file_count++) {
		struct net_handed_file *file = &handover->files[handover->file_count];
		if (!take_sized(&rest, &file->name) || !take_sized(&rest, &file->text))
			return false;
	}
	return slice_empty(rest);
}

static bool
read_memory_file(int file, struct arena *arena, struct slice *text)
{
	struct stat status;

	if (fstat(file, &status) != 0 || status.st_size > HANDOVER_BYTES_MOST)
		return false;
	size_t size = (size_t)status.st_size, have = 0;
	char *bytes = arena_take(arena, size + 1);
	while (have < size) {
		ssize_t got = pread(file, bytes + have, size - have, (off_t)have);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		have += got > 0 ? (size_t)got : 0;
	}
	*text = slice_of(bytes, size);
	return true;
}

bool
handover_receive(int socket, struct arena *arena, struct net_handover *handover)
{
	SCOPED(release_received) struct received received = {0};
	struct slice text;

	*handover = (struct net_handover){0};
	if (!receive_descriptors(socket, &received) || received.count == 0)
		return false;
	SCOPED(scoped_close) int file = received.descriptors[received.used++];
	return read_memory_file(file, arena, &text) &&
	       take_state(text, &received, arena, handover);
}
