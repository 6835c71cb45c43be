/* One scenario's browser session: opens a page as a link does, and watches all that it does. */

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/* A desk's window and the narrowest of phones. */
const DESK = { width: 1000, height: 760 };
const PHONE = { width: 360, height: 640 };

/* What is on the screen: the message that is shown, and the fields' values. */
function look() {
	const shown = (element) => element.checkVisibility();
	const names = (selector, key) =>
		[...document.querySelectorAll(selector)]
			.filter(shown)
			.map((element) => element.dataset[key])
			.join(" ");

	return {
		outcome: names("[data-outcome]", "outcome"),
		trouble: names("[data-trouble]", "trouble"),
		form: shown(document.querySelector("form")),
		faults: Object.fromEntries(
			[...document.querySelectorAll(".fault")]
				.filter(shown)
				.map((element) => [
					element.id.replace("-fault", ""),
					element.textContent,
				]),
		),
		focus:
			document.activeElement.dataset.outcome ??
			document.activeElement.dataset.trouble ??
			document.activeElement.id,
		text: document.querySelector("main").innerText,
		search: location.search + location.hash,
		busy: document.querySelector(".progress").textContent !== "",
	};
}

export class Session {
	constructor(browser, server, name, check) {
		Object.assign(this, {
			browser,
			server,
			name,
			url: server.url,
			requests: [],
			taken: [],
			complaints: [],
		});
		this.check = (what, good, detail) => check(`${name}: ${what}`, good, detail);
	}

	async start(options = {}) {
		await this.end();
		this.context = await this.browser.newContext({
			viewport: DESK,
			reducedMotion: "reduce",
			locale: "en-GB",
			...options,
		});
		this.context.setDefaultTimeout(10000);
		this.page = await this.context.newPage();
		this.page.on("request", (request) => this.requests.push(request));
		this.page.on("pageerror", (error) => this.complaints.push(error.message));
		// that an answer was no success is the browser's to say, and no complaint
		this.page.on("console", (message) => {
			if (
				["error", "warning"].includes(message.type()) &&
				!message.text().startsWith("Failed to load")
			)
				this.complaints.push(message.text());
		});
		await this.page.addInitScript(() =>
			addEventListener("securitypolicyviolation", (event) =>
				console.error(
					`policy: ${event.violatedDirective} ${event.blockedURI}`,
				),
			),
		);
		await this.context.route("**/accounts/**", (route) => {
			const url = route.request().url();
			const at = this.taken.findIndex(({ path }) => url.endsWith(`/${path}`));

			return at < 0 ? route.continue() : this.taken.splice(at, 1)[0].take(route);
		});
	}

	async end() {
		await this.context?.close();
		this.context = undefined;
	}

	/* An address for this scenario alone. */
	get email() {
		return `${this.name.replaceAll(" ", "-")}@example.com`;
	}

	/* Opens a page as the link in a mail does. */
	async open(page, values = {}) {
		await this.page.goto(
			`${this.url}/pages/${page}.html?${new URLSearchParams(values)}`,
		);
		await this.page.locator("form[data-mode]").waitFor({ state: "attached" });
	}

	/* The requests to the API so far, as "METHOD path", and what the last one said. */
	get calls() {
		return this.requests.filter(
			(request) => !request.url().startsWith(`${this.url}/pages/`),
		);
	}

	get called() {
		return this.calls
			.map(
				(request) =>
					`${request.method()} ${request.url().slice(this.url.length + 1)}`,
			)
			.join(", ");
	}

	get said() {
		return this.calls.at(-1)?.postDataJSON();
	}

	/* Takes the next call of a path from the server: take(route) must do something with it. */
	instead(path, take) {
		this.taken.push({ path, take });
	}

	/* Answers the next call of a path in the server's place. */
	answer(path, status, body = "", headers = {}) {
		this.instead(path, (route) =>
			route.fulfill({
				status,
				headers,
				body: typeof body === "string" ? body : JSON.stringify(body),
				contentType: "application/json",
			}),
		);
	}

	/* Presses the visible button with this name. */
	async press(name) {
		await this.page
			.getByRole("button", { name, exact: true })
			.filter({ visible: true })
			.first()
			.click();
	}

	/* Checks that the page shows this, some time soon: { outcome, trouble, form, focus, … }. */
	async expect(what, wanted) {
		const same = (seen) =>
			Object.entries(wanted).every(([key, value]) =>
				value instanceof RegExp
					? value.test(JSON.stringify(seen[key]))
					: seen[key] === value,
			);
		const end = Date.now() + 10000;
		let seen = await this.page.evaluate(look);

		while ((seen.busy || !same(seen)) && Date.now() < end) {
			await this.page.waitForTimeout(20);
			seen = await this.page.evaluate(look);
		}
		this.check(what, same(seen), `${JSON.stringify(seen)}`);
	}

	/*
	 * What holds in every state: nothing that axe finds, in the light and in the dark; all of it on a
	 * narrow phone, also with letters of twice the size.
	 */
	async state(name) {
		const { page } = this;

		await page.evaluate(axe);
		for (const colorScheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme });
			const found = await page.evaluate(() =>
				window.axe.run(document, { resultTypes: ["violations"] }),
			);

			this.check(
				`${name}, ${colorScheme}: axe`,
				found.violations.length === 0,
				found.violations
					.map(
						({ id, nodes }) =>
							`${id} ${nodes.map(({ html }) => html).join(" ")}`,
					)
					.join("; "),
			);
			await this.picture(name, colorScheme);
		}
		await page.setViewportSize(PHONE);
		await this.checkWidth(`${name}, phone`);
		await this.picture(name, "phone");
		await page.evaluate(() => {
			document.documentElement.style.fontSize = "200%";
		});
		await this.checkWidth(`${name}, phone, large letters`);
		await this.picture(name, "phone-large");
		await page.evaluate(() => {
			document.documentElement.style.fontSize = "";
		});
		await page.setViewportSize(DESK);
		await page.emulateMedia({ colorScheme: "light" });
	}

	async checkWidth(name) {
		const width = await this.page.evaluate(() => document.documentElement.scrollWidth);

		this.check(`${name}: nothing is beside the screen`, width <= PHONE.width, width);
	}

	async picture(state, kind) {
		const file = `${this.name}-${state}-${kind}.png`;

		if (process.env.SCREENSHOTS)
			await this.page.screenshot({
				fullPage: true,
				path: join(process.env.SCREENSHOTS, file.replaceAll(" ", "-")),
			});
	}

	/* What holds for every scenario, at its end. */
	checkConduct() {
		const foreign = this.requests
			.map((request) => request.url())
			.filter((url) => !url.startsWith(`${this.url}/`));

		this.check("no other host is asked", foreign.length === 0, foreign.join(" "));
		this.check(
			"the browser complains of nothing",
			this.complaints.length === 0,
			this.complaints.join("; "),
		);
		this.check(
			"only calls of the API change something",
			this.requests.every(
				(request) =>
					request.method() === "GET" || this.calls.includes(request),
			),
		);
	}
}
