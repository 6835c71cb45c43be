#include "link.h"

enum error link_each(const struct link *links, size_t count, link_fn *each, void *arg)
{
	enum error error = OK;

	for (size_t i = 0; !error && i < count; i++)
		error = each(arg, &links[i]);
	return error;
}
