/* The two pages, for scenarios that are the same for both. */

export const VERIFY = "accounts/verify/";
export const RESEND = "accounts/resend-verification-code/";
export const RESET = "accounts/individual/reset/";
export const FORGOTTEN = "accounts/individual/send-reset-password-email/";
export const GOOD = "a horse in the attic";
/* The two pages in one row each: what they do and what is on their buttons. */
export const pages = {
	verify: {
		page: "verify",
		button: "Verify this address",
		path: VERIFY,
		called: `POST ${VERIFY}`,
		renew: RESEND,
		renewed: `PUT ${RESEND}`,
		fresh: (server, email) => server.newAccount(email),
		fillIn: async () => {},
	},
	password: {
		page: "password",
		button: "Set this password",
		path: RESET,
		called: `POST ${RESET}`,
		renew: FORGOTTEN,
		renewed: `POST ${FORGOTTEN}`,
		fresh: (server, email) => server.forgottenPassword(email),
		fillIn: (t) => t.page.getByLabel("New password").fill(GOOD),
	},
};

/* A scenario for each of the two pages. */
export const both = (name, scenario) =>
	Object.fromEntries(
		Object.entries(pages).map(([page, what]) => [
			`${page} ${name}`,
			(t) => scenario(t, what),
		]),
	);
