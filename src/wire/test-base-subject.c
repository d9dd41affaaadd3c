#include "base/test.h"
#include "wire/base-subject.h"

struct subject_case {
	const char *subject, *base;
	bool is_reply;
};

/* RFC 5256 2.1, 5. */
static const struct subject_case CASES[] = {
	{"", "", false},
	{"plain", "plain", false},
	{"  two\t words  ", "two words", false},
	{"Re: plain", "plain", true},
	{"RE:plain", "plain", true},
	{"fw: fwd:Re: plain", "plain", true},
	{"Re[2]: plain", "plain", true},
	{"re [x] : plain", "plain", true},
	{"[list] plain", "plain", false},
	{"[list] Re: plain", "plain", true},
	{"Re: [list] plain", "plain", true},
	{"[a] [b] Re: [c] plain", "plain", true},
	{"plain (fwd)", "plain", true},
	{"plain (FWD) (fwd)", "plain", true},
	{"[fwd: plain]", "plain", true},
	{"[fwd: Re: [fwd: plain]]", "plain", true},
	{"[only]", "[only]", false},
	{"Re: [only]", "[only]", true},
	{"Re:", "", true},
	{"(fwd)", "", true},
	{"[fwd:]", "", true},
	{"regarding: plain", "regarding: plain", false},
	{"[a[b] plain", "[a[b] plain", false},
	{"Re: Привет", "Привет", true},
};

static void
what_is_not_the_subject_is_taken_off(void **state)
{
	(void)state;
	SCOPED(arena_release) struct arena *arena = arena_create(100000);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		bool is_reply;
		struct slice base = wire_base_subject(
			arena, slice_of_text(CASES[i].subject), &is_reply);
		if (!slice_equal(base, slice_of_text(CASES[i].base)) ||
			is_reply != CASES[i].is_reply)
			fail_msg("%s: %.*s", CASES[i].subject, SLICE_ARG(base));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_the_subject_is_taken_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
