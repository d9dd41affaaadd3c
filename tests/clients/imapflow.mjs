// One working day of an imapflow client; what it saw goes to standard output as JSON.
import { createRequire } from "node:module";
import path from "node:path";

const [packages, port, user, password] = process.argv.slice(2);
const { ImapFlow } = createRequire(path.join(packages, "x.js"))("imapflow");
const options = {
	host: "127.0.0.1", port, secure: true, auth: { user, pass: password },
	tls: { rejectUnauthorized: false }, logger: false, qresync: true,
};
const letter = (subject, text) =>
	Buffer.from(`From: Анна <anna@troika.test>\r\nSubject: ${subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`);

const client = new ImapFlow(options);
await client.connect();
const seen = { enabled: [...client.enabled].sort(), capabilities: [...client.capabilities.keys()].sort() };

await client.mailboxCreate(["Проекты", "2026 & later"]);
seen.mailboxes = (await client.list({ statusQuery: { messages: true, unseen: true } }))
	.map(({ path, specialUse, status }) => [path, specialUse ?? null, status?.messages ?? null]);

for (const [subject, text] of [["one", "first text"], ["two", "Привет, мир"], ["three", "third"]])
	await client.append("INBOX", letter(subject, text), subject === "two" ? ["\\Flagged"] : []);

const lock = await client.getMailboxLock("INBOX");
const rows = await client.fetchAll("1:*", { uid: true, flags: true, envelope: true, bodyStructure: true, size: true, source: true });
seen.subjects = rows.map((row) => row.envelope.subject);
seen.from = rows[0].envelope.from[0].name;
seen.type = rows[0].bodyStructure.type;
seen.whole = rows.every((row) => row.source.length === row.size);
seen.flagged = await client.search({ flagged: true }, { uid: true });
seen.text = await client.search({ body: "привет" }, { uid: true });
await client.messageFlagsAdd("1", ["\\Seen"]);
seen.unseen = await client.search({ seen: false }, { uid: true });
const { content } = await client.download("2", "1");
let text = "";
for await (const piece of content) text += piece;
seen.downloaded = text.trim();
const moved = await client.messageMove("3", "Проекты/2026 & later");
seen.moved = [...moved.uidMap].length;
seen.quota = typeof (await client.getQuota("INBOX")) === "object";

// What another client does arrives while this one idles.
const news = new Promise((resolve) => client.once("exists", resolve));
const idling = client.idle();
const other = new ImapFlow(options);
await other.connect();
await other.append("INBOX", letter("four", "news"));
await other.logout();
seen.exists = (await news).count;
await client.noop();
await idling;
seen.deleted = await client.messageDelete("1");
seen.left = client.mailbox.exists;
lock.release();
seen.status = await client.status("Проекты/2026 & later", { messages: true, uidNext: true, unseen: true });
await client.mailboxRename(["Проекты", "2026 & later"], ["Архив 🗄"]);
await client.mailboxDelete("Проекты");
seen.paths = (await client.list()).map(({ path }) => path).filter((path) => path !== "INBOX" && /[^\x00-\x7f]/.test(path));
await client.logout();
console.log(JSON.stringify(seen));
