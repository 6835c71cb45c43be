// Recorded requests and answers (record_exchange() in tests/http/lib.sh) against the document.
import { readFileSync } from "node:fs";
import { close, errorNames, judge, methods, resolve, target } from "./document.js";

// Faults of fields that a schema cannot know of: they depend on the store, the clock or other fields.
const beyondSchemas = [
	/^must have at (least|most) \d+ bytes$/, // a password to be, whose text is of the type Secret
	/^must not be the account's own name or email$/,
	/^is one of the most common passwords/,
	/^must be in the future$/,
	/^must be an identifier of type /,
	/^the database has no type for it$/,
	/^is required (for the role|to log in)/,
	/^the token has none of its own$/,
	/^is not one of the configured addresses$/,
	/^is none of this list$/,
	/^is named twice$/,
	/^must be at most \d+ bytes of JSON/,
	/^must be nested at most/,
];

export function readRecord(file) {
	const texts = readFileSync(file, "utf8").split("\0");
	const exchanges = [];
	for (let at = 0; at + 7 <= texts.length; at += 7) {
		const [where, method, path, sent, status, head, body] = texts.slice(at, at + 7);
		exchanges.push({ where, method, path, sent, status, headers: readHeaders(head), body });
	}
	return exchanges;
}

function readHeaders(text) {
	const headers = new Map();
	for (const line of text.split("\r\n").slice(1)) {
		const colon = line.indexOf(":");
		if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
	}
	return headers;
}

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

