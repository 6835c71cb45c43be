/*
 * The store's locks between processes. They are the kernel's, which end with their process however it
 * ends: a process that is killed holds what it held in Berkeley DB, and nothing wakes who
 * waits for it there.
 */
#ifndef DOORWARD_STORE_LOCKS_H
#define DOORWARD_STORE_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

struct store_locks {
	const char *directory; /* borrowed */
	int turn;	       /* the file of the writers' turn; -1 while it is not open */
	int gate;	       /* the file of the gate; -1 likewise */
};

void store_locks_init(struct store_locks *locks, const char *directory);
void store_locks_close(struct store_locks *locks);

/*
 * Waits until no other process writes. *died_r tells whether the last writer did not finish, by a mark
 * in the file: then the environment is to be opened anew before anything is written. 0, or what failed,
 * as errno says.
 */
int store_take_turn(struct store_locks *locks, bool *died_r);

/* finished: false when the store could not be recovered, so that the next one tries again. */
void store_end_turn(struct store_locks *locks, bool finished);

/* Whether a living process has its turn to write. */
bool store_somebody_writes(struct store_locks *locks);

/*
 * The gate. Recovery must be alone: Berkeley DB tells the others that their environment is lost, and
 * they look for that word before they write; but between the look and the write of one of them, be it
 * of a page that a reader makes room with, recovery may run, and what is written then spoils it. So
 * whoever is in a transaction is within the gate, and whoever recovers closes it first.
 *
 * store_enter(): 0, or what failed, as errno says.
 */
int store_enter(struct store_locks *locks);
void store_leave(struct store_locks *locks);

/*
 * Waits until nobody is within, and keeps everybody out until store_leave(). A process that does not
 * leave within a second, perhaps since it hangs on what a dead one held, is ended (SIGKILL).
 */
void store_close_gate(struct store_locks *locks);

/*
 * Takes the lock on the log files that there are: shared, to make a checkpoint, behind which old ones
 * are removed; or alone, to keep them all; operation as flock(2) has it. -1 when it cannot be had. Ends
 * with close(2).
 */
int store_hold_log(struct store_locks *locks, int operation);

/* The monotonic clock. */
int64_t store_milliseconds(void);

/* Pauses for up to a millisecond that differs between processes, so that they do not meet again. */
void store_pause(void);

#endif
