/*
 * The yardstick: the least that a FastCGI responder, or a CGI program, can do. It answers twelve bytes to everything, so
 * what it reaches behind a web server is what the web server, the protocol and the client cost.
 */
#include <fcgiapp.h>
#include <stddef.h>
#include <stdio.h>

int main(void)
{
	FCGX_Request request;

	if (FCGX_IsCGI())
		return fputs("Content-Type: text/plain\r\n\r\nHello world\n", stdout) < 0;
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0)
		FCGX_PutS("Content-Type: text/plain\r\n\r\nHello world\n", request.out);
	return 0;
}
