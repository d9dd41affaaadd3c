// One working day of a node-imap client; what it saw goes to standard output as JSON.
const { createRequire } = require("node:module");
const path = require("node:path");
const { promisify } = require("node:util");

const [packages, port, user, password] = process.argv.slice(2);
const Imap = createRequire(path.join(packages, "x.js"))("node-imap");
const client = new Imap({ user, password, host: "127.0.0.1", port, tls: true, tlsOptions: { rejectUnauthorized: false } });
const call = (name, ...words) => promisify(client[name]).call(client, ...words);

function fetched(numbers, wanted) {
	return new Promise((resolve, reject) => {
		const rows = [];
		const fetch = client.seq.fetch(numbers, wanted);
		fetch.on("message", (message) => {
			const row = { body: "" };
			message.on("body", (stream) => stream.on("data", (piece) => (row.body += piece)));
			message.once("attributes", ({ uid, flags }) => Object.assign(row, { uid, flags }));
			message.once("end", () => rows.push(row));
		});
		fetch.once("error", reject);
		fetch.once("end", () => resolve(rows));
	});
}

async function day() {
	const seen = {};
	await call("addBox", "Отчёты");
	seen.boxes = Object.keys(await call("getBoxes")).sort();
	await call("append", "Subject: one\r\n\r\nfirst\r\n", { mailbox: "INBOX", flags: ["Seen"] });
	await call("append", "Subject: two\r\n\r\nsecond\r\n", { mailbox: "INBOX" });
	seen.total = (await call("openBox", "INBOX", false)).messages.total;
	const rows = await fetched("1:*", { bodies: "HEADER.FIELDS (SUBJECT)", struct: true });
	seen.subjects = rows.map(({ body }) => Imap.parseHeader(body).subject[0]);
	seen.unseen = await call("search", ["UNSEEN"]);
	seen.sorted = client.serverSupports("SORT") ? await call("sort", ["-ARRIVAL"], ["ALL"]) : null;
	seen.threads = client.serverSupports("THREAD=REFERENCES") ? (await call("thread", "REFERENCES", ["ALL"])).length : null;
	await call("addFlags", seen.unseen, ["Flagged"]);
	await call("addKeywords", seen.unseen, ["Later"]);
	seen.keyword = await call("search", [["KEYWORD", "Later"]]);
	const news = new Promise((resolve) => client.once("mail", resolve));
	await call("append", "Subject: three\r\n\r\nthird\r\n", { mailbox: "INBOX" });
	seen.news = await news;
	await call("move", seen.unseen, "Отчёты");
	await call("addFlags", "*", ["Deleted"]);
	await call("expunge");
	seen.left = (await fetched("1:*", { bodies: "TEXT" })).map(({ body }) => body.trim());
	seen.there = (await call("status", "Отчёты")).messages.total;
	await call("renameBox", "Отчёты", "Отчёты 2026");
	await call("delBox", "Отчёты 2026");
	console.log(JSON.stringify(seen));
	client.end();
}

client.once("ready", () => day().catch((error) => { console.error(error); process.exit(1); }));
client.once("error", (error) => { console.error(error); process.exit(1); });
client.connect();
