// Whether the questions of benches/jobs are answered right, what that costs, and the table of docs/questions.md.
//
//   cargo bench --bench jobs | node .ci/jobs.mjs [--write]
//
// Fails where an answer is wrong or costs more tokens than it may (o200k_base), and where that page's requests or tokens differ
// by more than a tenth; --write corrects them. Of a bench that asks of one size, the columns of that size alone are compared.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { encode } = createRequire(`${process.env.TOKENIZER ?? "."}/`)("gpt-tokenizer/encoding/o200k_base");
const [write] = process.argv.slice(2);
// What is asked of: controls, and whether the index is there.
const COLUMNS = [[1000, "off"], [1000, "asked"], [10000, "off"], [10000, "asked"]];

// The most that opening the index may take, at any size here. What it takes of time depends on the machine, and is told alone.
const MOST_MIB = 40;

const printed = readFileSync(0, "utf8").split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
const asked = printed.filter(({ ask }) => ask);
const opened = printed.filter(({ opened }) => opened);
const rows = new Map();
let failed = false;
for (const { controls, index, ask, tool, calls, requests, text, most, wrong } of asked) {
  const tokens = encode(text).length;
  const where = `${controls} controls, index ${index}: ${ask}`;
  for (const difference of wrong) console.error(`WRONG, ${where} ${difference}`);
  if (tokens > most) console.error(`${where} may cost ${most} tokens and costs ${tokens}`);
  failed ||= wrong.length > 0 || tokens > most;
  if (!rows.has(ask)) rows.set(ask, { tool, cells: new Map() });
  rows.get(ask).cells.set(`${controls} ${index}`, { calls, requests, tokens, isRight: wrong.length === 0 });
}
const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
const sizes = opened.map(({ controls, entities, opened: { milliseconds, peakKib, storeBytes } }) => {
  if (peakKib > MOST_MIB * 1024) {
    console.error(`opening the index of ${controls} controls takes ${mib(peakKib * 1024)} MiB`);
    failed = true;
  }
  return `| ${controls.toLocaleString("en-US")} | ${entities.toLocaleString("en-US")} | ${mib(storeBytes)} MiB | ${milliseconds} ms | ${mib(peakKib * 1024)} MiB |`;
});
console.log(sizes.join("\n"));
if (failed) process.exit(1);

const cellsOf = ({ cells }) => COLUMNS.map(([controls, index]) => cells.get(`${controls} ${index}`));
const all = [...rows.values()].flatMap(cellsOf).filter(Boolean);
if (all.length === 0) {
  console.error("this is not what the bench prints");
  process.exit(1);
}
const figure = (number) => number.toLocaleString("en-US");
const told = (cell) =>
  `${figure(cell.calls)} / ${figure(cell.requests)} / ${figure(cell.tokens)} / ${cell.isRight ? "right" : "wrong"}`;

const path = new URL("../docs/questions.md", import.meta.url);
const page = readFileSync(path, "utf8");
const between = /(<!-- jobs -->\n)[^]*?(<!-- \/jobs -->)/;
// A row: the question, the tool, and a cell for each column.
const shown = new Map((between.exec(page)?.[0].split("\n") ?? []).map((row) => row.split(" | "))
  .filter((parts) => parts.length === 2 + COLUMNS.length && /(right|wrong|–) \|$/.test(parts.at(-1)))
  .map(([ask, tool, ...cells]) => [`${ask.replace(/^\| /, "")} ${tool}`, cells.map((cell) => cell.replace(/ \|$/, ""))]));
const cells = [...rows].map(([ask, row]) => {
  const there = shown.get(`${ask} \`${row.tool}\``) ?? [];
  // What was not asked this time stays as it is.
  return { ask, tool: row.tool, there, now: cellsOf(row).map((cell, at) => (cell ? told(cell) : (there[at] ?? "–"))) };
});
const lines = cells.map(({ ask, tool, now }) => `| ${ask} | \`${tool}\` | ${now.join(" | ")} |`);
console.log(lines.join("\n"));
console.log(`${all.filter(({ isRight }) => isRight).length} of ${all.length} answers are right`);

const numbers = (cell) => cell.split(" / ").slice(0, 3).map((number) => Number(number.replaceAll(",", "")));
// Dates move from day to day, and with them what falls due: no figure is held closer than that.
const isNear = (number, now) => Math.abs(number - now) <= Math.max(now / 10, 3);
const isTrue = (there, now) => there === now
  || (there !== undefined && there.endsWith("/ right") && now.endsWith("/ right")
    && numbers(now).every((number, at) => isNear(numbers(there)[at], number)));
const stale = cells.flatMap(({ ask, there, now }) =>
  now.flatMap((cell, at) => (isTrue(there[at], cell) ? [] : [`${ask}: now ${cell}, there ${there[at]}`])));
if (stale.length === 0 && shown.size === cells.length && write !== "--write") process.exit(0);
if (write !== "--write") {
  stale.forEach((line) => console.error(line));
  console.error("docs/questions.md has other figures; run this with --write");
  process.exit(1);
}
const head = `| question | tool | ${COLUMNS.map(([controls, index]) =>
  `${figure(controls)}, ${index === "off" ? "no index" : "index"}`).join(" | ")} |\n|---|---|---|---|---|---|\n`;
const fresh = page.replace(between, `$1\n${head}${lines.join("\n")}\n\n$2`);
// What a machine takes is not held to a figure, but to its bounds.
const sizesHead = "| controls | failing items | in the store | to open it | memory at the peak, beyond none |\n|---|---|---|---|---|\n";
const ofIndex = /(<!-- index -->\n)[^]*?(<!-- \/index -->)/;
const ofSizes = `\n${sizesHead}${sizes.join("\n")}\n\n`;
writeFileSync(path, opened.length < 2 ? fresh : fresh.replace(ofIndex, `$1${ofSizes}$2`));
