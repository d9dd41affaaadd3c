#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

/*
 * Scope-bound release, instead of ladders of goto:
 *
 *	SCOPED(buffer_free) struct buffer text = buffer_with(4096);
 *
 * calls buffer_free(&text) when the scope ends, however it ends.
 * A releasing function takes a pointer to the variable and accepts an empty one.
 */
#define SCOPED(release) __attribute__((cleanup(release)))

/* The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Releasers for what libc gives; both accept the empty value (-1, NULL). */
void scoped_close(int *descriptor);
void scoped_free(void *pointer_to_pointer);

#endif
