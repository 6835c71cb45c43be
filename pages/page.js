/*
 * What the pages behind the links in mails share: the values of the link, calls of the API, and
 * showing what came of them. All texts are in the HTML, for whoever wants to change or translate
 * them.
 *
 * Nothing is ever sent before somebody presses a button: programs that look through mails open links.
 *
 *   form             email, code, and what a page needs besides
 *   [data-mode]      shown only when the values came by "link", or only when they are "typed"
 *   [data-outcome]   what came of it, one at a time
 *   [data-trouble]   what passes by itself, above the outcome or the form
 *   [data-fill]      takes a value: "email", "when"
 *   [data-renew]     a button that asks for a new mail
 *   [data-anyway]    a button that goes on although the link has expired
 *   .fault           what is wrong with its field: data-subject, then the server's words, or ours,
 *                    which are in data-empty and the like
 */

const api = new URL(document.querySelector("meta[name=doorward-api]").content, document.baseURI);
const form = document.querySelector("form");
const progress = document.querySelector(".progress");

/* Milliseconds until the server counts as silent. It gives up a request by itself before that. */
const PATIENCE = 30000;

/* What the error_data.name of an error means here, or else its status. */
const failures = {
	429: "throttled",
	ACTIVATION_CODE_DOES_NOT_MATCH: "mismatch",
	RESET_CODE_DOES_NOT_MATCH: "mismatch",
	RATE_LIMIT_OVERFLOW: "throttled",
};

const all = (selector) => document.querySelectorAll(selector);

/*
 * Takes the code out of the address bar, where others would see it, into the history entry, where a
 * reload finds it.
 */
function takeLink() {
	const query = new URLSearchParams(location.search);
	const said = {
		code: query.get("code") ?? "",
		// a plus sign that was not escaped: no address has a space
		email: (query.get("email") ?? "").trim().replaceAll(" ", "+"),
		expires: parseFloat(query.get("code_expiration_timestamp")), // or NaN
	};
	const link = location.search ? said : (history.state ?? {});

	history.replaceState(link, "", location.pathname);
	return link;
}

/* null for an empty text, undefined for one that is no JSON. */
function parse(text) {
	try {
		return text ? JSON.parse(text) : null;
	} catch {
		return undefined;
	}
}

/*
 * Calls the API. Gives what came of it, "done" when expected(answer) holds, with faults, the WrongData
 * of single fields, and seconds to wait, where the server says so.
 */
async function call({ method, path, expected }, body) {
	let response, text;

	try {
		response = await fetch(new URL(path, api), {
			method,
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify(body),
			cache: "no-store",
			signal: AbortSignal.timeout(PATIENCE),
		});
		text = await response.text();
	} catch {
		return { outcome: "unavailable" };
	}

	const answer = parse(text);

	if (response.ok) return { outcome: expected(answer) ? "done" : "unexpected" };

	const { name, query, retry_after } = answer?.error_data ?? {};
	const other = response.status >= 500 ? "unavailable" : "unexpected";

	return {
		outcome: failures[name] ?? failures[response.status] ?? (query ? "faults" : other),
		faults: query,
		seconds: Number(retry_after ?? response.headers.get("Retry-After") ?? NaN),
	};
}

/* "in 2 minutes", in the page's language. */
function inTime(seconds) {
	const [, length, unit] = [
		[90, 1, "second"],
		[5400, 60, "minute"],
		[Infinity, 3600, "hour"],
	].find(([most]) => seconds <= most);

	return new Intl.RelativeTimeFormat(document.documentElement.lang).format(
		Math.max(1, Math.ceil(seconds / length)),
		unit,
	);
}

function fill(name, text) {
	for (const element of all(`[data-fill=${name}]`)) element.textContent = text;
}

function hide(selector) {
	for (const element of all(selector)) element.hidden = true;
}

function setMode(mode) {
	form.dataset.mode = mode;
	form.elements.email.readOnly = mode === "link";
	for (const element of all("[data-mode]:not(form)"))
		element.hidden = element.dataset.mode !== mode;
}

