/* SETACL (RFC 4314 3.1): the owner's tree and the directory's hint, in one commit. */
#include "post/directory-internal.h"
#include "post/publication.h"
#include "post/sharing.h"

struct granting {
	struct post_account *account;
	struct post_directory_change *change;
	struct post_turn turn; /* of the account's own space */
	struct base_error *error;
};

static void
granting_release(struct granting *granting)
{
	if (granting->turn.account)
		post_turn_release(&granting->turn);
	post_directory_change_release(&granting->change);
}

static enum base_failure
begin(struct granting *granting)
{
	const struct post_tree *tree;
	granting->change = post_directory_begin_with(
		granting->account->post, granting->account->space, granting->error);
	if (!granting->change)
		return granting->error->failure;
	enum base_failure failure = post_turn_join(
		&granting->turn, granting->account, granting->change->companion);
	if (!failure)
		failure = post_turn_tree(&granting->turn, &tree);
	if (failure)
		return base_fail(granting->error, failure,
			"the account's list of mailboxes can't be read");
	granting->turn.tree = post_tree_copy(tree);
	return BASE_OK;
}

/* What was granted to accounts that are gone takes no room. */
static struct post_acl
without_the_gone(struct granting *granting, const struct post_acl *acl)
{
	struct post_acl kept = post_acl_copy(granting->turn.arena, acl);
	struct post_account_limits limits;
	kept.count = 0;
	for (size_t i = 0; i < acl->count; i++)
		if (acl->grants[i].who == POST_ANYONE ||
			!post_directory_limits(
				granting->account->post, acl->grants[i].who, &limits))
			kept.grants[kept.count++] = acl->grants[i];
	return kept;
}

static enum base_failure
change_list(struct granting *granting, struct slice given, uint64_t who, bool negative,
	const struct wire_rights_change *wanted)
{
	struct slice name;
	struct post_tree *tree = granting->turn.tree;
	enum base_failure failure =
		post_name_canonical(granting->turn.arena, given, &name, granting->error);
	if (failure)
		return failure;
	struct post_node *node = post_tree_edit(tree, name);
	if (!node || node->kind != POST_NODE_MAILBOX)
		return base_fail(
			granting->error, BASE_NOT_FOUND, "there is no such mailbox");
	struct post_acl kept = without_the_gone(granting, post_tree_acl(tree, node));
	struct post_acl acl =
		post_acl_with(granting->turn.arena, &kept, who, negative, wanted);
	post_tree_set_acl(tree, node, &acl);
	if (acl.count > POST_ACL_MOST || post_tree_grants(tree) > POST_TREE_GRANTS_MOST)
		return base_fail(granting->error, BASE_TOO_LARGE,
			"a mailbox has at most %d grants, those of an account %d",
			POST_ACL_MOST, POST_TREE_GRANTS_MOST);
	return BASE_OK;
}

static void
change_hint(struct granting *granting, uint64_t who)
{
	struct post_share share = {.who = who, .owner = granting->account->id};
	if (post_tree_grants_to(granting->turn.tree, who))
		post_directory_put_share(granting->change, &share);
	else
		post_directory_delete_share(granting->change, &share);
}

static struct base_ticket *
submit(struct granting *granting)
{
	struct post *post = granting->account->post;
	post_turn_finish(&granting->turn);
	struct base_ticket *ticket = post_directory_submit(&granting->change);
	post_await_later(post, ticket);
	return ticket;
}

struct base_ticket *
post_mailbox_grant(struct post_account *account, struct slice name, uint64_t who,
	bool negative, const struct wire_rights_change *change, struct base_error *error)
{
	struct base_error unsaid = {0};
	SCOPED(granting_release)
	struct granting granting = {.account = account, .error = error ? error : &unsaid};
	if (who == account->id) {
		base_fail(error, BASE_DENIED, "its owner may do everything with a mailbox");
		return NULL;
	}
	enum base_failure failure = begin(&granting);
	if (!failure)
		failure = change_list(&granting, name, who, negative, change);
	if (failure)
		return NULL;
	change_hint(&granting, who);
	return submit(&granting);
}
