/*
 * The same as mock.js with a real server, whose mails are files in its state directory. The root
 * account is that of the HTTP tests.
 */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const PASSWORD = "the old password";

export class Server {
	constructor(url, state) {
		this.url = url;
		this.mails = join(state, "mail", "new");
	}

	async call(method, path, body, token) {
		const response = await fetch(`${this.url}/${path}`, {
			method,
			body: JSON.stringify(body),
			headers: {
				"Content-Type": "application/json",
				...(token && { Authorization: `Bearer ${token}` }),
			},
		});
		const text = await response.text();

		return { status: response.status, body: text ? JSON.parse(text) : null };
	}

	async must(...request) {
		const { status, body } = await this.call(...request);

		if (status !== 200)
			throw new Error(
				`${request.slice(0, 2).join(" ")}: ${status} ${JSON.stringify(body)}`,
			);
		return body;
	}

	/* The links in the mails to an address, oldest first. */
	links(email) {
		const found = readdirSync(this.mails)
			.map((name) => readFileSync(join(this.mails, name), "utf8"))
			.map((mail) =>
				mail
					.replaceAll("=\r\n", "")
					.replaceAll("=\n", "")
					.replaceAll("=3D", "="),
			)
			.map((mail) => mail.match(/https?:\/\/\S+[?&]code=\S+/)?.[0])
			.map((link) => link && new URL(link).searchParams)
			.filter((query) => query?.get("email") === email);

		return found.sort(
			(a, b) =>
				a.get("code_expiration_timestamp") -
				b.get("code_expiration_timestamp"),
		);
	}

	/* What the newest mail's link says, when there are this many: they may come after the answer. */
	async newest(email, many) {
		const end = Date.now() + 15000;
		let links = [];

		while (links.length < many && Date.now() < end) {
			await new Promise((resolve) => {
				setTimeout(resolve, 50);
			});
			links = this.links(email);
		}
		if (links.length < many) throw new Error(`${links.length} mails to ${email}`);
		return Object.fromEntries(links.at(-1));
	}

	async newAccount(email) {
		this.root ??= (
			await this.must("POST", "login/root/", {
				email: "root@example.com",
				password: "rootpassword",
			})
		).token;
		await this.must(
			"POST",
			"accounts/individual/",
			{ email, password: PASSWORD },
			this.root,
		);
		return this.newest(email, 1);
	}

	async forgottenPassword(email) {
		const { code } = await this.newAccount(email);

		await this.must("POST", "accounts/verify/", { email, code });
		await this.must("POST", "accounts/individual/send-reset-password-email/", {
			email,
		});
		this.known ??= new Map();
		this.known.set(email, 1);
		return this.newest(email, 2);
	}

	async canLogIn(email, password) {
		return (
			(await this.call("POST", "login/individual/", { email, password }))
				.status === 200
		);
	}

	async mailsTo(email) {
		const before = 1 + (this.known?.get(email) ?? 0);

		await this.newest(email, before + 1);
		return this.links(email).length - before;
	}
}
