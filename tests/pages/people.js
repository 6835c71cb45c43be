/*
 * What people do with the pages, and what must come of it. The server is a real one, but for what such a
 * one does not do on demand: there the scenario says itself what the next answer is.
 */

import { both, GOOD, RESET, VERIFY } from "./both.js";

const LONG_AGO = 1700000000;

const throttled = (seconds) => ({
	error_code: 2,
	error_name: "TooManyRequests",
	message: "too many",
	error_data: { name: "RATE_LIMIT_OVERFLOW", retry_after: seconds },
});
const unavailable = {
	error_code: 1,
	error_name: "ServerUnavailable",
	message: "try again",
	error_data: { error: "no responder", name: "SERVER_UNAVAILABLE" },
};

/* Goes on by Tab until this element has the focus; every stop must be visible. */
async function tabTo(t, selector) {
	for (let stops = 0; stops < 12; stops++) {
		await t.page.keyboard.press("Tab");
		if (
			await t.page.evaluate(
				(wanted) => document.activeElement.matches(wanted),
				selector,
			)
		) {
			const outline = await t.page.evaluate(
				() => getComputedStyle(document.activeElement).outlineStyle,
			);

			return t.check(
				`the focus on ${selector} can be seen`,
				outline !== "none",
				outline,
			);
		}
	}
	return t.check(`Tab reaches ${selector}`, false);
}

