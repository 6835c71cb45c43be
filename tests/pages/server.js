/*
 * What a scenario needs of the server besides the pages: accounts, what the links in their mails say,
 * and whether somebody can log in. Mails are files in the state directory; the root account is that of
 * the HTTP tests.
 */

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

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

	/* What the links to a page say that were mailed to an address. */
	links(email, page) {
		if (!existsSync(this.mails)) return [];
		return readdirSync(this.mails)
			.map((name) => readFileSync(join(this.mails, name), "utf8"))
			.map((mail) => mail.replace(/=\r?\n/g, "").replaceAll("=3D", "="))
			.map((mail) => mail.match(/https?:\/\/\S+[?&]code=\S+/)?.[0])
			.map((link) => link && new URL(link))
			.filter((link) => link?.pathname === `/pages/${page}.html`)
			.map((link) => Object.fromEntries(link.searchParams))
			.filter((said) => said.email === email);
	}

	/* The same, when there are this many: mails may come after the answer. */
	async mailed(email, page, many) {
		const end = Date.now() + 15000;
		let links = this.links(email, page);

		while (links.length < many && Date.now() < end) {
			await setTimeout(20);
			links = this.links(email, page);
		}
		if (links.length < many) throw new Error(`${links.length} mails to ${email}`);
		return links;
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
		return (await this.mailed(email, "verify", 1))[0];
	}

	async forgottenPassword(email) {
		const { code } = await this.newAccount(email);

		await this.must("POST", "accounts/verify/", { email, code });
		await this.must("POST", "accounts/individual/send-reset-password-email/", {
			email,
		});
		return (await this.mailed(email, "password", 1))[0];
	}

	async canLogIn(email, password) {
		const { status } = await this.call("POST", "login/individual/", {
			email,
			password,
		});

		return status === 200;
	}

	/* How many mails with links to a page went to an address after the first. */
	async mailsTo(email, page) {
		return (await this.mailed(email, page, 2)).length - 1;
	}
}
