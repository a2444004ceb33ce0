// Counts what lists cost an assistant, in tokens of o200k_base, and keeps the table of docs/tools.md true.
//
//   cargo bench --bench answers | node .ci/answers.mjs [--write]
//
// Fails where a list costs more than it may, or where that page differs by more than a twentieth; --write corrects it.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { encode } = createRequire(`${process.env.TOKENIZER ?? "."}/`)("gpt-tokenizer/encoding/o200k_base");
const [write] = process.argv.slice(2);
// The most tokens of a default answer that holds 100 items.
const MOST = { controls: 4500, people: 5000, vulnerabilities: 6000 };
const VIEWS = ["upstream", "default", "json", "fields", "countOnly", "groupBy", "jq"];

const asked = readFileSync(0, "utf8").split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
const found = new Map();
for (const { kind, items, view, shown, requests, text } of asked) {
  const row = `${kind} ${items}`;
  if (!found.has(row)) found.set(row, { kind, items });
  found.get(row)[view] = { tokens: encode(text).length, requests, shown };
}
const rows = [...found.values()];
const lacks = ({ kind, items, ...views }) => VIEWS.some((view) => !views[view]);
if (rows.length === 0 || rows.some(lacks)) {
  console.error("this is not all that the bench prints");
  process.exit(1);
}

const figure = (number) => number.toLocaleString("en-US");
const cell = (row, view) => {
  const { tokens, requests, shown } = row[view];
  const isCut = ["default", "json", "fields"].includes(view) && shown < row.items;
  return `${figure(tokens)}${isCut ? ` (${shown} items)` : ""} / ${requests}`;
};
const line = (row) => `| ${row.kind} | ${figure(row.items)} | ${VIEWS.map((view) => cell(row, view)).join(" | ")} |`;
const table = rows.map(line).join("\n");
console.log(table);

const dear = rows.filter(({ kind, items, default: { tokens, shown } }) =>
  items === 100 && kind in MOST && (shown < 100 || tokens > MOST[kind]));
for (const { kind, default: { tokens, shown } } of dear) {
  console.error(`100 ${kind} may cost ${figure(MOST[kind])} tokens: ${shown} of them are ${figure(tokens)}`);
}
if (dear.length > 0) process.exit(1);

const path = new URL("../docs/tools.md", import.meta.url);
const page = readFileSync(path, "utf8");
const between = /(<!-- answers -->\n)[^]*?(<!-- \/answers -->)/;
const shown = between.exec(page)?.[0].split("\n").filter((row) => /^\| \w+ \| [\d,]+ \|/.test(row)) ?? [];
const numbers = (row) => row.match(/[\d,]+/g).map((number) => Number(number.replaceAll(",", "")));
const isTrue = (row, index) => {
  const [now, then] = [numbers(line(row)), numbers(shown[index] ?? "| 0 |")];
  return shown[index]?.startsWith(`| ${row.kind} |`) && now.length === then.length
    && now.every((number, at) => Math.abs(number - then[at]) <= number / 20);
};
if (shown.length === rows.length && rows.every(isTrue)) process.exit(0);
if (write !== "--write") {
  console.error("docs/tools.md has other costs of lists; run this with --write");
  process.exit(1);
}
const head = `| list | items | the API's own JSON | default | \`format: json\` | three \`fields\` | \`countOnly\` | \`groupBy\` | \`jq\` |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |`;
writeFileSync(path, page.replace(between, `$1\n${head}\n${table}\n\n$2`));