export const people = {
	"verify an address": async (t) => {
		const link = await t.server.newAccount(t.email);

		await t.open("verify", link);
		await t.expect("it asks", {
			outcome: "",
			trouble: "",
			form: true,
			search: "",
			text: RegExp(t.email),
		});
		await t.state("asks");
		t.check("nothing was sent by opening it", t.called === "", t.called);
		t.check(
			"nobody can log in yet",
			!(await t.server.canLogIn(t.email, "the old password")),
		);
		await t.press("Verify this address");
		await t.expect("it is verified", {
			outcome: "done",
			form: false,
			focus: "done",
			text: RegExp(t.email),
		});
		await t.state("done");
		t.check("one call", t.called === `POST ${VERIFY}`, t.called);
		t.check(
			"what it said",
			JSON.stringify(t.said) ===
				JSON.stringify({ code: link.code, email: t.email }),
			JSON.stringify(t.said),
		);
		t.check(
			"the account can log in",
			await t.server.canLogIn(t.email, "the old password"),
		);
		t.check(
			"the code is forgotten",
			(await t.page.evaluate(() => history.state)) === null,
		);

		// and once more by the same link
		await t.open("verify", link);
		await t.press("Verify this address");
		await t.expect("used", {
			outcome: "mismatch",
			form: false,
			text: /verified.*before.*log in/,
		});
	},

	"reset a password": async (t) => {
		const link = await t.server.forgottenPassword(t.email);
		const email = t.page.getByLabel("Email address");
		const password = t.page.getByLabel("New password");

		await t.open("password", link);
		await t.expect("it asks", { outcome: "", trouble: "", form: true, search: "" });
		await t.state("asks");
		for (const [field, attribute, value] of [
			[email, "autocomplete", "username"],
			[email, "readonly", ""],
			[password, "autocomplete", "new-password"],
			[password, "minlength", "8"],
			[password, "type", "password"],
		]) {
			const got = await field.getAttribute(attribute);

			t.check(`${attribute}: ${value}`, got === value, got);
		}
		t.check("the email is there", (await email.inputValue()) === t.email);
		await password.fill(GOOD);
		await t.page.getByLabel("Show the password").check();
		t.check("shown", (await password.getAttribute("type")) === "text");
		await t.state("shown");
		await t.page.getByLabel("Show the password").uncheck();
		t.check("hidden", (await password.getAttribute("type")) === "password");
		await t.page.getByLabel("Show the password").check();
		t.check("nothing was sent by typing it", t.called === "", t.called);
		await t.press("Set this password");
		await t.expect("it is set", { outcome: "done", form: false, focus: "done" });
		await t.state("done");
		t.check("hidden again", (await password.getAttribute("type")) === "password");
		t.check("gone", (await password.inputValue()) === "");
		t.check("one call", t.called === `POST ${RESET}`, t.called);
		t.check(
			"what it said",
			JSON.stringify(t.said) ===
				JSON.stringify({
					email: t.email,
					new_password: GOOD,
					code: link.code,
					code_expiration_timestamp: Number(
						link.code_expiration_timestamp,
					),
				}),
			JSON.stringify(t.said),
		);
		t.check("the new one works", await t.server.canLogIn(t.email, GOOD));
		t.check(
			"the old one does not",
			!(await t.server.canLogIn(t.email, "the old password")),
		);
		t.check(
			"the code is forgotten",
			(await t.page.evaluate(() => history.state)) === null,
		);
	},

	"weak password": async (t) => {
		const password = t.page.getByLabel("New password");

		await t.open("password", await t.server.forgottenPassword(t.email));
		for (const [text, wanted] of [
			["", /empty/],
			["seven77", /at least 8/],
			["é".repeat(257), /at most 512/],
		]) {
			await password.fill(text);
			await t.press("Set this password");
			await t.expect("the page says so", {
				faults: wanted,
				focus: "new_password",
				outcome: "",
			});
		}
		t.check("without asking the server", t.called === "", t.called);
		await password.fill(t.email);
		await t.press("Set this password");
		await t.expect("the server says so", {
			faults: /must not be the account/,
			focus: "new_password",
			form: true,
			trouble: "",
		});
		t.check(
			"the field says so",
			(await password.getAttribute("aria-invalid")) === "true",
		);
		await t.state("weak");
		await password.fill("é".repeat(4)); // eight bytes are enough
		await t.press("Set this password");
		await t.expect("then it is set", { outcome: "done", faults: /^\{\}$/ });
		t.check("and works", await t.server.canLogIn(t.email, "é".repeat(4)));
	},

	...both(
		"with a wrong code",
		async (t, { page, button, called, renewed, fresh, fillIn }) => {
			const { code, ...link } = await fresh(t.server, t.email);

			await t.open(page, { ...link, code: `${code}x` });
			await fillIn(t);
			await t.press(button);
			await t.expect("it says so", {
				outcome: "mismatch",
				form: false,
				focus: "mismatch",
			});
			await t.state("mismatch");
			const before = await t.page.evaluate(
				() => document.activeElement.innerText,
			);

			t.check(
				"and why",
				/used.*replaced.*mistyped.*too old/s.test(before),
				before,
			);
			await t.press("Send me a new mail");
			await t.expect("a new mail", {
				outcome: "sent",
				form: false,
				focus: "sent",
				text: /If this address has/,
			});
			await t.state("sent");
			t.check("the calls", t.called === `${called}, ${renewed}`, t.called);
			t.check(
				"what it said",
				JSON.stringify(t.said) === JSON.stringify({ email: t.email }),
			);
			t.check("the mail", (await t.server.mailsTo(t.email, page)) === 1);
		},
	),

	...both(
		"with an expired link",
		async (t, { page, button, called, renewed, fresh, fillIn }) => {
			const link = {
				...(await fresh(t.server, t.email)),
				code_expiration_timestamp: LONG_AGO,
			};

			await t.open(page, link);
			await t.expect("it says so", {
				outcome: "expired",
				form: false,
				focus: "expired",
				search: "",
			});
			await t.state("expired");
			t.check("nothing was sent by opening it", t.called === "", t.called);
			// the server's clock counts, not the device's
			await t.press("Try this link all the same");
			await t.expect("the form is back", { outcome: "", form: true });
			t.answer(page === "verify" ? VERIFY : RESET, 401, {
				error_code: 21,
				error_name: "AuthError",
				message: "",
				error_data: {
					error: "",
					name:
						page === "verify"
							? "ACTIVATION_CODE_DOES_NOT_MATCH"
							: "RESET_CODE_DOES_NOT_MATCH",
				},
			});
			await fillIn(t);
			await t.press(button);
			await t.expect("the server says so", { outcome: "mismatch", form: false });
			t.check("one call", t.called === called, t.called);
			await t.open(page, link);
			await t.press("Send me a new mail");
			await t.expect("a new mail", { outcome: "sent" });
			t.check("two calls", t.called === `${called}, ${renewed}`, t.called);
		},
	),

	...both("for a stranger", async (t, { page, button, renewed, fillIn }) => {
		await t.open(page, { code: "stranger", email: t.email });
		await fillIn(t);
		await t.press(button);
		await t.expect("as any wrong code", { outcome: "mismatch" });
		await t.press("Send me a new mail");
		await t.expect("as for any address", { outcome: "sent" });
		t.check("it asked", t.called.endsWith(renewed), t.called);
	}),

	...both("too often", async (t, { page, button, path, renew, fresh, fillIn }) => {
		await t.open(page, await fresh(t.server, t.email));
		await fillIn(t);
		for (const [seconds, when] of [
			[1, "in 1 second"],
			[45, "in 45 seconds"],
			[100, "in 2 minutes"],
			[7200, "in 2 hours"],
		]) {
			t.answer(path, 429, throttled(seconds), {
				"Retry-After": String(seconds),
			});
			await fillIn(t);
			await t.press(button);
			await t.expect(`it says when: ${when}`, {
				trouble: "throttled",
				form: true,
				focus: "throttled",
				text: RegExp(`try again ${when}\\.`),
			});
		}
		await t.state("throttled");
		t.answer(
			path,
			429,
			{
				error_name: "TooManyRequests",
				error_code: 2,
				error_data: { name: "RATE_LIMIT_OVERFLOW" },
			},
			{ "Retry-After": "30" },
		);
		await t.press(button);
		await t.expect("by the header alone", {
			trouble: "throttled",
			text: /in 30 seconds/,
		});
		await t.press(button);
		await t.expect("then it works", { outcome: "done", trouble: "" });

		// asking for mails
		await t.open(page, { code: "wrong", email: t.email });
		await fillIn(t);
		await t.press(button);
		await t.expect("a wrong code", { outcome: "mismatch" });
		t.answer(renew, 429, throttled(60), { "Retry-After": "60" });
		await t.press("Send me a new mail");
		await t.expect("no new mail yet", {
			outcome: "mismatch",
			trouble: "throttled",
			text: /in 60 seconds/,
		});
		await t.state("throttled mail");
		await t.press("Send me a new mail");
		await t.expect("later", { outcome: "sent", trouble: "" });
	}),

	...both("while the server is away", async (t, { page, button, path, fresh, fillIn }) => {
		await t.open(page, await fresh(t.server, t.email));
		await fillIn(t);
		for (const answer of [
			[503, unavailable, { "Retry-After": "5" }],
			[502, "<html>Bad Gateway</html>"],
			[500, ""],
		]) {
			t.answer(path, ...answer);
			await t.press(button);
			await t.expect(`${answer[0]}`, {
				trouble: "unavailable",
				outcome: "",
				form: true,
				focus: "unavailable",
				text: /Nothing is lost/,
			});
		}
		t.instead(path, (route) => route.abort("connectionrefused"));
		await t.press(button);
		await t.expect("no connection", { trouble: "unavailable", form: true });
		await t.state("unavailable");
		for (const answer of [
			[200, "<html>Welcome to this network</html>"],
			[200, { verified: false }],
			[404, { error_name: "NotFoundError", error_data: {} }],
			[400, { error_data: { query: { colour: ["?"] } } }],
		]) {
			t.answer(path, ...answer);
			await t.press(button);
			await t.expect(`no answer of this API: ${answer[0]}`, {
				trouble: "unexpected",
				form: true,
			});
		}
		await t.state("unexpected");
		await t.page.reload();
		await t.expect("a reload keeps what the link said", {
			form: true,
			search: "",
			trouble: "",
		});
		await fillIn(t);
		await t.press(button);
		await t.expect("nothing was lost", { outcome: "done" });
	}),

	...both("by hand", async (t, { page, button, called, renewed, fresh, fillIn }) => {
		const link = await fresh(t.server, t.email);

		await t.open(page);
		await t.expect("it asks for both", {
			form: true,
			text: /type your email address and the code/,
		});
		await t.state("typed");
		await t.press(button);
		await t.expect("both are missing", {
			faults: /email.*must not be empty.*code.*must not be empty/,
			focus: "email",
		});
		await t.state("typed missing");
		await t.press("Send me a new mail");
		await t.expect("whom to?", { faults: /email.*must not be empty/, focus: "email" });
		t.check("nothing was sent", t.called === "", t.called);
		await t.page.getByLabel("Email address").fill(` ${t.email} `);
		await t.page.getByLabel("Code").fill("mistyped");
		await fillIn(t);
		await t.press(button);
		await t.expect("mistyped", { outcome: "mismatch", form: true, focus: "mismatch" });
		await t.state("typed mismatch");
		await t.page
			.getByLabel("Code")
			.fill(`${link.code.slice(0, 4)} ${link.code.slice(4)}\t`);
		await t.page.keyboard.press("Enter");
		await t.expect("typed", { outcome: "done", form: false });
		t.check("the calls", t.called === `${called}, ${called}`, t.called);
		t.check("the code belongs to no link", !("code_expiration_timestamp" in t.said));

		// a new mail for somebody who has no code, and the way from a broken link
		await t.open(page, { email: t.email });
		await t.press("Send me a new mail");
		await t.expect("a new mail", { outcome: "sent", form: true });
		t.check("it asked", t.called.endsWith(renewed), t.called);
		await t.open(page, { email: t.email, code: "cut" });
		await fillIn(t);
		await t.press(button);
		await t.expect("cut", { outcome: "mismatch", form: false });
		await t.page.getByRole("link", { name: "type a code by hand" }).click();
		await t.expect("the form", {
			outcome: "",
			form: true,
			text: /type your email address and the code/,
		});
	}),

	...both("by keyboard", async (t, { page, called, renewed, fresh }) => {
		const { code, ...link } = await fresh(t.server, t.email);

		await t.open(page, { ...link, code: `${code}x` });
		if (page === "password") {
			await tabTo(t, "#new_password");
			await t.page.keyboard.type(GOOD);
			await tabTo(t, "#show");
			await t.page.keyboard.press("Space");
			t.check(
				"shown",
				(await t.page.getByLabel("New password").getAttribute("type")) ===
					"text",
			);
		}
		await tabTo(t, "form button");
		await t.page.keyboard.press("Enter");
		await t.expect("wrong", { outcome: "mismatch", focus: "mismatch" });
		await tabTo(t, "[data-renew]");
		await t.page.keyboard.press("Space");
		await t.expect("a new mail", { outcome: "sent", focus: "sent" });
		t.check("the calls", t.called === `${called}, ${renewed}`, t.called);
	}),
};