/* Shows a message and takes the reader there. A link that led nowhere needs its form no more. */
function showMessage(name) {
	const outcome = document.querySelector(`[data-outcome=${name}]`);
	const message = outcome ?? document.querySelector(`[data-trouble=${name}]`);

	if (outcome) {
		hide("[data-outcome]");
		form.hidden = name === "done" || form.dataset.mode === "link";
	}
	message.hidden = false;
	message.focus();
}

function clearFaults() {
	for (const fault of all(".fault")) fault.textContent = "";
	for (const input of form.elements) input.removeAttribute("aria-invalid");
}

/*
 * Says what is wrong with fields, { name: [text, …], … }, and goes to the first; what the link said
 * may have to be typed then. Gives whether the form has any of them.
 */
function showFaults(faults) {
	const inputs = [...form.elements].filter(
		(input) => input.name && Object.hasOwn(faults, input.name),
	);

	if (faults.email || faults.code) setMode("typed");
	for (const input of inputs) {
		const fault = document.getElementById(`${input.name}-fault`);

		fault.textContent = `${fault.dataset.subject} ${[faults[input.name]].flat().join(", ")}.`;
		input.setAttribute("aria-invalid", "true");
	}
	form.hidden &&= inputs.length === 0;
	inputs[0]?.focus();
	return inputs.length > 0;
}

/* What the page itself can tell about the named inputs: "short" of check stands for data-short. */
function findFaults(names, check) {
	const faults = {};

	for (const name of names) {
		const text = form.elements[name].value;
		const fault = text === "" ? "empty" : check?.[name]?.(text);

		if (fault) faults[name] = [document.getElementById(`${name}-fault`).dataset[fault]];
	}
	return faults;
}

/*
 * Starts a page:
 *   act      what the form does: { method, path, body(values, link), expected(answer) }
 *   renew    how to get a new mail: the same
 *   names    the form's inputs
 *   check    what the page can tell about an input that is not empty: { name: (text) => "short" };
 *            optional, as what follows
 *   before   called before act is sent
 */
export function start({ act, renew, names, check, before }) {
	const link = takeLink();
	let busy = false;

	// A link's timestamp belongs to the link's code.
	const present = () => (form.dataset.mode === "link" ? link : {});

	function values() {
		const { email, code } = form.elements;

		email.value = email.value.trim();
		code.value = code.value.replace(/\s/g, ""); // mail programs break lines
		return Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
	}

	/* One call at a time: a second press of the button is none. */
	async function run(operation, needed, success) {
		if (busy) return;
		clearFaults();
		hide("[data-trouble]");

		const body = operation.body(values(), present());
		const found = findFaults(needed, check);

		if (showFaults(found)) return;
		busy = true;
		if (operation === act) before?.();
		progress.textContent = progress.dataset.busy;

		const { outcome, faults = {}, seconds } = await call(operation, body);

		progress.textContent = "";
		busy = false;
		if (seconds >= 0) fill("when", inTime(seconds));
		if (outcome === "done") success();
		else if (outcome !== "faults") showMessage(outcome);
		else if (!showFaults(faults)) showMessage("unexpected");
	}

	function finish() {
		fill("email", form.elements.email.value);
		history.replaceState(null, "", location.pathname); // the code is of no more use
		form.reset();
		showMessage("done");
	}

	form.elements.email.value = link.email ?? "";
	form.elements.code.value = link.code ?? "";
	fill("email", link.email ?? "");
	setMode(link.email && link.code ? "link" : "typed");
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		run(act, names, finish);
	});
	for (const button of all("[data-renew]"))
		button.addEventListener("click", () =>
			run(renew, ["email"], () => showMessage("sent")),
		);
	for (const button of all("[data-anyway]"))
		button.addEventListener("click", () => {
			hide("[data-outcome], [data-trouble]");
			form.hidden = false;
			form.querySelector("button").focus();
		});
	form.hidden = false;
	if (present().expires <= Date.now() / 1000) showMessage("expired");
}
