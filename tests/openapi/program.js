// The document against what the program says of itself (doorward.fcgi --describe): paths, aliases,
// methods, roles, fields with their types, and which are required.
import { isDeepStrictEqual as same } from "node:util";
import { methods } from "./document.js";

const pathOf = (path) => "/" + path.replaceAll("<", "{").replaceAll(">", "}");
const roleList = (roles) => roles.map((role) => ({ bearer: [role] }));

function wantedSecurity(operation) {
	if (!operation.anyone) return roleList(operation.roles);
	return operation.identifies ? [{}, ...roleList(["root", "manager"])] : [];
}

// "name: Type", with a "!" where it is required.
const fieldText = (name, type, required) => `${name}: ${type}${required ? "!" : ""}`;
const typeOf = (schema) => (schema.$ref ?? schema.allOf?.[0].$ref ?? "").split("/").pop();

function documentedFields(operation, method) {
	if (method === "get") {
		const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
		return query.map(({ name, schema, required }) => fieldText(name, typeOf(schema), required));
	}
	const schema = operation.requestBody?.content["application/json"].schema;
	return Object.entries(schema?.properties ?? {}).map(([name, member]) =>
		fieldText(name, typeOf(member), schema.required?.includes(name)),
	);
}

// The statuses that follow from how an operation is declared.
function declaredStatuses(operation, method) {
	const narrowed = !operation.anyone && (operation.roles.length < 4 || operation.own_user);
	const when = {
		400: operation.database || operation.fields.length > 0 || method !== "get",
		401: !operation.anyone,
		403: narrowed,
		404: operation.database,
		413: method !== "get",
	};
	return ["200", ...Object.keys(when).filter((status) => when[status]), "500", "503"];
}

function checkOperation(test, where, documented, described, method) {
	const { security, requestBody } = documented;
	const fields = described.fields.map(({ name, type, required }) => fieldText(name, type, required));
	const needsBody = method !== "get" && described.fields.some((field) => field.required);
	test(same(security, wantedSecurity(described)), `${where}: security is not as the program has it`);
	const own = documentedFields(documented, method);
	test(same(own.sort(), fields.sort()), `${where}: fields are ${own}, the program has ${fields}`);
	test((requestBody?.required ?? false) === needsBody, `${where}: is its body required?`);
	test(method !== "get" || !requestBody, `${where}: GET has no body`);
	for (const status of declaredStatuses(described, method))
		test(documented.responses[status], `${where}: ${status} is not documented`);
}

function checkHead(test, path, item) {
	const alike = ["security", "parameters", "responses"];
	test(
		item.head && alike.every((name) => same(item.head[name], item.get[name])),
		`HEAD ${path} is not as GET`,
	);
}

export function checkProgram(test, document, described) {
	const open = new Set();
	for (const [path, item] of Object.entries(document.paths)) {
		for (const method of methods) if (item[method]) open.add(`${method} ${path}`);
		if (item.$ref) open.add(`alias ${path}`);
	}
	for (const endpoint of described) {
		const path = pathOf(endpoint.path);
		const item = document.paths[path] ?? {};
		const names = (item.parameters ?? []).map((parameter) => `{${parameter.name}}`);
		test(same(names, path.match(/{[^}]*}/g) ?? []), `${path}: its parameters`);
		for (const [name, operation] of Object.entries(endpoint.methods)) {
			const method = name.toLowerCase();
			const documented = item[method];
			test(documented, `${name} ${path} is not documented`);
			if (documented) checkOperation(test, `${name} ${path}`, documented, operation, method);
			open.delete(`${method} ${path}`);
		}
		if (item.get) checkHead(test, path, item);
		open.delete(`head ${path}`);
		if (endpoint.alias) {
			const alias = pathOf(endpoint.alias);
			const reference = "#/paths/" + path.replaceAll("~", "~0").replaceAll("/", "~1");
			test(document.paths[alias]?.$ref === reference, `${alias} is not documented as ${path}`);
			open.delete(`alias ${alias}`);
		}
	}
	for (const left of open) test(false, `${left} is documented, and the program has none`);
}
