/* Runs a fuzz target over each file of a corpus folder: the corpus as a plain test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *folder, const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		return 0;
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	rewind(file);
	uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
	size_t got = data && size > 0 ? fread(data, 1, (size_t)size, file) : 0;
	fclose(file);
	if (data)
		LLVMFuzzerTestOneInput(data, got);
	free(data);
	return 1;
}

int
main(int count, char **arguments)
{
	int replayed = 0;
	for (int i = 1; i < count; i++) {
		DIR *folder = opendir(arguments[i]);
		struct dirent *entry;
		while (folder && (entry = readdir(folder)))
			if (entry->d_name[0] != '.')
				replayed += replay_file(arguments[i], entry->d_name);
		if (folder)
			closedir(folder);
	}
	printf("%d inputs replayed\n", replayed);
	return replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
