#include "store-locks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

#define TURN_FILE "turn"
#define GATE_FILE "gate"
#define HOLD_FILE "hold"

/*
 * Transactions take milliseconds, the largest bulk writes a second on a slow machine. One of those that
 * is ended all the same has promised nothing yet.
 */
#define GATE_PATIENCE_MS 1000

void store_locks_init(struct store_locks *locks, const char *directory)
{
	locks->directory = directory;
	locks->turn = locks->gate = -1;
}

void store_locks_close(struct store_locks *locks)
{
	if (locks->turn >= 0)
		close(locks->turn);
	if (locks->gate >= 0)
		close(locks->gate);
	locks->turn = locks->gate = -1;
}

int store_take_turn(struct store_locks *locks, bool *died_r)
{
	char mark = '-';
	int error;

	if (locks->turn < 0)
		locks->turn = file_open_lock(locks->directory, TURN_FILE);
	if (!file_lock(locks->turn, LOCK_EX))
		return errno;
	if (pread(locks->turn, &mark, 1, 0) < 0 || pwrite(locks->turn, "w", 1, 0) != 1) {
		error = errno ? errno : ENOSPC;
		flock(locks->turn, LOCK_UN);
		return error;
	}
	*died_r = mark == 'w';
	return 0;
}

void store_end_turn(struct store_locks *locks, bool finished)
{
	if (finished && pwrite(locks->turn, "-", 1, 0) != 1)
		log_line(LOG_ERR, "store: %s: %s", TURN_FILE, strerror(errno));
	flock(locks->turn, LOCK_UN);
}

bool store_somebody_writes(struct store_locks *locks)
{
	if (locks->turn < 0)
		locks->turn = file_open_lock(locks->directory, TURN_FILE);
	if (flock(locks->turn, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK;
	flock(locks->turn, LOCK_UN);
	return false;
}

/* The gate is a record lock, fcntl(2), since that tells who has it. */
static int lock_gate(const struct store_locks *locks, int command, short type)
{
	struct flock all = { .l_type = type, .l_whence = SEEK_SET };

	while (fcntl(locks->gate, command, &all) != 0) {
		/* the kernel also counts waiting for Berkeley DB's own record locks, which end by themselves */
		if (errno == EDEADLK || errno == ENOLCK)
			store_pause();
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

static void open_gate_file(struct store_locks *locks)
{
	if (locks->gate < 0)
		locks->gate = file_open_lock(locks->directory, GATE_FILE);
}

int store_enter(struct store_locks *locks)
{
	open_gate_file(locks);
	return lock_gate(locks, F_SETLKW, F_RDLCK);
}

void store_leave(struct store_locks *locks)
{
	lock_gate(locks, F_SETLK, F_UNLCK);
}

/* Ends one who does not leave, so that it cannot write when the recovery is over. */
static void end_who_is_within(struct store_locks *locks)
{
	struct flock who = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(locks->gate, F_GETLK, &who) != 0 || who.l_type == F_UNLCK || who.l_pid <= 0)
		return;
	if (kill(who.l_pid, SIGKILL) == 0)
		log_line(LOG_WARNING, "store: process %d hangs in a transaction and is ended",
			 (int)who.l_pid);
}

void store_close_gate(struct store_locks *locks)
{
	int64_t end = store_milliseconds() + GATE_PATIENCE_MS;
	int error;

	open_gate_file(locks);
	while ((error = lock_gate(locks, F_SETLK, F_WRLCK)) == EAGAIN || error == EACCES) {
		if (store_milliseconds() > end) {
			end_who_is_within(locks);
			end = store_milliseconds() + GATE_PATIENCE_MS;
		}
		store_pause();
	}
	if (error)
		log_line(LOG_ERR, "store: %s: %s", GATE_FILE, strerror(error));
}

int store_hold_log(struct store_locks *locks, int operation)
{
	int fd = file_open_lock(locks->directory, HOLD_FILE);

	if (fd >= 0 && flock(fd, operation) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int64_t store_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void store_pause(void)
{
	static unsigned seed;
	struct timespec pause = { 0 };

	if (!seed)
		seed = (unsigned)getpid();
	pause.tv_nsec = 50000L + rand_r(&seed) % 1000000L;
	nanosleep(&pause, NULL);
}
