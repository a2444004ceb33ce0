// The Inspector's web page in a real browser, driven as a person would:
// inspector-web.mjs CHROMIUM PORT ARTIFACTS VERSION stdio BINARY | http URL TOKEN
// The page is served at PORT, and over HTTP the server has to allow it as an origin.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [executablePath, port, artifacts, version, kind, where, token] = process.argv.slice(2);

const PATIENCE = 30_000;

const screenshot = (moment) => join(artifacts, `inspector-${version}-${kind}-${moment}.png`);

/** Starts the page's server for a token and answers its address, and what ends it. */
async function inspector(token) {
  const home = mkdtempSync(join(tmpdir(), 'inspector-'));
  const server =
    kind === 'stdio'
      ? ['--', where, 'serve', '--demo', '--access', 'destroy', '--confirm-by', 'arguments']
      : ['--server-url', where, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
  const era = version === '2026-07-28' ? 'modern' : 'legacy';
  const child = spawn('mcp-inspector', ['--web', '--protocol-era', era, ...server], {
    env: {
      ...process.env,
      CLIENT_PORT: port,
      HOME: home,
      HOST: '127.0.0.1',
      MCP_AUTO_OPEN_ENABLED: 'false',
      MCP_INSPECTOR_SECRET_STORE: 'memory',
    },
  });
  const ended = new Promise((done) => child.once('close', done));
  const end = async () => {
    child.kill();
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  let told = '';
  let timer;
  const url = new Promise((found, failed) => {
    const hear = (piece) => {
      told += piece;
      const match = told.match(/http:\/\/127\.0\.0\.1:\d+\S*TOKEN=\S+/);
      if (match) found(match[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', failed);
    child.once('exit', () => failed(new Error(`the Inspector ended: ${told}`)));
    timer = setTimeout(() => failed(new Error(`the Inspector does not start: ${told}`)), PATIENCE);
  });
  try {
    return { url: await url, end };
  } catch (error) {
    await end();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Opens the Inspector with a token and flips the switch that connects it. */
async function opened(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1500, height: 1100 } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(url);
  // The switch is drawn over its input, which is not always visible by itself, so it is clicked without a pointer.
  const connect = page.getByRole('switch', { name: /Connect or disconnect/ });
  await connect.waitFor({ state: 'attached' });
  await connect.dispatchEvent('click');
  return page;
}

/** Connects, lists, reads, previews and confirms, with a server that asks nobody: the page would show a form of its own. */
async function use(page) {
  await page.getByText(`MCP ${version}`).waitFor();
  await page.getByRole('radiogroup').first().getByText('Tools', { exact: true }).click();
  const main = page.getByRole('main');
  for (const name of ['list_controls', 'find_tools', 'run_write_tool']) {
    await main.getByRole('button', { name }).first().waitFor();
  }

  /** Chooses a tool, fills in what is given, runs it, and waits until the results show a text. */
  const run = async (name, fields, expected) => {
    await main.getByRole('button', { name }).first().click();
    for (const [field, value] of Object.entries(fields)) {
      await main.getByRole('textbox', { name: field, exact: true }).fill(value);
    }
    await main.getByRole('button', { name: 'Execute Tool' }).click();
    await results().waitFor();
    await main.getByText(expected).first().waitFor();
  };
  const results = () => main.locator('xpath=//*[normalize-space(text())="Results"]');
  /** Results stand where the form was, until they are closed. */
  const close = () => results().locator('xpath=preceding::button[1]').click();

  await run('panel_overview', {}, /"byPlan"/);
  await close();
  await run('terminate_panel_account', { user: 'baker' }, /Nothing has been changed/);
  await page.screenshot({ path: screenshot('preview') });
  const preview = await main.getByText(/"?confirmation"?\s*:/).first().innerText();
  const [, confirmation] = /"?confirmation"?\s*:\s*"([\w-]+)"/.exec(preview) ?? [];
  if (!confirmation) throw new Error(`the preview shows no confirmation: ${preview}`);
  await close();
  await run('find_panel_account', { account: 'hillside' }, /hillside-bakery/);
  await close();
  await run('terminate_panel_account', { user: 'baker', confirm: 'yes' }, /nothing was changed/);
  await close();
  await run('terminate_panel_account', { user: 'baker', confirm: 'baker', confirmation }, /"terminated"/);
  await page.screenshot({ path: screenshot('confirmed') });
  await close();
  await run('find_panel_account', { account: 'hillside' }, /None of/);
  assert.equal(await main.getByText(/hillside-bakery/).count(), 0, 'the account is gone');
}

/** What a script of the page itself gets from the server for a token: the status, once the browser lets it see one. */
async function status(page, token) {
  const answer = async ([url, token]) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    headers.Accept = 'application/json, text/event-stream';
    const clientInfo = { name: 'page', version: '0' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  return page.evaluate(answer, [where, token]);
}

// What a browser does by itself would reach for the network, which the test has nothing to do with.
const quiet = ['disable-background-networking', 'disable-component-update', 'disable-quic', 'disable-sync'];
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet.map((name) => `--${name}`)],
});
let page;
let end = async () => {};
try {
  let url;
  ({ url, end } = await inspector(token));
  page = await opened(browser, url);
  await use(page);
  if (kind === 'http') {
    assert.equal(await status(page, token), 200);
    assert.equal(await status(page, 'vmcp_wrong'), 401);
    await page.close();
    await end();
    ({ url, end } = await inspector('vmcp_wrong'));
    page = await opened(browser, url);
    await page.getByText('401 Unauthorized').first().waitFor();
    await page.getByText('Failed to connect').first().waitFor();
  }
} catch (error) {
  await page?.screenshot({ path: screenshot('failed') }).catch(() => {});
  throw error;
} finally {
  await browser.close();
  await end();
}
