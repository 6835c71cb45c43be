/* Sets a password with the code that was mailed: a first one, or in place of a forgotten one. */

import { start } from "./page.js";

/* In bytes, as the server counts them. */
const LEAST = 8;
const MOST = 512;

const password = document.getElementById("new_password");
const show = document.getElementById("show");

function setShown(shown) {
	show.checked = shown;
	password.type = shown ? "text" : "password";
}

show.addEventListener("change", () => setShown(show.checked));

start({
	act: {
		method: "POST",
		path: "accounts/individual/reset/",
		body: ({ email, new_password, code }, { expires }) => ({
			email,
			new_password,
			code,
			...(Number.isFinite(expires) && { code_expiration_timestamp: expires }),
		}),
		expected: (answer) => answer === null,
	},
	renew: {
		method: "POST",
		path: "accounts/individual/send-reset-password-email/",
		body: ({ email }) => ({ email }),
		expected: (answer) => answer === null,
	},
	names: ["email", "code", "new_password"],
	check: {
		new_password: (text) => {
			const bytes = new TextEncoder().encode(text).length;

			return bytes < LEAST ? "short" : bytes > MOST ? "long" : undefined;
		},
	},
	before: () => setShown(false), // lest the browser remembers it as a text
});