// What answers a response of the document describes: a function that says what is wrong with one.
function judgeResponse(response) {
	const content = response.content?.["application/json"];
	const schema = content && judge(close(content.schema));
	const headers = Object.entries(response.headers ?? {}).map(([name, header]) => [name, judge(header.schema)]);
	return ({ method, headers: sent, body }) => {
		for (const [name, fault] of headers) {
			const value = sent.get(name.toLowerCase());
			if (value === undefined) return `the header ${name} is missing`;
			if (fault(value)) return `the header ${name}: ${fault(value)}`;
		}
		const type = content ? "application/json" : undefined;
		if (sent.get("content-type") !== type) return `the content type is ${sent.get("content-type")}`;
		if (method === "HEAD") return "";
		if (!content) return body === "" ? "" : "there is a body";
		const value = parse(body);
		return value === undefined ? "the body is not JSON" : schema(value);
	};
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

// A field that is null counts as absent, and so does one of a thing in a list.
function withoutNull(value, lists = true) {
	if (!isObject(value)) return value;
	const left = Object.entries(value).filter(([, member]) => member !== null);
	return Object.fromEntries(
		left.map(([name, member]) => [
			name,
			lists && Array.isArray(member) ? member.map((thing) => withoutNull(thing, false)) : member,
		]),
	);
}

function judgeBody(operation) {
	const content = operation.requestBody?.content["application/json"];
	if (!content) return () => "";
	const fault = judge(content.schema);
	return ({ sent }) => fault(withoutNull(sent === "" ? {} : parse(sent)));
}

const truths = { true: true, 1: true, false: false, 0: false };

// A query has texts only: what they mean to a parameter.
function queryValue(schema, text) {
	const type = schema.type ?? schema.allOf?.[0].type;
	if (type === "integer" && /^[0-9]+$/.test(text)) return Number(text);
	return (type === "boolean" ? truths[text.toLowerCase()] : undefined) ?? text;
}

function judgeQuery(operation) {
	const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
	const faults = parameters.map(({ name, schema, required }) => ({
		name,
		required,
		schema,
		fault: judge(schema),
	}));
	return ({ path }) => {
		const query = new URLSearchParams(path.split("?")[1] ?? "");
		for (const { name, required, schema, fault } of faults) {
			if (!query.has(name) && required) return `${name} is missing`;
			const said = query.has(name) ? fault(queryValue(schema, query.get(name))) : "";
			if (said) return `${name}: ${said}`;
		}
		return "";
	};
}

// An operation as it is needed here; names is what errors it documents, seen what there was.
function prepare(document, item, method, path) {
	const operation = resolve(document, item[method]);
	const isGet = method === "get" || method === "head";
	const statuses = new Map();
	for (const [status, response] of Object.entries(operation.responses)) {
		const schema = response.content?.["application/json"].schema;
		const names = schema && status !== "200" ? errorNames(schema) : new Set();
		statuses.set(status, { fault: judgeResponse(response), response, names, seen: new Set(), count: 0 });
	}
	const request = isGet ? judgeQuery(operation) : judgeBody(operation);
	const example = operation.requestBody?.content["application/json"].example;
	return { name: `${method.toUpperCase()} ${path}`, statuses, request, example };
}

const segments = (path) => path.replace(/^\//, "").replace(/\/$/, "").split("/");

function decoded(segment) {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

export class Judge {
	constructor(test, document) {
		this.test = test;
		const places = new Map();
		for (const [path, item] of Object.entries(document.paths).filter(([, { $ref }]) => !$ref)) {
			const operations = methods.filter((method) => item[method]).map((method) => [
				method.toUpperCase(),
				prepare(document, item, method, path),
			]);
			places.set(item, { path, parts: segments(path), operations: new Map(operations), count: 0 });
		}
		// another path of the same operations
		const aliases = Object.entries(document.paths).filter(([, { $ref }]) => $ref);
		for (const [path, item] of aliases)
			places.set(item, { ...places.get(target(document, item.$ref)), path, parts: segments(path) });
		this.places = [...places.values()];
		const responses = resolve(document, document.components.responses);
		this.noEndpoint = judgeResponse(responses.NoEndpoint);
		this.brokenPath = judgeResponse(responses.WrongBody);
		this.noMethod = judgeResponse(responses.NoMethod);
	}

	operations() {
		return new Set(this.places.flatMap((place) => [...place.operations.values()]));
	}

	find(path) {
		const parts = segments(path.split("?")[0].replace(/^\/v1(?=\/|$)/, ""));
		return this.places.find(
			(place) =>
				place.parts.length === parts.length &&
				place.parts.every((part, i) =>
					part.startsWith("{") ? parts[i] !== "" : part === decoded(parts[i]),
				),
		);
	}

	// What is wrong with an exchange that the document does not name; "" when it is refused as it must be.
	unknown(exchange, fault) {
		const faults = { 400: this.brokenPath, 404: this.noEndpoint, ...fault }[exchange.status];
		return faults ? faults(exchange) : `the status is ${exchange.status}`;
	}

	// The request of a success is as documented; one that is refused for a field's type is not.
	request(exchange, operation, answer) {
		if (exchange.sent === "@") return "";
		const fault = operation.request(exchange);
		if (exchange.status === "200" && fault) return `the request is not as documented: ${fault}`;
		const query = exchange.status === "400" && isObject(answer) && answer.error_data.query;
		const said = Object.values(query || {}).flat();
		if (said.some((text) => !beyondSchemas.some((beyond) => beyond.test(text))) && !fault)
			return `the refused request is as documented: ${JSON.stringify(query)}`;
		return "";
	}

	exchange(exchange) {
		const place = this.find(exchange.path);
		if (!place) return this.unknown(exchange, {});
		place.count++;
		const operation = place.operations.get(exchange.method);
		if (!operation) return this.unknown(exchange, { 405: this.noMethod });
		const documented = operation.statuses.get(exchange.status);
		if (!documented) return `the status ${exchange.status} is not documented`;
		const answer = parse(exchange.body);
		documented.count++;
		if (isObject(answer?.error_data))
			documented.seen.add(answer.error_data.query ? "(fields)" : answer.error_data.name);
		return documented.fault(exchange) || this.request(exchange, operation, answer);
	}

	run(exchanges) {
		for (const exchange of exchanges) {
			const fault = this.exchange(exchange);
			const { where, method, path, sent, status, body } = exchange;
			const what = `${where}: ${method} ${path} ${sent.slice(0, 300)}\n  ${status} ${body.slice(0, 300)}`;
			this.test(!fault, `${what}\n  ${fault}`);
		}
	}
}
