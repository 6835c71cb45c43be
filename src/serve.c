/*
 * doorward.fcgi: the FastCGI responder, and with the same binary a plain CGI program. The web server
 * starts it, multiplies it and stops it; one process serves one request at a time.
 */
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "background.h"
#include "context.h"
#include "describe.h"
#include "encode.h"
#include "gateway.h"
#include "learn.h"
#include "log.h"
#include "outbox.h"
#include "reply.h"
#include "request.h"
#include "rotation.h"

/*
 * Bytes of a body or an answer after which a process begins anew: it has grown by many times as much,
 * and one that waits for its next request is to be small.
 */
#define MUCH (256 << 10)

/* Seconds between looks whether that is possible, where it was not. */
#define ANEW_LOOK 60

/* Seconds between looks for mails whose delivery is to be tried again. */
#define MAIL_LOOK 60

/*
 * Seconds that opening the store may take. It waits for a recovery that another process runs, whose log
 * is a few MiB; a process that waits longer waits for a dead one.
 */
#define OPEN_LIMIT 60

/* And closing it, which the web server waits for: what is committed is on disk already. */
#define CLOSE_LIMIT 5

/* Nanoseconds between the wakings of an idle process that is to end. */
#define WAKE_NS 20000000

/* The signal handlers' view of the process. */
static volatile sig_atomic_t stopping;	       /* a signal asked it to end */
static volatile sig_atomic_t busy;	       /* a request is in hand */
static volatile sig_atomic_t armed;	       /* the watchdog's alarm is set */
static volatile time_t busy_since, time_limit; /* time_steady(), seconds; read only while busy */
static timer_t waker;			       /* see on_stop() */

extern char **environ;

/*
 * Within a request this is the watchdog: the process hangs, perhaps on what a dead one held, so it ends
 * without a further look at the store; the next to start runs recovery. The alarm is left to run over
 * many short requests, so that they need no system call for it.
 */
static void on_alarm(int signal)
{
	static const char message[] = "doorward: a request took too long: giving up the process\n";
	time_t left = busy_since + time_limit - time_steady();

	(void)signal;
	armed = busy;
	if (!busy)
		return;
	if (left <= 0) {
		if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
			_exit(EXIT_FAILURE);
		_exit(EXIT_FAILURE);
	}
	alarm((unsigned)left);
}

static void mask_alarm(int how)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGALRM);
	sigprocmask(how, &signals, NULL);
}

/*
 * The alarm comes only within a request. Where a signal interrupts libfcgi's wait for the first bytes of
 * one, whatever SA_RESTART says of poll(2), it drops the connection (is_af_unix_keeper(), os_unix.c), and
 * the web server takes us for dead.
 */
static void begin_request(void)
{
	busy_since = time_steady();
	busy = 1;
	mask_alarm(SIG_UNBLOCK);
	if (!armed) {
		armed = 1;
		alarm((unsigned)time_limit);
	}
}

static void end_request(void)
{
	mask_alarm(SIG_BLOCK);
	busy = 0;
}

static void on_wake(int signal)
{
	(void)signal;
}

/*
 * The signals that web servers stop a responder with. The request in hand is finished, and so is one
 * that is just arriving, but for the moment of which begin_request() tells. Between the look at the flag
 * and accept(2) a signal would be lost until the next request: so the idle process wakes itself, again
 * and again, until accept(2) has seen it.
 */
static void on_stop(int signal)
{
	static const struct itimerspec often = { { 0, WAKE_NS }, { 0, WAKE_NS } };

	(void)signal;
	stopping = 1;
	FCGX_ShutdownPending();
	if (!busy)
		timer_settime(waker, 0, &often, NULL);
}

/* Ends what the watchdog watched so far, for another time_limit, and the wakings. */
static void watch_anew(void)
{
	static const struct itimerspec never = { { 0, 0 }, { 0, 0 } };

	timer_settime(waker, 0, &never, NULL);
	alarm(0);
	armed = 0;
}

/* The signals that web servers stop a responder with, blocked or not. */
static void mask_stop(int how)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(how, &signals, NULL);
}

static void install_handlers(void)
{
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	struct sigaction watchdog = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct sigaction wake = { .sa_handler = on_wake }; /* no SA_RESTART: accept(2) returns */
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigevent waking = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };

	timer_create(CLOCK_MONOTONIC, &waking, &waker);
	watch_anew();
	sigaction(SIGALRM, &watchdog, NULL);
	sigaction(SIGUSR2, &wake, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGUSR1, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	mask_stop(SIG_UNBLOCK); /* see begin_anew() */
}

