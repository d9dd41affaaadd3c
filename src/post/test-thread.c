/* The thin thread: a message comes in, is seen, read, flagged and expunged. */
#include "base/test.h"
#include "post/test-post.h"

static const char letter[] = "From: Boris <boris@example.org>\r\n"
			     "To: anna@troika.test\r\n"
			     "Subject: Tea\r\n"
			     "Message-ID: <1@example.org>\r\n"
			     "\r\n"
			     "At five?\r\n";

static void
comes_in_and_is_read(void **state)
{
	struct test_post test = {0};
	struct post_message message;
	struct slice bytes;
	(void)state;
	test_post_start(&test);
	struct post_account *anna = test_account(&test, "anna@troika.test");
	struct post_mailbox *inbox = test_open(anna, "inbox");
	struct post_view *before = post_view_newest(inbox);
	test_deliver(&test, anna, letter);
	struct post_view *after = post_view_newest(inbox);
	assert_int_equal(post_view_count(before), 0);
	assert_int_equal(post_view_count(after), 1);
	assert_int_equal(post_view_uid(after, 1), 1);
	SCOPED(arena_release) struct arena *arena = arena_create(ARENA_NO_CEILING);
	assert_int_equal(post_message_read(before, 1, arena, &message), BASE_NOT_FOUND);
	assert_int_equal(post_message_read(after, 1, arena, &message), BASE_OK);
	assert_int_equal(
		post_message_bytes(after, &message, 0, UINT64_MAX, arena, 10000, &bytes),
		BASE_OK);
	const char *whole = "Return-Path: <boris@example.org>\r\n"
			    "Delivered-To: anna@troika.test\r\n"
			    "Received: by mail.troika.test\r\n";
	assert_int_equal(bytes.length, strlen(whole) + strlen(letter));
	assert_int_equal(message.size, bytes.length);
	assert_true(slice_starts(bytes, slice_of_text(whole)));
	assert_true(slice_ends(bytes, slice_of_text(letter)));
	const struct wire_mime_part *top = message.structure->top;
	struct slice body =
		slice_part(bytes, top->body_start, (size_t)wire_mime_part_size(top));
	assert_true(slice_equal(body, SLICE("At five?\r\n")));
	assert_true(slice_equal(message.preview, SLICE("At five?")));
	post_view_drop(before);
	post_view_drop(after);
	post_mailbox_close(inbox);
	post_account_close(anna);
	test_post_stop(&test);
}

static void
is_flagged_and_expunged(void **state)
{
	struct test_post test = {0};
	struct post_status status;
	(void)state;
	test_post_start(&test);
	struct post_account *anna = test_account(&test, "anna@troika.test");
	for (int i = 0; i < 5; i++)
		test_deliver(&test, anna, letter);
	struct post_mailbox *inbox = test_open(anna, "INBOX");
	test_flag(inbox, 2, 4, "\\Deleted", POST_FLAGS_ADD);
	test_flag(inbox, 4, 9, "$Junk", POST_FLAGS_ADD);
	test_flag(inbox, 1, 1, "\\Seen", POST_FLAGS_ADD);
	test_flag(inbox, 4, 4, "\\deleted", POST_FLAGS_REMOVE);
	struct post_view *view = post_view_newest(inbox);
	struct post_flags flags = post_view_flags(view, 4);
	assert_false(post_flags_has(&flags, POST_DELETED));
	assert_true(post_flags_has(&flags, POST_KEYWORD_FIRST));
	assert_int_equal(post_view_flag_number(view, SLICE("$JUNK")), POST_KEYWORD_FIRST);
	SCOPED(post_uids_release) struct post_uids *all = test_uids(1, 100);
	SCOPED(post_uids_release) struct post_uids *expunged = NULL;
	test_done(post_expunge(inbox, all, true, &expunged, NULL));
	assert_int_equal(post_uids_count(expunged), 2);
	assert_int_equal(post_view_count(view), 5);
	post_view_drop(view);
	view = post_view_newest(inbox);
	assert_int_equal(post_view_count(view), 3);
	assert_int_equal(post_view_uid(view, 2), 4);
	assert_int_equal(post_mailbox_status(anna, SLICE("Inbox"), &status), BASE_OK);
	assert_int_equal(status.messages, 3);
	assert_int_equal(status.unseen, 2);
	assert_int_equal(status.deleted, 0);
	assert_int_equal(status.recent, 3);
	assert_int_equal(status.uid_next, 6);
	assert_int_equal(status.highest_modseq, post_view_modseq(view));
	post_view_drop(view);
	post_mailbox_close(inbox);
	post_account_close(anna);
	test_post_stop(&test);
}

static void
is_there_after_reopening(void **state)
{
	struct test_post test = {0};
	(void)state;
	test_post_start(&test);
	struct post_account *anna = test_account(&test, "anna@troika.test");
	for (int i = 0; i < 3; i++)
		test_deliver(&test, anna, letter);
	struct post_mailbox *inbox = test_open(anna, "INBOX");
	test_flag(inbox, 2, 2, "$Work", POST_FLAGS_ADD);
	post_mailbox_close(inbox);
	post_account_close(anna);
	test_post_reopen(&test);
	anna = test_account(&test, "anna@troika.test");
	inbox = test_open(anna, "INBOX");
	struct post_view *view = post_view_newest(inbox);
	assert_int_equal(post_view_count(view), 3);
	assert_int_equal(post_view_modseq(view), 5);
	assert_int_equal(post_view_modseq_of(view, 2), 5);
	assert_int_equal(post_view_modseq_of(view, 3), 4);
	assert_true(slice_equal(post_view_keyword(view, 0), SLICE("$Work")));
	post_view_drop(view);
	post_mailbox_close(inbox);
	post_account_close(anna);
	test_post_stop(&test);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_in_and_is_read),
		cmocka_unit_test(is_flagged_and_expunged),
		cmocka_unit_test(is_there_after_reopening),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
