// doc/openapi.yaml: read, its references resolved, its schemas made ready to judge by.
import { readFileSync } from "node:fs";
import addFormats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";
import { parse } from "yaml";

export const methods = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

// As plain JSON: what the anchors of the file share is copied.
export function load(file) {
	return JSON.parse(JSON.stringify(parse(readFileSync(file, "utf8"))));
}

// What a reference refers to.
export function target(document, pointer) {
	const names = pointer.slice(2).split("/");
	return names.reduce((at, name) => at[name.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}

// A copy of a part of the document without references. What stands beside one holds besides.
export function resolve(document, node) {
	if (Array.isArray(node)) return node.map((value) => resolve(document, value));
	if (node === null || typeof node !== "object") return node;
	const { $ref, ...beside } = node;
	const own = Object.fromEntries(
		Object.entries(beside).map(([name, value]) => [name, resolve(document, value)]),
	);
	if ($ref === undefined) return own;
	const referred = resolve(document, target(document, $ref));
	return Object.keys(own).length === 0 ? referred : { allOf: [referred], ...own };
}

// Whatever a schema of an answer does not name may not be there. What is put together (allOf, anyOf) is
// closed as a whole; an object of which no member is named is free.
export function close(schema, together = false) {
	if (schema === null || typeof schema !== "object") return schema;
	const closed = { ...schema };
	for (const name of ["allOf", "anyOf", "oneOf"]) {
		if (schema[name]) closed[name] = schema[name].map((part) => close(part, true));
	}
	if (schema.items) closed.items = close(schema.items);
	if (schema.properties) {
		closed.properties = Object.fromEntries(
			Object.entries(schema.properties).map(([name, member]) => [name, close(member)]),
		);
	}
	const whole = schema.allOf || schema.anyOf || (schema.type === "object" && schema.properties);
	if (whole && !together) closed.unevaluatedProperties = false;
	return closed;
}

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
addFormats(ajv);
ajv.addKeyword({
	keyword: "x-max-bytes",
	type: "string",
	schemaType: "number",
	validate: (most, text) => Buffer.byteLength(text) <= most,
});

// A function that says what is wrong with a value, or "".
export function judge(schema) {
	const validate = ajv.compile(schema);
	return (value) => (validate(value) ? "" : ajv.errorsText(validate.errors, { dataVar: "it" }));
}

// The errors that an answer's schema admits: the names in error_data, and "(fields)" for faults of fields.
export function errorNames(schema, names = new Set()) {
	for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? [])]) errorNames(part, names);
	const data = schema.properties?.error_data;
	if (data) {
		const name = data.properties?.name;
		if (data.properties?.query) names.add("(fields)");
		for (const value of name?.enum ?? (name?.const ? [name.const] : [])) names.add(value);
	}
	return names;
}
