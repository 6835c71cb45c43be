/*
 * Writes one line of the audit trail, as the program would:
 *   write CONFIGURATION ADDRESS EVENT OUTCOME [ACCOUNT [DETAIL]]
 */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>


int main(int argc, char **argv)
{
	struct client client = { .number = 1 };
	struct audit_event event;
	struct config config;
	struct audit *audit;
	char why[512];

	if (argc < 5 || argc > 7) {
		fprintf(stderr,
			"usage: write CONFIGURATION ADDRESS EVENT OUTCOME [ACCOUNT [DETAIL]]\n");
		return 2;
	}
	if (!config_load(&config, argv[1], why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	audit = audit_open(&config);
	if (!audit)
		abort();
	client.remote = argv[2];
	event = (struct audit_event){
		.event = argv[3],
		.outcome = argv[4],
		.account = argc > 5 ? argv[5] : NULL,
		.detail = argc > 6 ? argv[6] : NULL,
	};
	audit_write(audit, &client, &event);
	audit_close(audit);
	config_free(&config);
	return 0;
}
