/*
 * The yardstick: the least that a FastCGI responder, or a CGI program, can do. It answers twelve bytes to
 * everything, so what it reaches behind a web server is what the web server, the protocol and the client
 * cost.
 */
#include <fcgiapp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes the body first, since Apache closes the connection of a client whose body is left. */
static int answer_cgi(void)
{
	const char *length = getenv("CONTENT_LENGTH");

	for (long left = length ? atol(length) : 0; left > 0 && getchar() != EOF; left--)
		;
	/* without a length Apache sends the end by itself, and the client's TCP takes its time to ask for it */
	return fputs("Content-Type: text/plain\r\nContent-Length: 12\r\n\r\nHello world\n",
		     stdout) < 0;
}

int main(void)
{
	FCGX_Request request;

	if (FCGX_IsCGI())
		return answer_cgi();
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0)
		FCGX_PutS("Content-Type: text/plain\r\n\r\nHello world\n", request.out);
	return 0;
}
