// Examples are real: each is a request or an answer that was recorded, but for what is new each time.
import { isDeepStrictEqual as same } from "node:util";

// Tokens, keys, codes and identifiers by their form, and times.
const random = [
	[/^[\w-]+\.[\w-]+\.[\w-]{43}$/, "a token"],
	[/^dwkey_[\w-]+$/, "a key"],
	[/^[\w-]{80}$/, "a refresh token"],
	[/^[\w-]{43}$/, "a code, or a number of a key"],
	[/^[\w-]{22}$/, "an ID"],
];

const text = JSON.stringify;

function masked(value) {
	if (typeof value === "number" && value > 1e9) return "a time";
	if (typeof value === "string") return random.find(([form]) => form.test(value))?.[1] ?? value;
	// in no order: that of a list may be by ID
	if (Array.isArray(value)) return value.map(masked).sort((a, b) => (text(a) < text(b) ? -1 : 1));
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

function parsed(text) {
	try {
		return masked(JSON.parse(text));
	} catch {
		return undefined;
	}
}

// judge: has judged the exchanges. An answer that many operations share is to be one of theirs.
export function checkExamples(test, judge, exchanges) {
	const requests = new Map();
	const answers = [];
	for (const { method, path, sent, status, body } of exchanges) {
		const operation = judge.find(path)?.operations.get(method);
		if (!operation || method === "HEAD") continue;
		if (status === "200") requests.set(operation, [...(requests.get(operation) ?? []), sent]);
		answers.push({ operation, status, body });
	}
	const shared = new Map();
	for (const operation of judge.operations()) {
		const { name, example, statuses } = operation;
		if (example !== undefined)
			test(
				(requests.get(operation) ?? []).some((sent) => same(parsed(sent), masked(example))),
				`${name}: the example of its body was never sent`,
			);
		for (const [status, { response }] of name.startsWith("HEAD") ? [] : statuses) {
			const content = response.content?.["application/json"];
			if (!content || status === "500") continue;
			const key = JSON.stringify([status, content]);
			const entry = shared.get(key) ?? { name, status, example: content.example, operations: new Set() };
			shared.set(key, entry);
			entry.operations.add(operation);
		}
	}
	for (const { name, status, example, operations } of shared.values())
		test(
			answers.some(
				(answer) =>
					answer.status === status &&
					operations.has(answer.operation) &&
					same(parsed(answer.body), masked(example)),
			),
			`${name} ${status}: the example was never answered`,
		);
}