/* Returns what request_answer() says: whether a mail may have been queued. *grown_r is set if it was much. */
static bool answer(struct context *context, const struct site *site, const struct gateway *gateway,
		   struct arrival *arrival, bool *grown_r)
{
	const struct request *request = &arrival->request;
	struct response response;
	bool queued_mail = request_answer(context, site, request, &response);

	*grown_r = *grown_r || request->body_size > MUCH || response.body_size > MUCH;
	gateway_write(gateway, response.headers, response.headers_size);
	if (response.body)
		gateway_write(gateway, response.body, response.body_size);
	response_free(&response);
	arrival_free(arrival);
	return queued_mail;
}

static enum error look_for_mail(struct txn *txn, void *arg)
{
	struct mail mail;
	enum error error = outbox_first_due(txn, (int64_t)time_now(), &mail);

	(void)arg;
	if (!error)
		mail_free(&mail);
	return error;
}

/*
 * Once the answer is on its way: has mail delivered that was queued just now, or that failed before and
 * is due again. The process that does it is another one, so nobody waits for a mail server.
 */
static void send_mail(struct context *context, bool queued)
{
	static time_t next; /* look */
	time_t now = time_steady();

	if (!queued && now < next)
		return;
	next = now + MAIL_LOOK;
	if (queued || store_view(context->store, look_for_mail, NULL) == OK)
		background_start(&context->config, BACKGROUND_MAIL);
}

/*
 * Has learned what recommendations are made of, where ratings have changed. Not more than one look in a
 * second, also where ratings never stop.
 */
static void learn_sometimes(struct context *context)
{
	static time_t next; /* look */
	time_t now = time_steady();

	if (now < next)
		return;
	next = now + 1;
	if (learn_is_due(context, time(NULL)))
		background_start(&context->config, BACKGROUND_LEARN);
}

/*
 * Whether to begin anew would succeed. Where the configuration or the policy is wrong just now it would not,
 * and what was read before stays in force. Looked at once in ANEW_LOOK seconds, and said so.
 */
static bool can_begin_anew(void)
{
	static time_t next; /* look */
	struct context fresh = { .store = NULL };
	time_t now = time_steady();
	char why[512];
	bool good;

	if (now < next)
		return false;
	next = now + ANEW_LOOK;
	if (config_load(&fresh.config, NULL, why, sizeof(why))) {
		good = context_open_policy(&fresh, why, sizeof(why));
		context_close(&fresh);
	} else {
		good = false;
	}
	if (!good)
		log_line(LOG_WARNING, "%s; the process goes on with what was there", why);
	return good;
}

/* Whether the web server asks over a Unix domain socket. */
static bool is_local(void)
{
	struct sockaddr address = { .sa_family = AF_UNSPEC };
	socklen_t size = sizeof(address);

	return getsockname(FCGI_LISTENSOCK_FILENO, &address, &size) == 0 &&
	       address.sa_family == AF_UNIX;
}

/*
 * Sends what is left of the answer and closes the connection. libfcgi would first wait until the web
 * server has closed it, lest something unread makes the kernel reset it before the answer has been read
 * (OS_Close(), os_unix.c). Where nothing is unread, that keeps the process from its next request for
 * nothing. To an authorizer the end of its input need not be sent, so it is not waited for; unread on a
 * local socket, it takes nothing from the answer.
 */
static void finish(FCGX_Request *fcgi, bool local)
{
	if (FCGX_HasSeenEOF(fcgi->in) || (local && fcgi->role == FCGI_AUTHORIZER))
		FCGX_Detach(fcgi);
	else
		FCGX_Attach(fcgi);
	FCGX_Finish_r(fcgi);
}

