/*
 * Letters to account holders (contract section 5): a mail with a link that carries a code. The code is
 * made and the mail queued in one transaction with what they are about.
 */
#ifndef DOORWARD_LETTER_H
#define DOORWARD_LETTER_H

#include "account.h"
#include "config.h"
#include "error.h"
#include "outbox.h"
#include "store.h"

/*
 * Whether a link may lead to url: one of the configured addresses, exactly, since strangers may ask for one
 * and what they added would come before ours. NULL is fine and stands for our own page. ERR_FIELDS for the
 * field email_redirect_url.
 */
enum error letter_check_url(const struct config *config, const char *url, struct failure *failure);

/*
 * Writes to the holder of an individual account: makes the code of the kind, in the place of an older
 * one, and queues the mail. url: where its link leads, checked before; NULL for our own page.
 */
enum error letter_send(struct txn *txn, const struct config *config, enum mail_kind kind,
		       const char *account_id, const char *url);

/*
 * Does the work of a letter to an address that has no account, or needs none, and leaves nothing behind:
 * so that the time of an answer does not tell.
 */
enum error letter_pretend(struct txn *txn, enum mail_kind kind, const char *email);

/* The kind of letter that gets a new account going: to set its password, where it has none. */
enum mail_kind letter_for_new(bool has_password);

#endif
