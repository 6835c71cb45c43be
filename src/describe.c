#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "object.h"

static struct json_object *describe_roles(role_set roles)
{
	struct json_object *list = json_object_new_array();

	for (enum role role = 0; roles != ANYONE && role < ROLE__MAX; role++) {
		if (roles & (1u << role))
			json_object_array_add(list, json_object_new_string(role_name(role)));
	}
	return list;
}

static struct json_object *describe_fields(const struct field *field)
{
	struct json_object *list = json_object_new_array();

	for (; field && field->name; field++) {
		struct json_object *object = json_object_new_object();

		object_add_text(object, "name", field->name);
		object_add_text(object, "type", field_type_name(field->type));
		object_add_truth(object, "required", field->need == REQUIRED);
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *describe_operation(const struct operation *operation)
{
	struct json_object *object = json_object_new_object();
	bool opens = operation->opens_database || operation->own_user;

	json_object_object_add(object, "roles", describe_roles(operation->roles));
	object_add_truth(object, "anyone", operation->roles == ANYONE);
	object_add_truth(object, "identifies", operation->identifies);
	object_add_truth(object, "database", operation->needs_database || opens);
	object_add_truth(object, "own_user", operation->own_user);
	object_add_truth(object, "bulk", operation->bulk);
	json_object_object_add(object, "fields", describe_fields(operation->fields));
	return object;
}

static struct json_object *describe_endpoint(const struct endpoint *endpoint)
{
	struct json_object *object = json_object_new_object();
	struct json_object *methods = json_object_new_object();

	for (enum method method = 0; method < METHOD__MAX; method++) {
		const struct operation *operation = &endpoint->methods[method];

		if (operation->run)
			json_object_object_add(methods, method_name(method),
					       describe_operation(operation));
	}
	object_add_text(object, "path", endpoint->path);
	object_add_text(object, "alias", endpoint->alias);
	json_object_object_add(object, "methods", methods);
	return object;
}

static int print_description(void)
{
	struct json_object *list = json_object_new_array();
	const char *text;
	bool good;

	for (size_t i = 0; i < endpoint_count; i++)
		json_object_array_add(list, describe_endpoint(endpoints[i]));
	text = object_to_text(list, &(size_t){ 0 });
	good = text && puts(text) != EOF && fflush(stdout) == 0;
	json_object_put(list);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/*
 * The hard link that serves an endpoint alone: "login-service.fcgi" for login/service/,
 * "accounts-service-keys-id.fcgi" for accounts/service/keys/<id>/. The mount itself is "index.fcgi".
 */
static void link_name(const struct endpoint *endpoint, char *name_r, size_t size)
{
	size_t length = 0;

	for (const char *at = endpoint->path; *at && length + sizeof(".fcgi") < size; at++) {
		if (*at == '/' && at[1])
			name_r[length++] = '-';
		else if (!strchr("/<>", *at) && (*at != '.' || length > 0)) /* none is hidden */
			name_r[length++] = *at;
	}
	snprintf(name_r + length, size - length, "%s.fcgi", length ? "" : "index");
}

const struct endpoint *describe_link(const char *program)
{
	char name[128];

	for (size_t i = 0; i < endpoint_count; i++) {
		link_name(endpoints[i], name, sizeof(name));
		if (strcmp(name, program) == 0)
			return endpoints[i];
	}
	return NULL;
}

static int print_names(void)
{
	char name[128];

	for (size_t i = 0; i < endpoint_count; i++) {
		link_name(endpoints[i], name, sizeof(name));
		puts(name);
	}
	return EXIT_SUCCESS;
}

static void print_roles(role_set roles)
{
	const char *separator = "";

	for (enum role role = 0; role < ROLE__MAX; role++) {
		if (!(roles & (1u << role)))
			continue;
		printf("%s%s", separator, role_name(role));
		separator = ",";
	}
	puts(roles == ANYONE ? "anyone" : "");
}

static int print_endpoints(void)
{
	for (size_t i = 0; i < endpoint_count; i++) {
		for (enum method method = 0; method < METHOD__MAX; method++) {
			const struct operation *operation = &endpoints[i]->methods[method];

			if (!operation->run)
				continue;
			printf("%s\t%s\t", method_name(method),
			       *endpoints[i]->path ? endpoints[i]->path : "/");
			print_roles(operation->roles);
		}
	}
	return EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int (*run)(void);
} questions[] = {
	{ "--describe", print_description },
	{ "--endpoints", print_endpoints },
	{ "--names", print_names },
};

int describe_program(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(argv[1], questions[i].name) == 0)
			return questions[i].run();
	}
	fputs("doorward.fcgi is started by a web server, as a FastCGI responder or as plain CGI.\n"
	      "By hand: --endpoints lists what it serves, --describe more, in JSON,\n"
	      "--names lists the links that serve one each.\n",
	      stderr);
	return 2;
}