/* *anew_r: it is to begin anew. */
static int serve_fastcgi(struct context *context, const struct site *site, bool *anew_r)
{
	FCGX_Request fcgi;
	bool grown = false, local = is_local();

	if (FCGX_Init() != 0 ||
	    FCGX_InitRequest(&fcgi, FCGI_LISTENSOCK_FILENO, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		log_line(LOG_ERR, "cannot listen as a FastCGI responder");
		return EXIT_FAILURE;
	}
	while (!stopping && !*anew_r) {
		int error = FCGX_Accept_r(&fcgi);
		struct gateway gateway = { fcgi.envp, fcgi.in, fcgi.out };
		struct arrival arrival;
		bool queued_mail;

		if (error == -EINTR)
			continue; /* a signal to stop */
		if (error)
			break;
		begin_request();
		gateway_receive(&context->config, &gateway, &arrival);
		queued_mail = answer(context, site, &gateway, &arrival, &grown);
		finish(&fcgi, local);
		send_mail(context, queued_mail);
		learn_sometimes(context);
		*anew_r = (grown || store_has_lost(context->store)) && can_begin_anew();
		end_request();
	}
	FCGX_Free(&fcgi, 1);
	return EXIT_SUCCESS;
}

/*
 * The same program again in the same process, whose ID the web server knows and whose socket it keeps:
 * what was leaked or grown is gone. A signal to stop that comes meanwhile waits for the new one's handler.
 * Returns only when that cannot be done; then the process ends and the web server starts another.
 */
static void begin_anew(char **argv)
{
	mask_stop(SIG_BLOCK);
	if (!stopping)
		execv("/proc/self/exe", argv);
}

/*
 * The one request of a CGI program, before the store is opened: the web server hands on the body as slowly as
 * the client sends it, and a process that the watchdog ends for it must not leave the store to be recovered.
 * False where nobody waits for an answer any more: then the store is not opened at all, since Apache kills a
 * program that has not ended three seconds after its client hung up.
 */
static bool receive_cgi(const struct config *config, struct arrival *arrival_r)
{
	time_limit = (time_t)config->request_limit;
	begin_request();
	gateway_receive(config, &(struct gateway){ .environment = environ }, arrival_r);
	end_request();
	watch_anew();
	return !stopping && !arrival_r->request.body_cut_off;
}

static int serve_cgi(struct context *context, const struct site *site, struct arrival *arrival)
{
	struct gateway gateway = { environ, NULL, NULL };
	bool queued_mail, grown = false;

	begin_request();
	queued_mail = answer(context, site, &gateway, arrival, &grown);
	if (fclose(stdout) != 0)
		log_line(LOG_WARNING, "the answer was not taken: %s", strerror(errno));
	send_mail(context, queued_mail);
	learn_sometimes(context);
	return EXIT_SUCCESS;
}

/* What cannot be done now, the next process does; tokens are signed as before. */
static void follow_algorithm(struct context *context)
{
	struct rotation_policy policy = rotation_policy(&context->config);

	if (keyring_follow(context->keyring, &policy))
		log_line(LOG_ERR, "no key for [token] algorithm could be made");
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	struct site site = { .program = slash ? slash + 1 : argv[0] };
	struct context context = { .store = NULL };
	struct arrival arrival;
	bool cgi = FCGX_IsCGI(), opened, anew = false;
	char why[512];
	int status;

	/* to a CGI program arguments are a query without "=" (RFC 3875, 4.4): a client's words */
	if (cgi ? !getenv("REQUEST_METHOD") : argc > 1)
		return describe_program(argc, argv);
	if (!config_load(&context.config, NULL, why, sizeof(why))) {
		log_line(LOG_ERR, "%s", why);
		return EXIT_FAILURE;
	}
	log_open("doorward", context.config.log_target == LOG_TO_SYSLOG);
	if (!context_open_policy(&context, why, sizeof(why))) {
		log_line(LOG_ERR, "%s", why);
		config_free(&context.config);
		return EXIT_FAILURE;
	}
	install_handlers();
	if (cgi && !receive_cgi(&context.config, &arrival)) {
		arrival_free(&arrival);
		context_close(&context);
		return EXIT_SUCCESS;
	}
	time_limit = OPEN_LIMIT;
	begin_request(); /* the store may hang in opening, as it may in a request */
	opened = context_open(&context);
	end_request();
	if (!opened) {
		log_line(LOG_ERR, "out of memory");
		config_free(&context.config);
		return EXIT_FAILURE;
	}
	follow_algorithm(&context);
	site.alone = describe_link(site.program);
	watch_anew();
	time_limit = (time_t)context.config.request_limit;
	status = cgi ? serve_cgi(&context, &site, &arrival) : serve_fastcgi(&context, &site, &anew);
	watch_anew();
	time_limit = CLOSE_LIMIT;
	begin_request(); /* the store may hang in closing, too */
	context_close(&context);
	watch_anew();
	if (anew)
		begin_anew(argv);
	return status;
}
