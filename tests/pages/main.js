/*
 * Runs the scenarios, each in a browser session of its own: main.js URL STATE PORT
 * PORT is that of the origin that is configured, http://localhost:PORT.
 */

import { chromium } from "playwright-core";

import { conduct } from "./conduct.js";
import { origins } from "./origins.js";
import { people } from "./people.js";
import { Server } from "./server.js";
import { Session } from "./session.js";

const [url, state, port] = process.argv.slice(2);
const server = new Server(url, state);
const count = { passed: 0, failed: 0 };

/* With a new empty profile in TMPDIR, which goes with it. */
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: [
		"--headless",
		"--no-sandbox",
		"--disable-gpu",
		"--disable-quic",
		"--no-first-run",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
	],
});

function check(what, good, detail = "") {
	count[good ? "passed" : "failed"]++;
	if (!good) console.log(`FAILED  ${what}: ${detail}`);
}

for (const [name, scenario] of Object.entries({ ...people, ...conduct })) {
	if (!browser.isConnected()) {
		check("the browser runs to the end", false);
		break;
	}

	const session = new Session(browser, server, name, check);

	try {
		await session.start();
		await scenario(session);
		session.checkConduct();
	} catch (error) {
		check(`${name}: it runs to its end`, false, error.stack);
	}
	await session.end();
}
try {
	await origins(browser, server, Number(port), check);
} catch (error) {
	check("pages of other sites: the story runs to its end", false, error.stack);
}
await browser.close();
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed || !count.passed ? 1 : 0;
