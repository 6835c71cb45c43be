// main.js DOCUMENT DESCRIBED RECORD…: the document is valid OpenAPI 3.1; it says of each operation what
// the program says; every recorded exchange is as it says; all that it says was seen, examples included.
// The last line is "N passed, M failed".
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { load } from "./document.js";
import { checkExamples } from "./examples.js";
import { checkProgram } from "./program.js";
import { Judge, readRecord } from "./record.js";

// Documented, and not to be seen.
const unseen = [
	[/ 500\b/, "happens by a bug only"],
	[/^(GET|HEAD) \/ 503\b/, "needs no store: given where the web server's responders die"],
	[/^(GET|HEAD) \/authorize\/ (200|401|403|404|503)\b/, "told to web servers alone: tests/guard"],
	[/ 503 SERVER_UNAVAILABLE\b/, "the web server's word where no responder can be started: etc/errors"],
];

const [file, describedFile, ...records] = process.argv.slice(2);
let passed = 0;
let failed = 0;
function test(good, what) {
	if (good) passed++;
	else {
		failed++;
		console.log(`FAIL ${what}`);
	}
}
// What is not to be seen is no fault.
function testSeen(good, what) {
	if (good || !unseen.some(([pattern]) => pattern.test(what))) test(good, what);
}
function seen(good, what) {
	testSeen(good, `${what}: was never seen`);
}

const document = load(file);
const validity = await new Validator().validate(load(file));
test(validity.valid, `not OpenAPI 3.1: ${JSON.stringify(validity.errors, null, 1)}`);
checkProgram(test, document, JSON.parse(readFileSync(describedFile, "utf8")));

const exchanges = records.flatMap(readRecord);
const judge = new Judge(test, document);
judge.run(exchanges);
for (const { path, count } of judge.places) seen(count > 0, path);
for (const { name, statuses } of judge.operations()) {
	for (const [status, { names, seen: errors, count }] of statuses) {
		seen(count > 0, `${name} ${status}`);
		if (count > 0 && !name.startsWith("HEAD"))
			for (const error of names) seen(errors.has(error), `${name} ${status} ${error}`);
	}
}
checkExamples(testSeen, judge, exchanges);
console.log(`${passed} passed, ${failed} failed`);
