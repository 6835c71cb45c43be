/* How the pages behave, whoever looks at them and wherever they are. */

import { both, VERIFY } from "./both.js";

export const conduct = {
	...both("opened by a program", async (t, { page, button, fresh }) => {
		const link = await fresh(t.server, t.email);

		await t.open(page, link);
		for (let times = 0; times < 3; times++)
			await t.page.reload({ waitUntil: "networkidle" });
		for (const field of await t.page.getByRole("textbox").all()) await field.focus();
		await t.page.getByRole("button", { name: button }).hover();
		await t.page.goto("about:blank");
		await t.page.goBack({ waitUntil: "networkidle" });
		await t.expect("the form is there", { form: true, outcome: "", search: "" });
		t.check("nothing was sent", t.called === "", t.called);
		t.check("the link was asked for, the API was not", t.requests.length > 4);
		const referrers = t.requests
			.map((request) => request.headers().referer)
			.filter(Boolean);

		t.check("nobody was told the link", referrers.length === 0, referrers.join(" "));
	}),

	...both("pressed twice", async (t, { page, button, path, called, fresh, fillIn }) => {
		let release;
		const held = new Promise((resolve) => {
			release = resolve;
		});

		await t.open(page, await fresh(t.server, t.email));
		await fillIn(t);
		t.instead(path, async (route) => {
			await held;
			await route.continue();
		});
		await t.press(button);
		await t.page.getByText("One moment…").waitFor();
		await t.picture("busy", "light");
		await t.press(button);
		release();
		await t.expect("done", { outcome: "done" });
		t.check("one call", t.called === called, t.called);
	}),

	...both("elsewhere", async (t, { page, button, path, fresh, fillIn }) => {
		const link = await fresh(t.server, t.email);
		const base = "../cgi-bin/doorward.fcgi/";

		await t.page.route(`**/${page}.html*`, async (route) => {
			const response = await route.fetch();
			const body = (await response.text()).replace(
				'content="../"',
				`content="${base}"`,
			);

			await route.fulfill({ response, body });
		});
		t.answer(`cgi-bin/doorward.fcgi/${path}`, 503);
		await t.open(page, link);
		await fillIn(t);
		await t.press(button);
		await t.expect("it asked there", { trouble: "unavailable" });
		t.check(
			"the API's address",
			t.called === `POST cgi-bin/doorward.fcgi/${path}`,
			t.called,
		);
	}),

	...both("in the dark", async (t, { page }) => {
		await t.start({ colorScheme: "dark" });
		await t.open(page, { code: "x", email: t.email });
		const [paper, ink] = await t.page.evaluate(() => {
			const { backgroundColor, color } = getComputedStyle(document.body);
			const lightness = (text) =>
				text
					.match(/\d+/g)
					.slice(0, 3)
					.reduce((sum, part) => sum + Number(part), 0) / 3;

			return [lightness(backgroundColor), lightness(color)];
		});

		t.check("light on dark", paper < 60 && ink > 180, `${ink} on ${paper}`);
	}),

	...both("at rest", async (t, { page }) => {
		const moves = () =>
			t.page.evaluate(
				() =>
					getComputedStyle(document.querySelector("form button"))
						.transitionDuration !== "0s",
			);

		await t.open(page, { code: "x", email: t.email });
		t.check("nothing moves where less motion is wanted", !(await moves()));
		await t.page.emulateMedia({ reducedMotion: "no-preference" });
		t.check("elsewhere it does", await moves());
	}),

	...both("with a long address", async (t, { page }) => {
		const email = `${"a-very-long-name".repeat(4)}@${"mail.".repeat(30)}example.com`;

		await t.open(page, { code: "x", email });
		await t.expect("it is there", { form: true });
		await t.state("long");
	}),

	...both("with a plus sign", async (t, { page, button, fillIn }) => {
		const email = "anna+news@example.com";

		await t.page.goto(`${t.url}/pages/${page}.html?code=x&email=${email}`);
		await fillIn(t);
		await t.press(button);
		await t.expect("an answer", { outcome: "mismatch" });
		t.check("the address", t.said.email === email, t.said.email);
	}),

	"verify no address": async (t) => {
		await t.open("verify", { code: "x", email: "nobody" });
		t.answer(VERIFY, 400, {
			error_code: 40,
			error_name: "WrongData",
			message: "",
			error_data: { query: { email: ["must be an email address"] } },
		});
		await t.press("Verify this address");
		await t.expect("it can be typed then", {
			form: true,
			focus: "email",
			faults: /The email address must be an email address\./,
		});
		await t.state("fault");
	},

	...both("without JavaScript", async (t, { page, path }) => {
		await t.start({ javaScriptEnabled: false, viewport: { width: 360, height: 640 } });
		await t.page.goto(`${t.url}/pages/${page}.html?code=x&email=${t.email}`);
		const text = await t.page.locator("main").innerText();

		t.check(
			"it says how to go on",
			text.includes("JavaScript") && text.includes(`curl https://SERVER/${path}`),
			text,
		);
		t.check(
			"no form that does nothing",
			(await t.page.getByRole("button").count()) === 0,
		);
		await t.checkWidth("phone");
		await t.picture("noscript", "phone");
		await t.page.emulateMedia({ colorScheme: "dark" });
		await t.picture("noscript", "dark");
	}),
};
