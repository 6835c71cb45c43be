/*
 * Pages of other sites that use the API: a shop's, whose origin is configured and whose backend logs its
 * user in, and a stranger's. Both are served by servers of their own, so nothing but the browser and the
 * API decides what they may read.
 */

import { once } from "node:events";
import { createServer } from "node:http";

const ITEM = "123e4567-e89b-12d3-a456-426614174000";
const RATING = `users/~me/ratings/${ITEM}/`;
const BLANK = "<!doctype html><title>A page</title>";

/* A site on a port of localhost: an empty page, and what its backend says at /session. */
async function openSite(port, session) {
	const site = createServer(async (request, response) => {
		if (request.url !== "/session") {
			response.setHeader("Content-Type", "text/html");
			response.end(BLANK);
			return;
		}
		response.setHeader("Content-Type", "application/json");
		response.end(JSON.stringify(await session()));
	});

	site.listen(port, "localhost");
	await once(site, "listening");
	return site;
}

/* The shop's accounts, and what its backend does: it vouches for user 42. */
async function openShop(server, port) {
	const { token } = await server.must("POST", "login/root/", {
		email: "root@example.com",
		password: "rootpassword",
	});

	await server.must(
		"POST",
		"databases/",
		{ name: "shop", item_id_type: "uuid", user_id_type: "uint32" },
		token,
	);
	await server.must(
		"POST",
		"accounts/service/",
		{ name: "shop-web", password: "correct horse battery", role: "frontend" },
		token,
	);
	return openSite(port, () =>
		server.must("POST", "login/service/", {
			name: "shop-web",
			password: "correct horse battery",
			db_name: "shop",
			frontend_user_id: 42,
		}),
	);
}

/* Runs in the page: one call by fetch(), and all that the page gets to see of its answer. */
async function fetchInPage([url, method, body, token, options]) {
	try {
		const response = await fetch(url, {
			method,
			body: body && JSON.stringify(body),
			headers: {
				...(body && { "Content-Type": "application/json" }),
				...(token && { Authorization: `Bearer ${token}` }),
			},
			...options,
		});
		const text = await response.text();

		return {
			status: response.status,
			type: response.type,
			body: text ? JSON.parse(text) : null,
			challenge: response.headers.get("WWW-Authenticate"),
		};
	} catch (error) {
		return { refused: error.name };
	}
}

async function openPage(context, site, server) {
	const page = await context.newPage();

	await page.goto(`http://localhost:${site.address().port}/`);
	return {
		backend: () => page.evaluate(async () => (await fetch("/session")).json()),
		call: (method, path, body = undefined, token = undefined, options = {}) =>
			page.evaluate(fetchInPage, [
				`${server.url}/${path}`,
				method,
				body,
				token,
				options,
			]),
	};
}

/* The listed origin: logged in by its backend, it renews, calls, and is refused beyond its user. */
async function shopStory(shop, check) {
	const { refresh_token } = await shop.backend();
	const renewed = await shop.call("POST", "login/refresh-token/", { refresh_token });
	const token = renewed.body?.token;
	const rows = [
		["GET", "health", undefined, undefined, 200],
		["POST", "login/jwt/", undefined, token, 200, (body) => body.frontend_user_id === 42],
		["PUT", RATING, { rating: 8 }, token, 200],
		[
			"GET",
			"users/~me/ratings/",
			undefined,
			token,
			200,
			(body) => body.user_ratings[0].rating === 8,
		],
		["GET", "users/7/ratings/", undefined, token, 403, "OTHER_USER"],
		["DELETE", "users/7/ratings/", undefined, token, 403, "OTHER_USER"],
		["GET", "databases/", undefined, token, 403, "ROLE_NOT_ALLOWED"],
		["POST", "accounts/service/", { name: "x" }, token, 403, "ROLE_NOT_ALLOWED"],
		["POST", "login/refresh-token/", { refresh_token: "x" }, undefined, 401],
		["PUT", RATING, { rating: 11 }, token, 400],
		["GET", "nothing/", undefined, undefined, 404, "ENDPOINT_NOT_FOUND"],
	];

	check("the shop renews", Boolean(token), JSON.stringify(renewed));
	for (const [method, path, body, bearer, status, wanted = () => true] of rows) {
		const got = await shop.call(method, path, body, bearer);
		const good =
			typeof wanted === "string"
				? got.body?.error_data?.name === wanted
				: got.status === status && wanted(got.body);

		check(
			`the shop: ${method} ${path}`,
			got.type === "cors" && got.status === status && good,
			JSON.stringify(got),
		);
	}

	const forged = await shop.call("POST", "login/jwt/", undefined, "a.b.c");

	check(
		"the shop can read what is wrong with a token",
		forged.status === 401 && forged.challenge === 'Bearer error="invalid_token"',
		JSON.stringify(forged),
	);

	const withCookies = await shop.call("GET", "health", undefined, undefined, {
		credentials: "include",
	});

	check(
		"nothing is read with a browser's own credentials",
		withCookies.refused === "TypeError",
		JSON.stringify(withCookies),
	);
	return token;
}

/* The other one: it reads nothing, and what needs a preflight is not even sent. */
async function strangerStory(stranger, token, check) {
	const rows = [
		["GET", "health"],
		["GET", ""],
		["GET", "nothing/"],
		["POST", "login/service/", { name: "shop-web", password: "guess" }],
		["POST", "login/refresh-token/", { refresh_token: "x" }],
		["POST", "login/jwt/", undefined, token],
		["GET", "users/~me/ratings/", undefined, token],
		["PUT", RATING, { rating: 1 }, token],
		["DELETE", RATING, undefined, token],
	];

	for (const [method, path, body, bearer] of rows) {
		const got = await stranger.call(method, path, body, bearer);

		check(
			`a stranger: ${method} ${path}`,
			got.refused === "TypeError",
			JSON.stringify(got),
		);
	}

	const blind = await stranger.call("GET", "health", undefined, undefined, {
		mode: "no-cors",
	});

	check(
		"a stranger that does not ask reads nothing either",
		blind.type === "opaque" && blind.status === 0 && blind.body === null,
		JSON.stringify(blind),
	);
}

export async function origins(browser, server, port, check) {
	const sites = [await openShop(server, port), await openSite(0)];
	const context = await browser.newContext();

	try {
		const shop = await openPage(context, sites[0], server);
		const stranger = await openPage(context, sites[1], server);
		const token = await shopStory(shop, check);

		await strangerStory(stranger, token, check);

		const { body } = await shop.call("GET", "users/~me/ratings/", undefined, token);

		check(
			"the stranger changed nothing",
			body?.user_ratings?.[0]?.rating === 8,
			JSON.stringify(body),
		);

		const left = await shop.call("POST", "login/logout/", undefined, token);
		const after = await shop.call("POST", "login/jwt/", undefined, token);

		check("the shop logs out", left.status === 200, JSON.stringify(left));
		check("and is out", after.status === 401, JSON.stringify(after));
	} finally {
		await context.close();
		for (const site of sites) {
			site.closeAllConnections();
			site.close();
		}
	}
}
