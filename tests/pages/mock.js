/*
 * The part of the API that the pages use, as the contract describes it, for a browser session. Also
 * what a scenario needs besides: accounts, codes as a mail would bring them, and whether somebody can
 * log in.
 * server.js is the same with a real server.
 */

const failure = (status, error_code, error_name, error_data) => ({
	status,
	body: { error_code, error_name, message: error_name, error_data },
});
const mismatch = (name) =>
	failure(401, 21, "AuthError", { error: "the code does not match", name });
const wrong = (query) => failure(400, 40, "WrongData", { query });
const done = (body) => ({ status: 200, body });

export class Mock {
	accounts = new Map();
	codes = 0;

	/* A new account with a code for a purpose; what a link would say. */
	add(email, purpose, verified) {
		const code = `code-${++this.codes}`;
		const expires = Math.floor(Date.now() / 1000) + 3600;

		this.accounts.set(email, {
			password: "the old password",
			verified,
			[purpose]: code,
		});
		return { code, email, code_expiration_timestamp: expires };
	}

	async newAccount(email) {
		return this.add(email, "verify", false);
	}

	async forgottenPassword(email) {
		return this.add(email, "reset", true);
	}

	async canLogIn(email, password) {
		const account = this.accounts.get(email);

		return Boolean(account?.verified && account.password === password);
	}

	/* How many mails went to an address after the first. */
	async mailsTo(email) {
		return this.accounts.get(email)?.mails ?? 0;
	}

	async attach(context) {
		await context.route("**/accounts/**", (route) => {
			const request = route.request();
			const path = new URL(request.url()).pathname.replace(
				/^.*\/accounts\//,
				"accounts/",
			);
			const operation = this.operations[`${request.method()} ${path}`];
			const { status, body } =
				operation?.call(this, request.postDataJSON()) ??
				failure(404, 60, "NotFoundError", { name: "ENDPOINT_NOT_FOUND" });

			return route.fulfill({
				status,
				...(body && {
					contentType: "application/json",
					body: JSON.stringify(body),
				}),
			});
		});
	}

	mail(email, purpose) {
		const account = this.accounts.get(email);

		if (account && !(purpose === "verify" && account.verified))
			Object.assign(account, {
				mails: (account.mails ?? 0) + 1,
				[purpose]: `code-${++this.codes}`,
			});
		return done();
	}

	operations = {
		"POST accounts/verify/": ({ email, code }) => {
			const account = this.accounts.get(email);

			if (!email.includes("@"))
				return wrong({ email: ["must be an email address"] });
			if (!account?.verify || account.verify !== code)
				return mismatch("ACTIVATION_CODE_DOES_NOT_MATCH");
			account.verified = true;
			delete account.verify;
			return done({ email, verified: true });
		},
		"PUT accounts/resend-verification-code/": ({ email }) => this.mail(email, "verify"),
		"POST accounts/individual/reset/": ({ email, code, new_password }) => {
			const account = this.accounts.get(email);

			if (new_password === email)
				return wrong({
					new_password: [
						"must not be the account's own name or email",
					],
				});
			if (!account?.reset || account.reset !== code)
				return mismatch("RESET_CODE_DOES_NOT_MATCH");
			Object.assign(account, { password: new_password, verified: true });
			delete account.reset;
			return done();
		},
		"POST accounts/individual/send-reset-password-email/": ({ email }) =>
			this.mail(email, "reset"),
	};
}
