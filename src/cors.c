#include "cors.h"

#include <string.h>

#include "config.h"
#include "request.h"

struct cors cors_of(const struct config *config, const struct request *request)
{
	struct cors cors = { .varies = config->cors_origins && *config->cors_origins };

	if (!cors.varies || !request->origin)
		return cors;
	for (char **origin = config->cors_origins; *origin && !cors.origin; origin++) {
		if (strcmp(*origin, request->origin) == 0)
			cors.origin = *origin;
	}
	cors.preflight = request->preflight_method && request->method &&
			 strcmp(request->method, "OPTIONS") == 0;
	return cors;
}
