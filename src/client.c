#include "client.h"

#include <stdio.h>
#include <unistd.h>

#include "text.h"

void client_address(const struct client *client, char address_r[ADDRESS_SIZE])
{
	if (client->number == 0)
		text_copy(address_r, ADDRESS_SIZE, "local");
	else
		address_of_client(address_r, client->trusted, client->remote, client->forwarded);
}

void client_request_id(const struct client *client, char id_r[REQUEST_ID_SIZE])
{
	if (client->number == 0)
		*id_r = '\0';
	else if (client->id && *client->id)
		text_copy(id_r, REQUEST_ID_SIZE, client->id);
	else
		snprintf(id_r, REQUEST_ID_SIZE, "%llx-%x-%llx", (long long)client->started,
			 (unsigned)getpid(), (unsigned long long)client->number);
}
