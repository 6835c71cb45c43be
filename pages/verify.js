/* Verifies an email address with the code that was mailed to it. */

import { start } from "./page.js";

start({
	act: {
		method: "POST",
		path: "accounts/verify/",
		body: ({ code, email }) => ({ code, email }),
		expected: (answer) => answer?.verified === true,
	},
	renew: {
		method: "PUT",
		path: "accounts/resend-verification-code/",
		body: ({ email }) => ({ email }),
		expected: (answer) => answer === null,
	},
	names: ["email", "code"],
});
