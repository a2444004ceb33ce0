// Asks the demo tenant what the README says can be asked, and keeps the costs in it true: calls, and tokens (o200k_base)
// of what the assistant writes and reads for them. The list of tools itself is counted by tokens.mjs.
//
//   node .ci/questions.mjs BINARY [--write]
//
// Fails where a question is not answered, or where the README differs by more than a tenth; --write corrects it.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const { encode } = createRequire(`${process.env.TOKENIZER ?? "."}/`)("gpt-tokenizer/encoding/o200k_base");
const [binary, write] = process.argv.slice(2);
const questions = JSON.parse(readFileSync(new URL("questions.json", import.meta.url), "utf8"));

const server = spawn(binary, ["serve", "--demo", "--demo-limits", "off", "--access", "destroy"], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
let last = 0;
async function request(method, params) {
  const id = ++last;
  server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the server ended before it answered ${method}`);
    const message = JSON.parse(value);
    if (message.id === id) return message;
  }
}
await request("initialize", {
  protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "questions", version: "1" },
});
server.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');

const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
// {0.items.0.id} is taken from the first answer to this question.
function filled(value, answers) {
  if (Array.isArray(value)) return value.map((item) => filled(item, answers));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, answers)]));
  }
  if (value === "{today}") return day(0);
  if (value === "{in 7 days}") return day(7);
  const path = /^\{(\d.*)\}$/.exec(value)?.[1];
  return path ? path.split(".").reduce((found, step) => found[step], answers) : value;
}
async function call(name, given, answers) {
  const wanted = { name, arguments: filled(given, answers) };
  let answer;
  for (;;) {
    answer = await request("tools/call", wanted);
    const { result, error } = answer;
    if (error || result.isError) throw new Error(`${name}: ${error?.message ?? result.content[0].text}`);
    // What a job is still looking at in the background comes with a later answer, whose cost is the one to tell.
    if (!result.structuredContent.unfinished) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { result } = answer;
  answers.push(result.structuredContent);
  return encode(JSON.stringify(wanted)).length + encode(result.content[0].text).length;
}

const asked = [];
for (const { ask, before = [], calls } of questions) {
  const answers = [];
  for (const [name, given] of before) await call(name, given, answers);
  let tokens = 0;
  for (const [name, given] of calls) tokens += await call(name, given, answers);
  // A question to which the tenant has no answer shows no cost.
  const empty = answers.find((answer) => answer.count === 0);
  if (empty) throw new Error(`nothing is found for: ${ask}`);
  asked.push({ ask, calls: calls.length, tokens });
}
server.stdin.end();

const path = new URL("../README.md", import.meta.url);
const readme = readFileSync(path, "utf8");
const [, shown] = /<!-- questions -->\n([^]*?)<!-- \/questions -->/.exec(readme);
const rows = shown.split("\n").map((line) => /^\|(.+)\|(\d+)\|([\d,]+)\|$/.exec(line)).filter(Boolean);
const told = (row) => Number(row?.[3].replaceAll(",", ""));
const isTrue = (one, row) =>
  row?.[1] === one.ask && Number(row[2]) === one.calls && Math.abs(told(row) - one.tokens) <= one.tokens / 10;
for (const { ask, calls, tokens } of asked) console.log(`${ask} ${calls} calls, ${tokens} tokens`);
if (asked.length === rows.length && asked.every((one, index) => isTrue(one, rows[index]))) process.exit(0);
if (write !== "--write") {
  console.error("the README's costs of questions are not these; --write corrects them");
  process.exit(1);
}
const rounded = (tokens) => (tokens < 1000 ? Math.round(tokens / 10) * 10 : Math.round(tokens / 100) * 100).toLocaleString("en-US");
const table = asked.map(({ ask, calls, tokens }) => `|${ask}|${calls}|${rounded(tokens)}|\n`).join("");
const between = /(<!-- questions -->\n)[^]*?(<!-- \/questions -->)/;
writeFileSync(path, readme.replace(between, `$1\n|Ask|Calls|Tokens|\n|---|--:|--:|\n${table}\n$2`));
