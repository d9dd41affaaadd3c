#include "popd/test-scene.h"
#include <unistd.h>

const struct slice LETTER = SLICE_INIT("Subject: one\r\n"
				       "From: x@example.org\r\n"
				       "\r\n"
				       "first\r\n"
				       ".second\r\n"
				       "..third\r\n");

static void
open_scene(struct scene *scene, bool clear)
{
	house_open(&scene->house, &(struct house_settings){.clear = clear});
	scene->context = (struct popd_context){
		.post = scene->house.post,
		.door = scene->house.door,
		.log = scene->house.log,
		.metrics = scene->house.metrics,
	};
	house_listen(&scene->house, &popd_protocol, &scene->context);
	house_account(&scene->house, "anna@troika.test", "troika");
}

int
scene_clear(void **state)
{
	*state = calloc(1, sizeof(struct scene));
	open_scene(*state, true);
	return 0;
}

int
scene_secure(void **state)
{
	*state = calloc(1, sizeof(struct scene));
	open_scene(*state, false);
	return 0;
}

int
scene_end(void **state)
{
	struct scene *scene = *state;
	house_close(&scene->house);
	free(scene);
	return 0;
}

void
dial(struct scene *scene, struct peer *peer)
{
	peer_dial(peer, scene->house.port);
	peer_expect_start(peer, "+OK");
}

void
ask(struct peer *peer, const char *command, const char *start)
{
	peer_say(peer, command);
	peer_expect_start(peer, start);
}

void
sign_in(struct scene *scene, struct peer *peer)
{
	dial(scene, peer);
	ask(peer, "USER anna@troika.test", "+OK");
	ask(peer, "PASS troika", "+OK");
}

void
deliver(struct scene *scene, struct slice text)
{
	house_deliver(&scene->house, "anna@troika.test", text);
}

char *
lines(struct peer *peer)
{
	struct buffer text = buffer_with(64 << 20);
	const char *line;
	while (strcmp(line = peer_line(peer), ".") != 0) {
		buffer_put_text(&text, line[0] == '.' ? line + 1 : line);
		buffer_put_byte(&text, '|');
	}
	assert_true(buffer_put_byte(&text, '\0'));
	return text.data;
}

void
assert_lines(struct peer *peer, const char *command, const char *wanted)
{
	ask(peer, command, "+OK");
	char *got = lines(peer);
	assert_string_equal(got, wanted);
	free(got);
}

void
await_end_of_sessions(struct scene *scene)
{
	while (net_session_count(scene->house.net))
		usleep(1000);
}
